#include "http/http.h"

#include <algorithm>

#include "base/percent_encoding.h"

namespace portalkey {
namespace {

constexpr std::string_view kPublic[] = {"grant_type", "client_id", "scope",        "redirect_uri", "client_assertion_type",
                                        "claims",     "resource",  "response_type"};

}  // namespace

Body Body::clone() const {
  Body out;
  out.text_ = text_.clone();
  for (const auto& secret : secrets_) out.secrets_.push_back(secret.clone());
  return out;
}

Request copy_of(const Request& request) {
  Request out;
  out.method = request.method;
  out.url = request.url;
  out.idempotency = request.idempotency;
  out.headers = request.headers;
  for (const auto& [name, value] : request.secret_headers) out.secret_headers.emplace_back(name, value.clone());
  out.bearer = request.bearer.clone();
  out.body = request.body.clone();
  out.late_body = request.late_body;
  return out;
}

Body form_encode(const std::vector<std::pair<std::string_view, std::string_view>>& pairs) {
  std::size_t bound = 0;
  for (const auto& [name, value] : pairs) bound += 3 * (name.size() + value.size()) + 2;
  std::string out;
  std::vector<Secret> secrets;
  out.reserve(bound);  // so that growing leaves no copies
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    append_percent_encoded(out, name);
    out += '=';
    append_percent_encoded(out, value);
    if (std::ranges::find(kPublic, name) == std::end(kPublic)) secrets.emplace_back(value);
  }
  Secret form(out);
  wipe(out);
  return {std::move(form), std::move(secrets)};
}

}  // namespace portalkey
