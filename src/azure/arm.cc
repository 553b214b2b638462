#include "azure/arm.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/ascii.h"
#include "base/percent_encoding.h"
#include "http/chain.h"

namespace portalkey {
namespace {

enum class Outcome { running, succeeded, failed };

Outcome outcome_of(std::string_view state) {
  if (same_ignoring_case(state, "Succeeded")) return Outcome::succeeded;
  if (same_ignoring_case(state, "Failed") || same_ignoring_case(state, "Canceled")) return Outcome::failed;
  return Outcome::running;
}

Error failed_operation(const Reply& reply, std::string_view doing) {
  Error error = explain(reply, doing);
  if (reply.error_message().empty()) {
    error.what = fmt::format("cannot {}: the operation failed or was cancelled", doing);
    error.code = Errc::conflict;
    error.remedy = "Look at the resource group's activity log, then run the command again.";
  }
  return error;
}

}  // namespace

Result<Url> operation_address(const Url& begun, std::string_view given) {
  const Url address(given);
  const auto refuse = [&](std::string why) {
    return std::unexpected(Error{Errc::unavailable,
                                 fmt::format("Azure names an operation that was not followed: {}", why),
                                 "Run the command again; check for a proxy that answers in Azure's place.",
                                 {{"host", std::string(address.host())}}});
  };
  if (!address.valid()) return refuse(fmt::format("its address is none: {}", address.problem()));
  if (address.origin() != begun.origin()) return refuse("it is at another host");
  if (same_resource(address, begun)) return address;
  // /subscriptions/{id}/operationresults/{id},
  // /subscriptions/{id}/providers/{provider}/locations/{place}/operationResults/{id},
  // /subscriptions/{id}/resourceGroups/{name}/providers/Microsoft.Resources/deployments/{name}/operationStatuses/{id}
  const auto its = address.segments();
  const auto ours = begun.segments();
  const bool same_subscription = its.size() >= 4 && ours.size() >= 2 && same_ignoring_case(its[0], "subscriptions") &&
                                 same_ignoring_case(ours[0], "subscriptions") && same_ignoring_case(its[1], ours[1]);
  if (!same_subscription) return refuse("it is not of the same subscription");
  const bool is_operation =
      std::ranges::any_of(its.begin() + 2, its.end(), [](const auto& segment) { return lower(segment).contains("operation"); });
  if (!is_operation) return refuse("it is something else than an operation");
  return address;
}

Url Arm::url(std::string_view path, std::string_view api_version, std::string_view query) const {
  std::string text = "https://" + azure_.cloud.arm;
  while (!path.empty()) {  // it begins with a slash
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    text += '/';
    append_percent_encoded(text, segment);
    path.remove_prefix(segment.size());
  }
  return Url(fmt::format("{}?api-version={}{}{}", text, api_version, query.empty() ? "" : "&", query));
}

Result<Reply> Arm::call(std::string_view method, std::string_view path, std::string_view api_version,
                        const std::optional<boost::json::value>& body, std::string_view query) const {
  return portalkey::call(azure_, azure_.cloud.arm_resource(), method, url(path, api_version, query), body);
}

Result<boost::json::array> Arm::list(std::string_view path, std::string_view api_version, std::string_view doing,
                                     std::string_view query) const {
  return list_all(azure_, azure_.cloud.arm_resource(), url(path, api_version, query), "nextLink", doing);
}

Result<void> Arm::wait(const Reply& last, int round, std::string_view doing) const {
  auto pause = retry_after(last.header("retry-after"), azure_.clock.now())
                   .value_or(std::min<std::chrono::milliseconds>(std::chrono::seconds(1 << std::min(round, 4)),
                                                                 std::chrono::seconds(15)));
  pause = std::clamp<std::chrono::milliseconds>(pause, std::chrono::milliseconds(200), std::chrono::minutes(2));
  if (azure_.clock.steady_now() + pause > azure_.deadline.at) {
    return fail(Errc::unavailable, fmt::format("gave up waiting to {}: Azure has not finished", doing),
                "Run the command again; it goes on where it stopped.");
  }
  if (!azure_.clock.sleep_for(pause, azure_.deadline.stop)) return fail(Errc::cancelled, "interrupted");
  return {};
}

Result<void> Arm::finish(const Reply& begun, std::string_view path, std::string_view api_version,
                         std::string_view doing) const {
  if (!begun.ok()) return std::unexpected(explain(begun, doing));
  const Url began_at = url(path, api_version, {});
  const std::string operation = begun.header("azure-asyncoperation");
  const std::string location = begun.status == 202 ? begun.header("location") : "";
  const std::string& given = operation.empty() ? location : operation;
  const auto asked = given.empty() ? Result<Url>(began_at) : operation_address(began_at, given);
  if (!asked) return std::unexpected(asked.error());
  Reply last = begun;
  for (int round = 0;; ++round) {
    if (!operation.empty()) {
      if (round > 0) {
        const Outcome outcome = outcome_of(text_at(last.json, {"status"}));
        if (outcome == Outcome::succeeded) return {};
        if (outcome == Outcome::failed) return std::unexpected(failed_operation(last, doing));
      }
    } else if (!location.empty()) {
      if (last.status != 202) return {};
    } else {
      const std::string state = text_at(last.json, {"properties", "provisioningState"});
      if (state.empty() || outcome_of(state) == Outcome::succeeded) return {};
      if (outcome_of(state) == Outcome::failed) return std::unexpected(failed_operation(last, doing));
    }
    if (auto waited = wait(last, round, doing); !waited) return waited;
    auto reply = portalkey::call(azure_, azure_.cloud.arm_resource(), "GET", *asked);
    if (!reply) return pass(reply);
    if (!reply->ok()) return std::unexpected(explain(*reply, doing));
    last = std::move(*reply);
  }
}

}  // namespace portalkey
