#include "seeds/formats/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "seeds/formats/csv/bitwarden_csv.h"
#include "seeds/formats/csv/entra_csv.h"
#include "seeds/formats/csv/oath_csv.h"
#include "seeds/formats/csv/rcdevs_csv.h"
#include "seeds/formats/csv/yubico_csv.h"
#include "seeds/formats/file_kind.h"
#include "seeds/formats/json/seed_json.h"
#include "seeds/formats/otpauth/otpauth_list.h"
#include "seeds/formats/pskc/pskc_reader.h"
#include "seeds/formats/safeword/safeword_dat.h"
#include "seeds/formats/xml/vendor_xml.h"

namespace portalkey {
namespace {

/// One reader for several formats.
template <SeedFormat kFormat>
Result<SeedFileSummary> read_json(ByteSource& source, const SeedFileOptions& options, SeedSink& sink) {
  return read_seed_json(source, kFormat, options, sink);
}
template <SeedFormat kFormat>
Result<SeedFileSummary> read_xml(ByteSource& source, const SeedFileOptions& options, SeedSink& sink) {
  return read_vendor_xml(source, kFormat, options, sink);
}

bool is_anything(std::string_view) { return true; }

using enum SeedFormat;
constexpr auto kFormats = std::to_array<FormatOfSeeds>({
    {pskc, "pskc", Syntax::xml, is_pskc, read_pskc},
    {safenet_xml, "safenet-xml", Syntax::xml, is_safenet_xml, read_xml<safenet_xml>},
    {deepnet_xml, "deepnet-xml", Syntax::xml, is_deepnet_xml, read_xml<deepnet_xml>},
    {graph_json, "graph-json", Syntax::json, is_graph_json, read_json<graph_json>},
    {portalkey_json, "portalkey-json", Syntax::json, is_portalkey_json, read_json<portalkey_json>},
    {aegis_json, "aegis-json", Syntax::json, is_aegis_json, read_json<aegis_json>},
    {andotp_json, "andotp-json", Syntax::json, is_andotp_json, read_json<andotp_json>},
    {.format = otpauth_migration,
     .name = "otpauth-migration",
     .syntax = Syntax::text,
     .begins = is_otpauth_migration_list,
     .read = read_otpauth_list,
     .always_says_the_interval = true},
    {.format = otpauth,
     .name = "otpauth",
     .syntax = Syntax::text,
     .begins = is_otpauth_list,
     .read = read_otpauth_list,
     .always_says_the_interval = true},
    {.format = safeword_dat,
     .name = "safeword-dat",
     .syntax = Syntax::text,
     .begins = is_safeword_dat,
     .read = read_safeword_dat,
     .always_says_the_interval = true},
    {.format = yubico_csv,
     .name = "yubico-csv",
     .syntax = Syntax::text,
     .begins = is_yubico_csv,
     .read_rows = read_yubico_csv,
     .always_says_the_interval = true},
    {.format = rcdevs_csv,
     .name = "rcdevs-csv",
     .syntax = Syntax::text,
     .begins = is_rcdevs_csv,
     .read_rows = read_rcdevs_csv,
     .always_says_the_interval = true},
    {.format = bitwarden_csv,
     .name = "bitwarden-csv",
     .syntax = Syntax::text,
     .begins = is_bitwarden_csv,
     .read_rows = read_bitwarden_csv,
     .always_says_the_interval = true},
    {.format = oath_csv, .name = "oath-csv", .syntax = Syntax::text, .begins = is_oath_csv, .read_rows = read_oath_csv},
    {.format = entra_csv,
     .name = "entra-csv",
     .syntax = Syntax::text,
     .begins = is_anything,
     .read_rows = read_entra_csv,
     .has_any_columns = true},
});

static_assert(kFormats.size() == static_cast<std::size_t>(portalkey_json) + 1, "each format has a line");

constexpr std::string_view kOwnFormat =
    "Ask the vendor for the same tokens as Entra CSV: upn,serial number,secret key,time interval,manufacturer,model.";

Syntax syntax_of(std::string_view text) {
  if (text.starts_with('<')) return Syntax::xml;
  // In JSON no letter stands there: `[token]` begins a file of settings.
  const auto inside = trimmed(text.substr(std::min<std::size_t>(1, text.size())));
  const bool is_letter = !inside.empty() && to_lower(inside.front()) >= 'a' && to_lower(inside.front()) <= 'z';
  return text.starts_with('{') || (text.starts_with('[') && !is_letter) ? Syntax::json : Syntax::text;
}

/// The name of the first element; empty if it does not begin there, or is no name to show.
std::string_view root_of(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  for (;;) {
    const auto at = text.find('<');
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at);
    if (text.starts_with("<?") || text.starts_with("<!")) {
      const auto end = text.starts_with("<!--") ? text.find("-->") : text.find('>');
      if (end == std::string_view::npos) return {};
      text.remove_prefix(end);
      continue;
    }
    const auto name = text.substr(1, text.find_first_of(" \t\r\n/>", 1) - 1);
    const auto is_of_a_name = [](char c) {
      return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '_' ||
             c == '.';
    };
    return name.size() <= kLongest && std::ranges::all_of(name, is_of_a_name) ? name : std::string_view();
  }
}

/// XML that is known to be no seed file, though it may hold what one has.
std::optional<Error> why_no_seeds(std::string_view xml) {
  if (xml.contains("<html") || xml.contains("<HTML") || xml.contains("<!DOCTYPE html")) {
    return Error{Errc::invalid_input,
                 "this is a web page, not a seed file",
                 "Download the file itself; a sign-in page may have come instead.",
                 {}};
  }
  if (xml.contains("<TKNBatch")) return sdtid_refusal();
  return std::nullopt;
}

std::unexpected<Error> unknown_xml(std::string_view text) {
  const auto root = root_of(text);
  return fail(Errc::invalid_input,
              fmt::format("this is XML of an unknown kind{}: neither PSKC nor SafeNet's nor Deepnet's",
                          root.empty() ? "" : fmt::format(", with the root element <{}>", root)),
              std::string(kOwnFormat));
}

Result<SeedFormat> other_json(std::string_view text) {
  if (text.contains("\"tokenOrder\"") || text.contains("\"schemaVersion\"")) {
    return fail(Errc::invalid_input, "this is an export of FreeOTP+ or 2FAS, which is not read",
                "Export it as a list of otpauth:// URIs, or ask the vendor for the tokens' own file.");
  }
  if (is_json_of_any_layout(text)) return graph_json;
  return fail(Errc::invalid_input, "this is JSON of an unknown kind", std::string(kOwnFormat));
}

}  // namespace

const FormatOfSeeds& about(SeedFormat format) { return *std::ranges::find(kFormats, format, &FormatOfSeeds::format); }

std::string_view name_of(SeedFormat format) { return about(format).name; }

std::optional<SeedFormat> seed_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &FormatOfSeeds::name);
  return found == kFormats.end() ? std::nullopt : std::optional(found->format);
}

Result<SeedFormat> format_of(std::string_view start) {
  const auto text = trimmed(start);
  const Syntax syntax = syntax_of(text);
  if (syntax == Syntax::xml && !is_pskc(text)) {
    if (auto why = why_no_seeds(text)) return std::unexpected(std::move(*why));
  }
  for (const auto& known : kFormats) {
    if (known.syntax == syntax && known.begins(text)) return known.format;
  }
  return syntax == Syntax::xml ? unknown_xml(text) : other_json(text);
}

}  // namespace portalkey
