#include "seeds/formats/file_kind.h"

#include "base/ascii.h"

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

}  // namespace

Error sdtid_refusal() {
  return refusal(
      "this is an RSA SecurID token file (.sdtid)",
      "SecurID's codes are no OATH codes: Entra cannot take these tokens. Ask the vendor for OATH tokens with 30 or 60 "
      "seconds.");
}

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
    return refusal("this file is encrypted with PGP",
                   "Decrypt it with the key the vendor has, e.g. `gpg --decrypt FILE | [[through-standard-input]]`, so that it "
                   "never lies on the "
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

}  // namespace portalkey
