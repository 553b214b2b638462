#pragma once
// What went wrong, as RFC 9457 has it: `application/problem+json` with a stable code beside the status, the field or row where
// there is one, and what to do about it.

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "web/http_message.h"

namespace portalkey {

struct Problem {
  int status = 500;
  std::string code;    ///< stable: `invalid_input`, `too_many_requests`; for programs
  std::string detail;  ///< one sentence for a person
  std::string remedy;  ///< with references (base/remedy.h); may be empty
  std::string field;   ///< a JSON pointer into the body, or the name of a parameter; empty: none
  std::vector<std::pair<std::string, std::string>> context;
  std::optional<std::chrono::seconds> retry_after;
};

/// What an operation's error is to a caller. That the tenant's own account was refused is not the caller's fault: 424.
Problem problem_of(const Error& error);

/// `correlation`: the request's id.
HttpResponse answer_of(const Problem& problem, const std::string& correlation);

/// A text's references in the words of this API: `[[list-tokens]]` is `GET /v1/tenants/{tenant}/tokens`.
std::string in_api_words(std::string_view text);

}  // namespace portalkey
