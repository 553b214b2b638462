#include "app/operations/setup_record.h"

#include <boost/json.hpp>

#include "base/files.h"

namespace portalkey {
namespace {

struct Member {
  const char* name;
  std::string Record::* member;
};
constexpr Member kMembers[] = {
    {"subscription", &Record::subscription},
    {"resourceGroup", &Record::resource_group},
    {"vault", &Record::vault},
    {"appName", &Record::app_name},
    {"appId", &Record::app_id},
    {"roleScope", &Record::role_scope},
    {"credential", &Record::credential},
    {"secretName", &Record::secret_name},
    {"issuer", &Record::federated_issuer},
    {"subject", &Record::federated_subject},
    {"installation", &Record::installation},
    {"makingAppSince", &Record::making_app_since},
    {"graphPermissions", &Record::graph_grants},
};

}  // namespace

Result<Record> read_setup_record(const std::filesystem::path& file) {
  Record record;
  auto text = read_file(file, 1 << 16, FileUse::trusted);
  if (!text) {
    if (text.error().code == Errc::not_found) return record;
    return pass(text);
  }
  boost::system::error_code problem;
  boost::json::value json;
  text->reveal([&](std::string_view bytes) { json = boost::json::parse(bytes, problem); });
  if (problem || !json.is_object()) {
    return std::unexpected(
        Error{Errc::corrupt,
              "the record of an earlier set-up is damaged",
              "Remove the file; then name what exists: [[setting|subscription]], [[setting|resource-group]], "
              "[[setting|vault]], [[setting|app-id]].",
              {{"file", file.string()}}});
  }
  for (const auto& [name, member] : kMembers) {
    if (const auto* value = json.get_object().if_contains(name); value != nullptr && value->is_string()) {
      record.*member = std::string(value->get_string());
    }
  }
  return record;
}

Result<void> write_setup_record(const std::filesystem::path& file, const Record& record) {
  boost::json::object json;
  for (const auto& [name, member] : kMembers) {
    if (!(record.*member).empty()) json[name] = record.*member;
  }
  return write_file_atomically(file, boost::json::serialize(json) + "\n");
}

}  // namespace portalkey
