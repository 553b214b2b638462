#include "entra/credentials/credential_type.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace portalkey {
namespace {

constexpr std::array kTypes{
    std::pair{CredentialType::automatic, std::string_view("auto")},
    std::pair{CredentialType::client_secret, std::string_view("client_secret")},
    std::pair{CredentialType::client_certificate, std::string_view("client_certificate")},
    std::pair{CredentialType::workload_identity, std::string_view("workload_identity")},
    std::pair{CredentialType::managed_identity, std::string_view("managed_identity")},
    std::pair{CredentialType::azure_cli, std::string_view("azure_cli")},
    std::pair{CredentialType::device_code, std::string_view("device_code")},
    std::pair{CredentialType::browser, std::string_view("browser")},
};

}  // namespace

std::string_view name_of(CredentialType type) {
  for (const auto& [known, name] : kTypes) {
    if (known == type) return name;
  }
  return "?";
}

Result<CredentialType> find_credential_type(std::string_view name) {
  std::string names;
  for (const auto& [type, known] : kTypes) {
    if (known == name) return type;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", known);
  }
  return fail(Errc::invalid_input, fmt::format("there is no credential of type \"{}\"", name),
              fmt::format("Use one of: {}.", names));
}

}  // namespace portalkey
