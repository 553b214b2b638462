#include "provision/arm.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/ascii.h"
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

std::string Arm::url(std::string_view path, std::string_view api_version, std::string_view query) const {
  return fmt::format("https://{}{}?api-version={}{}{}", azure_.cloud.arm, path, api_version, query.empty() ? "" : "&", query);
}

Result<Reply> Arm::call(std::string_view method, std::string_view path, std::string_view api_version,
                        const std::optional<boost::json::value>& body, std::string_view query) const {
  return portalkey::call(azure_, azure_.cloud.arm_resource(), method, url(path, api_version, query), body);
}

Result<boost::json::array> Arm::list(std::string_view path, std::string_view api_version, std::string_view doing,
                                     std::string_view query) const {
  boost::json::array items;
  std::string next = url(path, api_version, query);
  for (int page = 0; !next.empty() && page < 100; ++page) {
    auto reply = portalkey::call(azure_, azure_.cloud.arm_resource(), "GET", next);
    if (!reply) return pass(reply);
    if (!reply->ok()) return std::unexpected(explain(*reply, doing));
    const auto* values = find_at(reply->json, {"value"});
    if (values == nullptr || !values->is_array()) {
      return fail(Errc::unavailable, fmt::format("cannot {}: the answer holds no list", doing), "Run the command again.");
    }
    for (const auto& value : values->get_array()) items.push_back(value);
    next = text_at(reply->json, {"nextLink"});
  }
  return items;
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
  const std::string& resource = azure_.cloud.arm_resource();
  const std::string operation = begun.header("azure-asyncoperation");
  const std::string location = begun.header("location");
  Reply last = begun;
  for (int round = 0;; ++round) {
    if (!operation.empty()) {
      if (round > 0) {
        const Outcome outcome = outcome_of(text_at(last.json, {"status"}));
        if (outcome == Outcome::succeeded) return {};
        if (outcome == Outcome::failed) return std::unexpected(failed_operation(last, doing));
      }
    } else if (!location.empty() && begun.status == 202) {
      if (last.status != 202) return {};
    } else {
      const std::string state = text_at(last.json, {"properties", "provisioningState"});
      if (state.empty() || outcome_of(state) == Outcome::succeeded) return {};
      if (outcome_of(state) == Outcome::failed) return std::unexpected(failed_operation(last, doing));
    }
    if (auto waited = wait(last, round, doing); !waited) return waited;
    const std::string next = !operation.empty()                         ? operation
                             : !location.empty() && begun.status == 202 ? location
                                                                        : url(path, api_version, {});
    auto reply = portalkey::call(azure_, resource, "GET", next);
    if (!reply) return pass(reply);
    if (!reply->ok()) return std::unexpected(explain(*reply, doing));
    last = std::move(*reply);
  }
}

}  // namespace portalkey
