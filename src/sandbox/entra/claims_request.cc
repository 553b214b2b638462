#include "sandbox/entra/claims_request.h"

#include <algorithm>
#include <charconv>

#include "sandbox/entra/app_settings.h"

namespace portalkey::sandbox {

std::optional<ClaimsRequest> read_claims_request(std::string_view text) {
  ClaimsRequest out;
  const auto claims = parse_json_object(text);
  if (!claims) return std::nullopt;
  const auto capabilities = setting_strings(*claims, {"access_token", "xms_cc", "values"});
  out.cp1 = std::ranges::any_of(capabilities, [](const auto& one) { return same_ignoring_case(one, "cp1"); });
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
