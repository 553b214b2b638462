#include "seeds/model/seed_format.h"

#include <algorithm>
#include <array>
#include <utility>

namespace portalkey {
namespace {

constexpr auto kFormats = std::to_array<std::pair<SeedFormat, std::string_view>>({
    {SeedFormat::entra_csv, "entra-csv"},
    {SeedFormat::oath_csv, "oath-csv"},
    {SeedFormat::yubico_csv, "yubico-csv"},
    {SeedFormat::rcdevs_csv, "rcdevs-csv"},
    {SeedFormat::bitwarden_csv, "bitwarden-csv"},
    {SeedFormat::pskc, "pskc"},
    {SeedFormat::safenet_xml, "safenet-xml"},
    {SeedFormat::deepnet_xml, "deepnet-xml"},
    {SeedFormat::safeword_dat, "safeword-dat"},
    {SeedFormat::otpauth, "otpauth"},
    {SeedFormat::otpauth_migration, "otpauth-migration"},
    {SeedFormat::graph_json, "graph-json"},
    {SeedFormat::andotp_json, "andotp-json"},
    {SeedFormat::aegis_json, "aegis-json"},
    {SeedFormat::portalkey_json, "portalkey-json"},
});

}  // namespace

std::string_view name_of(SeedFormat format) {
  return std::ranges::find(kFormats, format, &std::pair<SeedFormat, std::string_view>::first)->second;
}

std::optional<SeedFormat> seed_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &std::pair<SeedFormat, std::string_view>::second);
  return found == kFormats.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace portalkey
