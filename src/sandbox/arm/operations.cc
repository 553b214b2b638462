// Long-running operations: `Location` answers 202 until they have ended, `Azure-AsyncOperation` says where they stand.

#include <algorithm>
#include <utility>

#include "sandbox/arm/call.h"

namespace portalkey::sandbox {
namespace {

constexpr std::size_t kKept = 200;

}  // namespace

std::string begin_operation(const ArmCall& call, int status, std::string body, std::string target) {
  auto& operations = call.world.state.azure.operations;
  if (operations.size() >= kKept) operations.erase(operations.begin());
  ArmOperation one;
  one.id = call.world.random.guid();
  one.polls_left = call.polls();
  one.status = status;
  one.body = std::move(body);
  one.target = std::move(target);
  operations.push_back(one);
  call.world.touch();
  return one.id;
}

HttpResponse arm_operation(ArmCall& call) {
  auto& operations = call.world.state.azure.operations;
  const auto found = std::ranges::find(operations, lower(call.parts.back()), &ArmOperation::id);
  const bool status_wanted = call.is(call.parts.size() - 2, "operationstatuses");
  if (found == operations.end()) {
    return arm_error(404, "OperationNotFound", "The operation '" + call.parts.back() + "' could not be found.");
  }
  if (found->polls_left > 0) {
    --found->polls_left;
    call.world.touch();
    if (!status_wanted) return accepted(call, call.path());
    auto answer = json_answer(200, {{"status", "Running"}});
    answer.headers.emplace_back("Retry-After", "1");
    return answer;
  }
  if (found->target.starts_with('/')) {
    auto& deployments = call.world.state.azure.deployments;
    if (const auto one = deployments.find(lower(found->target)); one != deployments.end()) one->second.polls_left = 0;
  } else if (!found->target.empty()) {
    remove_group(call.world, std::exchange(found->target, {}));
  }
  call.world.touch();
  if (status_wanted) {
    const auto body = parse_json_object(found->body);
    json::object answer{{"status", body && member(*body, "error") != nullptr ? "Failed" : "Succeeded"}};
    if (body) {
      if (const auto* error = member(*body, "error")) answer["error"] = *error;
    }
    return json_answer(200, answer);
  }
  if (found->body.empty()) return empty_answer(found->status);
  return text_answer(found->status, "application/json; charset=utf-8", found->body);
}

}  // namespace portalkey::sandbox
