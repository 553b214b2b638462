#include "oath/file_kind.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"

namespace portalkey {
namespace {

constexpr std::string_view kOwnFormat =
    "Ask the vendor for the same tokens as Entra CSV: upn,serial number,secret key,time interval,manufacturer,model.";
constexpr std::string_view kSaveAs = "Open it in the spreadsheet and save it as \"CSV UTF-8 (comma delimited)\".";

Error refusal(std::string what, std::string_view remedy) {
  return Error{Errc::invalid_input, std::move(what), std::string(remedy), {}};
}

Error other_format(std::string_view name) {
  return refusal(fmt::format("this file was recognised as {}; this version reads Entra CSV only", name), kOwnFormat);
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool is_utf16(std::string_view start) {
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF")) return true;
  // Without a mark: ASCII text has a NUL in every other byte.
  const auto sample = start.substr(0, 64);
  if (sample.size() < 8) return false;
  std::size_t nuls[2] = {0, 0};
  for (std::size_t i = 0; i < sample.size(); ++i) nuls[i % 2] += sample[i] == '\0' ? 1 : 0;
  return std::max(nuls[0], nuls[1]) >= sample.size() * 3 / 8 && std::min(nuls[0], nuls[1]) == 0;
}

/// RFC 9580 §4.2: packet types 1, 3 and 18 begin an encrypted message. A two-byte UTF-8 character may begin the same way.
bool is_binary_pgp(std::string_view start) {
  if (start.size() < 2) return false;
  const auto first = static_cast<unsigned char>(start[0]);
  if ((static_cast<unsigned char>(start[1]) & 0xC0) == 0x80) return false;
  const unsigned type = (first & 0x40) != 0 ? first & 0x3FU : (first >> 2) & 0x0FU;
  return (first & 0x80) != 0 && (type == 1 || type == 3 || type == 18);
}

Error zip_refusal(std::string_view start) {
  if (has(start, "[Content_Types].xml")) return refusal("this is an Excel workbook (.xlsx), not a CSV file", kSaveAs);
  const bool encrypted = start.size() > 6 && (start[6] & 1) != 0;  // general purpose flag, bit 0
  return refusal(encrypted ? "this is a zip archive with a password, not a CSV file" : "this is a zip archive, not a CSV file",
                 "Unpack it and give the file inside; piping it to `-` keeps it off the disk.");
}

Error xml_refusal(std::string_view start) {
  if (has(start, "KeyContainer") || has(start, "SecretContainer")) return other_format("PSKC (RFC 6030)");
  if (has(start, "<html") || has(start, "<HTML") || has(start, "<!DOCTYPE html")) {
    return refusal("this is a web page, not a seed file", "Download the file itself; a sign-in page may have come instead.");
  }
  return other_format("XML");
}

}  // namespace

std::optional<Error> why_not_text(std::string_view start, bool whole) {
  const auto text = trimmed(start);
  if (text.empty() && whole) return refusal("the file is empty", "Check that the download or export was complete.");
  if (start.starts_with("PK\x03\x04")) return zip_refusal(start);
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
  if (is_utf16(start)) {
    return refusal("this file is UTF-16 (\"Unicode text\"), and this version reads UTF-8 only",
                   "Save it as \"CSV UTF-8 (comma delimited)\"; in PowerShell use `Set-Content -Encoding utf8`.");
  }
  if (text.starts_with('<')) return xml_refusal(text);
  if (text.starts_with('{') || text.starts_with('[')) return other_format("JSON");
  for (const std::string_view uri : {"otpauth-migration://", "otpauth://"}) {
    if (text.starts_with(uri) || has(text, fmt::format("\n{}", uri))) {
      return other_format(uri.starts_with("otpauth-") ? "a Google Authenticator export" : "a list of otpauth URIs");
    }
  }
  if (has(text, "dn: sccAuthenticatorId=")) return other_format("SafeWord records");
  for (const std::string_view mode :
       {"LOGGING START", "OATH-HOTP,", "Yubico OTP,", "Static Password,", "Challenge-response,"}) {
    if (text.starts_with(mode) || has(text, fmt::format("\n{}", mode))) {
      return refusal("this file was recognised as a YubiKey personalization log: it holds no time-based tokens",
                     "Nothing in it can be used with Entra; YubiKeys sign in there with FIDO2 or certificates.");
    }
  }
  return std::nullopt;
}

}  // namespace portalkey
