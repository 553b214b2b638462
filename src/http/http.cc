#include "http/http.h"

#include "base/ascii.h"
#include "base/percent_encoding.h"

namespace portalkey {
Secret form_encode(const std::vector<std::pair<std::string_view, std::string_view>>& pairs) {
  std::size_t bound = 0;
  for (const auto& [name, value] : pairs) bound += 3 * (name.size() + value.size()) + 2;
  std::string out;
  out.reserve(bound);  // so that growing leaves no copies
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    append_percent_encoded(out, name);
    out += '=';
    append_percent_encoded(out, value);
  }
  Secret form(out);
  wipe(out);
  return form;
}

std::string host_of(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (url.size() < kScheme.size() || !same_ignoring_case(url.substr(0, kScheme.size()), kScheme)) return {};
  url.remove_prefix(kScheme.size());
  const auto authority = url.substr(0, url.find_first_of("/?#\\"));
  if (authority.find('@') != std::string_view::npos) return {};  // user information is never ours
  return lower(authority.substr(0, authority.find(':')));
}

}  // namespace portalkey
