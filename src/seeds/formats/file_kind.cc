#include "seeds/formats/file_kind.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "seeds/formats/csv/bitwarden_csv.h"
#include "seeds/formats/csv/csv_rows.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/csv/oath_csv.h"
#include "seeds/formats/csv/rcdevs_csv.h"
#include "seeds/formats/csv/yubico_csv.h"

namespace portalkey {
namespace {

constexpr std::string_view kOwnFormat =
    "Ask the vendor for the same tokens as Entra CSV: upn,serial number,secret key,time interval,manufacturer,model.";
constexpr std::string_view kSaveAs = "Open it in the spreadsheet and save it as \"CSV UTF-8 (comma delimited)\".";

Error refusal(std::string what, std::string_view remedy) {
  return Error{Errc::invalid_input, std::move(what), std::string(remedy), {}};
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// RFC 9580 §4.2: packet types 1, 3 and 18 begin an encrypted message. A two-byte UTF-8 character may begin the same way.
bool is_binary_pgp(std::string_view start) {
  if (start.size() < 2) return false;
  const auto first = static_cast<unsigned char>(start[0]);
  if ((static_cast<unsigned char>(start[1]) & 0xC0) == 0x80) return false;
  const unsigned type = (first & 0x40) != 0 ? first & 0x3FU : (first >> 2) & 0x0FU;
  return (first & 0x80) != 0 && (type == 1 || type == 3 || type == 18);
}

Error sdtid_refusal() {
  return refusal(
      "this is an RSA SecurID token file (.sdtid)",
      "SecurID's codes are no OATH codes: Entra cannot take these tokens. Ask the vendor for OATH tokens with 30 or 60 "
      "seconds.");
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

/// The root element decides, and where two have the same name, its namespace or what is in it.
Result<SeedFormat> xml_format(std::string_view text) {
  if (has(text, "KeyContainer") || has(text, "SecretContainer")) return SeedFormat::pskc;
  if (has(text, "<html") || has(text, "<HTML") || has(text, "<!DOCTYPE html")) {
    return std::unexpected(
        refusal("this is a web page, not a seed file", "Download the file itself; a sign-in page may have come instead."));
  }
  if (has(text, "<TKNBatch")) return std::unexpected(sdtid_refusal());
  if (has(text, "<Tokens")) return SeedFormat::safenet_xml;
  if (has(text, "<tokens")) return SeedFormat::deepnet_xml;
  const auto root = root_of(text);
  return std::unexpected(refusal(fmt::format("this is XML of an unknown kind{}: neither PSKC nor SafeNet's nor Deepnet's",
                                             root.empty() ? "" : fmt::format(", with the root element <{}>", root)),
                                 kOwnFormat));
}

Result<SeedFormat> json_format(std::string_view text) {
  if (has(text, "\"serialNumber\"")) return SeedFormat::graph_json;
  if (has(text, "\"secretBase32\"")) return SeedFormat::portalkey_json;
  if (has(text, "\"db\"") && has(text, "\"header\"")) return SeedFormat::aegis_json;
  const std::string small = lower(text);
  const bool has_serials = has(small, "\"serial") || has(small, "\"tokenserial") || has(small, "\"sn\"");
  if (text.starts_with('[') && has(text, "\"secret\"") && has(text, "\"type\"") && !has_serials) return SeedFormat::andotp_json;
  if (has(text, "\"tokenOrder\"") || has(text, "\"schemaVersion\"")) {
    return std::unexpected(refusal("this is an export of FreeOTP+ or 2FAS, which is not read",
                                   "Export it as a list of otpauth:// URIs, or ask the vendor for the tokens' own file."));
  }
  if (has(small, "otpauth://") || has_serials) return SeedFormat::graph_json;
  return std::unexpected(refusal("this is JSON of an unknown kind", kOwnFormat));
}

/// Whether `line`, which begins with a URI, has as many values as the file's first line, which has none.
bool is_in_table(std::string_view text, std::string_view line) {
  const auto first = text.substr(0, text.find_first_of("\r\n"));
  const char separator = separator_of(first);
  const auto values = count_of_values(first, separator);
  return values > 1 && !has(lower(first), "otpauth://") && values == count_of_values(line, separator);
}

/// A URI may stand anywhere in its line, but not in a column.
std::optional<SeedFormat> first_uri(std::string_view text) {
  const auto whole = text;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find_first_of("\r\n"));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (trimmed(line).starts_with('#')) continue;
    const auto at = std::min(line.find("otpauth"), line.find("OTPAUTH"));
    if (at == std::string_view::npos) continue;
    if (line.substr(0, at).find_first_of(",;\t") != std::string_view::npos || is_in_table(whole, line)) continue;
    if (same_ignoring_case(line.substr(at, 20), "otpauth-migration://")) return SeedFormat::otpauth_migration;
    if (same_ignoring_case(line.substr(at, 10), "otpauth://")) return SeedFormat::otpauth;
  }
  return std::nullopt;
}

}  // namespace

bool is_zip(std::string_view start) {
  return start.starts_with("PK\x03\x04") || start.starts_with("PK\x05\x06");  // the latter is empty
}

bool is_utf32(std::string_view start) {
  constexpr std::string_view kLittle{"\xFF\xFE\0\0", 4}, kBig{"\0\0\xFE\xFF", 4};
  return start.starts_with(kLittle) || start.starts_with(kBig);
}

Error utf32_refusal() { return refusal("this is text in UTF-32, which is not read", "Save it as UTF-8."); }

Error workbook_refusal() { return refusal("this is an Excel workbook (.xlsx), not a CSV file", kSaveAs); }

std::optional<Error> why_not_readable(std::string_view start, bool whole) {
  const auto text = trimmed(start);
  if (text.empty() && whole) return refusal("the file is empty", "Check that the download or export was complete.");
  if (is_zip(start) && has(start, "[Content_Types].xml")) return workbook_refusal();
  if (is_zip(start) && has(start, "mimetypeapplication/vnd.oasis.opendocument.spreadsheet")) {
    return refusal("this is an OpenDocument spreadsheet (.ods), not a CSV file", kSaveAs);
  }
  if (has(text.substr(0, 1024), "-----BEGIN PGP MESSAGE-----") || is_binary_pgp(start)) {
    return refusal(
        "this file is encrypted with PGP",
        "Decrypt it with the key the vendor has, e.g. `gpg --decrypt FILE | portalkey … -`, so that it never lies on the "
        "disk in the clear.");
  }
  if (start.starts_with("\xD0\xCF\x11\xE0")) {
    return refusal("this is an old Excel workbook (.xls) or one with a password, not a CSV file", kSaveAs);
  }
  if (start.starts_with("%PDF")) return refusal("this is a PDF, not a CSV file", kOwnFormat);
  if (start.starts_with("\x1F\x8B"))
    return refusal("this is a gzip file, not a CSV file", "Unpack it and give the file inside.");
  return std::nullopt;
}

std::optional<Error> why_not_readable_by_name(std::string_view name) {
  const auto ends = [&](std::string_view end) {
    return name.size() > end.size() && same_ignoring_case(name.substr(name.size() - end.size()), end);
  };
  if (ends(".sdtid")) return sdtid_refusal();
  if (ends(".dpx")) {
    return refusal("this is a OneSpan (VASCO) DIGIPASS export (.dpx), whose keys only OneSpan's software decrypts",
                   "Ask the vendor for the OATH keys of these tokens as PSKC or Entra CSV.");
  }
  return std::nullopt;
}

Result<SeedFormat> format_of(std::string_view start) {
  const auto text = trimmed(start);
  if (text.starts_with('<')) return xml_format(text);
  // In JSON no letter stands there: `[token]` begins a file of settings.
  const auto inside = trimmed(text.substr(std::min<std::size_t>(1, text.size())));
  const bool is_letter = !inside.empty() && to_lower(inside.front()) >= 'a' && to_lower(inside.front()) <= 'z';
  if (text.starts_with('{') || (text.starts_with('[') && !is_letter)) return json_format(text);
  const auto has_line = [&](std::string_view beginning) {
    return text.starts_with(beginning) || has(text, fmt::format("\n{}", beginning));
  };
  if (const auto uri = first_uri(text)) return *uri;
  if (has_line("dn: sccAuthenticatorId=")) return SeedFormat::safeword_dat;
  if (is_yubico_csv(text)) return SeedFormat::yubico_csv;
  if (is_rcdevs_csv(text)) return SeedFormat::rcdevs_csv;
  if (is_bitwarden_csv(text)) return SeedFormat::bitwarden_csv;
  if (is_oath_csv(text)) return SeedFormat::oath_csv;
  return SeedFormat::entra_csv;
}

}  // namespace portalkey
