#pragma once

#include <string>

#include "app/operations/session.h"

namespace portalkey {

std::string json_of(const RefreshedSession& session);
std::string json_of(const SessionReport& report);

}  // namespace portalkey
