#include "entra/session/mfa_age.h"

#include <boost/json.hpp>

#include "base/files.h"
#include "base/log.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMostDays = 3650;

std::filesystem::path file_in(const std::filesystem::path& state_folder) { return state_folder / "mfa-age.json"; }

std::optional<std::chrono::days> days_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0 || value->get_int64() > kMostDays) return std::nullopt;
  return std::chrono::days(value->get_int64());
}

}  // namespace

std::optional<LearntMfaAge> learnt_mfa_age(const std::filesystem::path& state_folder) {
  const auto text = read_file(file_in(state_folder), 4096, FileUse::trusted);
  if (!text) return std::nullopt;
  boost::system::error_code problem;
  const auto parsed = text->reveal([&](std::string_view bytes) { return json::parse(bytes, problem); });
  if (problem || !parsed.is_object()) return std::nullopt;
  const auto worked = days_of(parsed.get_object(), "workedDays"), refused = days_of(parsed.get_object(), "refusedDays");
  if (!worked || !refused || refused->count() == 0) return std::nullopt;
  return LearntMfaAge{*worked, *refused};
}

Result<void> keep_mfa_age(const std::filesystem::path& state_folder, const LearntMfaAge& age) {
  return write_file_atomically(
      file_in(state_folder),
      json::serialize(json::object{{"workedDays", age.worked.count()}, {"refusedDays", age.refused.count()}}) + "\n");
}

void taken_at(const std::filesystem::path& state_folder, std::chrono::days age) {
  auto learnt = learnt_mfa_age(state_folder);
  if (!learnt || age <= learnt->worked) return;
  if (age >= learnt->refused) {
    std::error_code ignored;
    std::filesystem::remove(file_in(state_folder), ignored);
    return;
  }
  learnt->worked = age;
  if (auto kept = keep_mfa_age(state_folder, *learnt); !kept)
    log(LogLevel::info, "the tenant's MFA age could not be recorded: " + kept.error().what);
}

}  // namespace portalkey
