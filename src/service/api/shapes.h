#pragma once
// The bodies that the routes take and give.

#include "service/api/shape.h"

namespace portalkey::shapes {

const Shape& status();
const Shape& me();
const Shape& tenants();
const Shape& audit_page();
const Shape& token_page();
const Shape& token_counts();
const Shape& known_token();
const Shape& checked_code();
const Shape& user();
const Shape& users();
const Shape& job();
const Shape& job_page();
const Shape& job_or_outcomes();
const Shape& outcome_page();
const Shape& session();
const Shape& rotated();
const Shape& portal_operations();

const Shape& new_token();
const Shape& assignment();
const Shape& activation();
const Shape& replacement();
const Shape& code_check();
const Shape& leaving();
const Shape& user_list();
const Shape& import();
const Shape& job_of_tokens();
const Shape& portal_call();

}  // namespace portalkey::shapes
