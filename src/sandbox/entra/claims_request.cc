#include "sandbox/entra/claims_request.h"

#include <algorithm>
#include <charconv>

#include "sandbox/entra/app_settings.h"

namespace portalkey::sandbox {

namespace {

constexpr std::string_view kMfaContext = "p1";

}  // namespace

std::optional<ClaimsRequest> read_claims_request(std::string_view text) {
  ClaimsRequest out;
  const auto claims = parse_json_object(text);
  if (!claims) return std::nullopt;
  const auto capabilities = setting_strings(*claims, {"access_token", "xms_cc", "values"});
  out.cp1 = std::ranges::any_of(capabilities, [](const auto& one) { return same_ignoring_case(one, "cp1"); });
  auto contexts = setting_strings(*claims, {"access_token", "acrs", "values"});
  if (const auto* one = setting(*claims, {"access_token", "acrs", "value"}); one != nullptr && one->is_string())
    contexts.emplace_back(view(one->get_string()));
  out.mfa = std::ranges::find(contexts, kMfaContext) != contexts.end();
  if (const auto* value = setting(*claims, {"access_token", "nbf", "value"}); value != nullptr) {
    if (value->is_int64()) out.not_before = value->get_int64();
    if (value->is_string()) {
      const auto digits = view(value->get_string());
      std::from_chars(digits.data(), digits.data() + digits.size(), out.not_before);
    }
  }
  return out;
}

}  // namespace portalkey::sandbox
