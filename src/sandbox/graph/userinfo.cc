// OpenID Connect's UserInfo: who the access token is of.
// Source: learn.microsoft.com/entra/identity-platform/userinfo.

#include "sandbox/graph/call.h"

namespace portalkey::sandbox {

HttpResponse graph_userinfo(GraphCall& call) {
  if (!call.is("GET") && !call.is("POST")) return graph_not_allowed(call);
  if (call.user == nullptr) return graph_denied(call);  // an app is nobody
  const SandboxUser& user = *call.user;
  const auto space = user.display_name.find(' ');
  json::object out{{"sub", pairwise_subject(user.oid, call.caller.app_id)},  // as in the client's id tokens
                   {"name", user.display_name},
                   {"given_name", user.display_name.substr(0, space)}};
  if (space != std::string::npos) out["family_name"] = user.display_name.substr(space + 1);
  out["picture"] = "https://" + call.request.host + "/v1.0/me/photo/$value";
  out["email"] = mail_of(user);
  return json_answer(200, out);
}

}  // namespace portalkey::sandbox
