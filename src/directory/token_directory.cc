#include "directory/token_directory.h"

#include "base/ascii.h"
#include "base/foreign_text.h"

namespace portalkey {

TenantToken shown(const TenantToken& token) {
  TenantToken out = token;
  for (auto* text : {&out.oath_id, &out.user_id, &out.upn, &out.display_name, &out.serial, &out.manufacturer, &out.model})
    *text = foreign_text(*text);
  return out;
}

std::string held_upn(std::string upn) { return upn.contains('@') ? std::move(upn) : foreign_text(upn); }

std::string account_of(std::string_view upn) {
  std::string out;
  for (std::size_t i = 0; i < upn.size(); ++i) {
    out += to_lower(upn[i]);
    if (upn[i] == '\'' && i + 1 < upn.size() && upn[i + 1] == '\'') ++i;
  }
  return out;
}

std::string owner_of(const TenantToken& token) {
  if (token.nobodys()) return "nobody";
  return foreign_text(token.upn.empty() ? token.user_id : token.upn);
}

}  // namespace portalkey
