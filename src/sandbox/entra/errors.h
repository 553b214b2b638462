#pragma once
// The table of AADSTS codes: the word, the status, the suberror and the text that go with each.

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/wire/clouds.h"
#include "sandbox/world/world.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

struct AadstsCode {
  int code;
  std::string_view error;  ///< `invalid_grant`
  int status;
  std::string_view suberror;
  std::string_view text;  ///< with `{client}`, `{resource}`, `{tenant}`, `{user}`, `{value}`, `{issued}`, `{now}`
};

/// nullptr if the sandbox does not know the code.
const AadstsCode* find_aadsts(int code);

/// What the placeholders of a text stand for.
struct ErrorDetails {
  std::string client, resource, tenant, user, value, issued, now;
};

/// `AADSTS50076: Due to …`, without the ids and the time that follow in an answer.
std::string aadsts_message(int code, const ErrorDetails& details);

/// A token endpoint's error answer. `word` overrides the table's.
HttpResponse entra_error(World& world, const HttpRequest& request, const SandboxCloud& cloud, int code,
                         const ErrorDetails& details = {}, std::string_view word = {});

/// The headers that every answer of the authority has.
void add_entra_headers(World& world, const HttpRequest& request, HttpResponse& answer);

/// `2026-01-01T00:00:00.0000000Z`, as error texts write times.
std::string iso7(std::int64_t unix_seconds);

/// The codes for which Conditional Access names its policies in `claims`.
bool names_policies(int code);

}  // namespace portalkey::sandbox
