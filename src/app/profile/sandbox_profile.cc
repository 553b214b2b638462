#include "app/profile/sandbox_profile.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/files.h"
#include "base/remedy.h"

namespace portalkey {
namespace {

Result<SandboxWire> read_sandbox(const std::filesystem::path& folder, boost::json::object& facts) {
  const auto file = folder / "sandbox.json";
  auto text = read_file(file, 1 << 20, FileUse::trusted);
  if (!text) {
    if (text.error().code != Errc::not_found) return pass(text);
    return std::unexpected(
        Error{Errc::not_found,
              "there is no sandbox in this folder",
              fmt::format("Start one in another terminal: [[start-sandbox|{}]]", as_parameter(folder.string())),
              {{"folder", folder.string()}}});
  }
  boost::system::error_code problem;
  boost::json::value parsed;
  text->reveal([&](std::string_view json) { parsed = boost::json::parse(json, problem); });
  try {
    if (problem) throw std::invalid_argument("not JSON");
    facts = parsed.as_object();
    SandboxWire wire;
    wire.folder = folder;
    wire.ca_file = std::string(facts.at("caFile").as_string());
    if (auto fine = judge_file(wire.ca_file, FileUse::trusted); !fine) return pass(fine);
    wire.port = boost::json::value_to<std::uint16_t>(facts.at("port"));
    wire.admin_port = boost::json::value_to<std::uint16_t>(facts.at("adminPort"));
    return wire;
  } catch (const std::exception&) {
    return std::unexpected(
        Error{Errc::corrupt, "the sandbox's description is damaged", "Start the sandbox again.", {{"file", file.string()}}});
  }
}

std::string fact(const boost::json::object& facts, std::string_view name) {
  const auto* value = facts.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

Result<void> fill_from_sandbox(Profile& profile, const std::filesystem::path& folder, const Given& given,
                               bool from_command_line) {
  boost::json::object facts;
  auto wire = read_sandbox(std::filesystem::absolute(folder), facts);
  if (!wire) return pass(wire);
  profile.sandbox = std::move(*wire);
  if (profile.tenant.empty()) profile.tenant = fact(facts, "tenantId");
  const auto inside = profile.sandbox->folder / "client" / profile.name;
  if (from_command_line) {  // the profile is a real tenant's: its vault file and its escrow are not for a sandbox's tokens
    profile.state_folder = inside;
    profile.vault.path.clear();
  }
  if (profile.state_folder.empty()) profile.state_folder = inside;
  if (!given.vault && !given.credential) {  // its app registration is for its own vault
    profile.credential.type = CredentialType::client_secret;
    profile.credential.client_id = fact(facts, "clientId");
    profile.credential.client_secret_file = fact(facts, "clientSecretFile");
  }
  if (given.vault) return {};
  profile.vault.type = VaultProfile::Type::key_vault;
  profile.vault.url = Url(fact(facts, "vaultUrl"));
  profile.vault.secret_name = fact(facts, "secretName");
  return {};
}

}  // namespace portalkey
