// Any answer in the place of Azure Resource Manager and of Graph's directory, as a set-up reads them: lists and operations end,
// every error says something, and what is learnt leads nowhere else.

#include <boost/json.hpp>
#include <cstdlib>

#include "answer.h"
#include "answering_credential.h"
#include "azure/arm.h"
#include "azure/authentication_methods.h"
#include "azure/directory_groups.h"
#include "azure/graph.h"
#include "provision/survey.h"

namespace {

using namespace portalkey;

void require(bool promise) {
  if (!promise) std::abort();
}

template <class T>
bool says_something(const Result<T>& result) {
  return result || !result.error().what.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Cloud cloud = *find_cloud("global");
  const auto bytes = text_of(data, size);
  OneAnswerHttp http(bytes);
  AnsweringCredential admin;
  ManualClock clock(from_unix_seconds(1'767'225'600));
  const Azure azure{http, admin, clock, cloud, Deadline::in(std::chrono::seconds(30), clock)};
  const Arm arm(azure);
  constexpr const char* kPath = "/subscriptions/s/resourceGroups/g";

  if (const auto reply = arm.call("PUT", kPath, kResourcesApi); reply) {
    require(!explain(*reply, "make it").what.empty());
    require(says_something(arm.finish(*reply, kPath, kResourcesApi, "make it")));
    if (const auto address = operation_address(Url("https://management.azure.com/subscriptions/s"), reply->header("location")))
      require(address->host() == "management.azure.com");
  } else {
    require(!reply.error().what.empty());
  }
  require(says_something(arm.list(kPath, kResourcesApi, "look")));
  require(says_something(Graph(azure).list("/applications", "look")));
  require(says_something(users_in_group(Graph(azure), "Drivers")));
  require(says_something(users_in_group(Graph(azure), "5e5f5a5b-0000-4000-8000-000000000002")));
  require(says_something(authentication_methods(Graph(azure, "beta"), "helga@contoso.com")));

  if (const auto subscription = find_subscription(azure, "")) {
    require(is_plain_id(subscription->id));
  } else {
    require(!subscription.error().what.empty());
  }
  Desired desired;
  desired.subscription = "s";
  desired.resource_group = "g";
  desired.vault = "my-vault";
  desired.app_name = "portalkey-default";
  if (const auto actual = survey(azure, desired)) {
    require(!actual->vault || actual->vault->url == "https://my-vault.vault.azure.net");
    require(!actual->app || is_plain_id(actual->app->object_id));
  } else {
    require(!actual.error().what.empty());
  }
  return 0;
}
