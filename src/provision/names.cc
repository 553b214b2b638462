#include "provision/names.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace portalkey {
namespace {

// Drawn once at random. Changing it would make every set-up's role assignments new ones.
constexpr std::array<unsigned char, 16> kNamespace = {0x6d, 0x0b, 0x1f, 0x5e, 0x9a, 0x27, 0x4c, 0x83,
                                                      0xb4, 0x51, 0xd2, 0x7e, 0x38, 0xc9, 0x06, 0xaf};

}  // namespace

std::string uuid_v5(std::string_view name) {
  std::string input(reinterpret_cast<const char*>(kNamespace.data()), kNamespace.size());
  input += name;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  EVP_Digest(input.data(), input.size(), hash.data(), &size, EVP_sha1(), nullptr);
  hash[6] = static_cast<unsigned char>((hash[6] & 0x0f) | 0x50);
  hash[8] = static_cast<unsigned char>((hash[8] & 0x3f) | 0x80);
  std::string out;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += fmt::format("{:02x}", hash[i]);
  }
  return out;
}

std::string role_assignment_name(std::string_view scope, std::string_view principal, std::string_view role_id) {
  return uuid_v5(lower(fmt::format("role assignment|{}|{}|{}", scope, principal, role_id)));
}

std::string derived_vault_name(std::string_view subscription, std::string_view resource_group, std::string_view profile,
                               int attempt) {
  const std::string hash =
      uuid_v5(fmt::format("vault|{}|{}|{}|{}", lower(subscription), lower(resource_group), profile, attempt));
  return "portalkey-" + hash.substr(0, 8) + hash.substr(9, 4);
}

bool is_vault_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (name.size() < 3 || name.size() > 24 || !letter(name.front()) || name.back() == '-') return false;
  char before = 0;
  for (const char c : name) {
    if (!letter(c) && !(c >= '0' && c <= '9') && c != '-') return false;
    if (c == '-' && before == '-') return false;
    before = c;
  }
  return true;
}

bool is_group_name(std::string_view name) {
  return !name.empty() && name.size() <= 90 && name.back() != '.' && std::ranges::all_of(name, [](char c) {
    const bool letter = to_lower(c) >= 'a' && to_lower(c) <= 'z';
    return letter || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80 || std::string_view("-_.()").contains(c);
  });
}

std::string group_path(std::string_view subscription, std::string_view resource_group) {
  return fmt::format("/subscriptions/{}/resourceGroups/{}", subscription, resource_group);
}

std::string vault_path(std::string_view subscription, std::string_view resource_group, std::string_view vault) {
  return fmt::format("{}/providers/Microsoft.KeyVault/vaults/{}", group_path(subscription, resource_group), vault);
}

std::string role_definition_path(std::string_view subscription, std::string_view role_id) {
  return fmt::format("/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{}", subscription, role_id);
}

}  // namespace portalkey
