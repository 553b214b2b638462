#include "service/resources/users.h"

#include "app/json/user_json.h"
#include "app/operations/leave_tokens.h"
#include "app/operations/users.h"
#include "service/resources/answers.h"
#include "service/resources/seed_body.h"

namespace portalkey {

HttpResponse get_user(Service& service, Call& call) {
  if (auto may = may_act_on(service, call, call.value("upn")); !may) return refusal(call, may.error());
  auto user = show_user(service.tenant_of(call).tenant(), call.value("upn"));
  if (!user) return refusal(call, user.error());
  return json_answer(200, json_of(*user, service.words()));
}

HttpResponse users_without_token(Service& service, Call& call) {
  std::vector<ListedToken> list;
  for (auto& upn : call.texts("users")) list.push_back({{}, std::move(upn)});
  auto body = SeedBody::of_list(list, true);
  if (!body) return refusal(call, body.error());
  auto users = list_users(service.tenant_of(call).tenant(), {.file = body->path(), .without_token = true});
  if (!users) return refusal(call, users.error());
  return json_answer(200, "{\"value\":" + json_of(*users) + "}");
}

HttpResponse user_leaves(Service& service, Call& call) {
  auto outcome = leave_tokens(service.tenant_of(call).tenant(),
                              {.user = call.value("upn"), .remove = call.flag("remove"), .terms = terms_of(service, call)});
  return answer_of_job(service, call, outcome, std::chrono::seconds(20));
}

}  // namespace portalkey
