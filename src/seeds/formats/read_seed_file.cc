#include "seeds/formats/read_seed_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/secret.h"
#include "base/wipe_registers.h"
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
#include "seeds/formats/zip/zip_seeds.h"
#include "seeds/input/byte_source.h"
#include "seeds/input/peeked_source.h"
#include "seeds/input/transcoded_source.h"

namespace portalkey {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Text in UTF-8 with or without a byte order mark.
Result<SeedFileSummary> read_text(ByteSource& source, bool marked, SeedFormat format, const SeedFileOptions& options,
                                  std::size_t most_row_bytes, SeedSink& sink) {
  switch (format) {  // these drop a byte order mark themselves
    case SeedFormat::otpauth:
    case SeedFormat::otpauth_migration: return read_otpauth_list(source, format, options, sink);
    case SeedFormat::graph_json:
    case SeedFormat::andotp_json:
    case SeedFormat::aegis_json:
    case SeedFormat::portalkey_json: return read_seed_json(source, format, options, sink);
    case SeedFormat::safenet_xml:
    case SeedFormat::deepnet_xml: return read_vendor_xml(source, format, options, sink);
    case SeedFormat::safeword_dat: return read_safeword_dat(source, options, sink);
    default: break;
  }
  CsvRows rows(source, most_row_bytes);
  if (auto begun = rows.start(kByteOrderMark.size()); !begun) return pass(begun);
  if (marked) rows.skip(kByteOrderMark.size());
  switch (format) {
    case SeedFormat::entra_csv: return read_entra_csv(rows, options, sink);
    case SeedFormat::bitwarden_csv: return read_bitwarden_csv(rows, options, sink);
    case SeedFormat::oath_csv: return read_oath_csv(rows, options, sink);
    case SeedFormat::rcdevs_csv: return read_rcdevs_csv(rows, options, sink);
    case SeedFormat::yubico_csv: return read_yubico_csv(rows, options, sink);
    default: break;
  }
  return fail(Errc::invalid_input, fmt::format("this file is {}, which this version does not read", name_of(format)),
              "Ask the vendor for the same tokens as Entra CSV.");
}

/// Be it by a default of its own; or it holds nothing that has one.
bool always_says_the_interval(SeedFormat format) {
  return format == SeedFormat::otpauth || format == SeedFormat::otpauth_migration || format == SeedFormat::bitwarden_csv ||
         format == SeedFormat::rcdevs_csv || format == SeedFormat::yubico_csv || format == SeedFormat::safeword_dat;
}

/// XML in UTF-16 is for its reader, which knows encodings.
bool is_xml(SeedFormat format) {
  return format == SeedFormat::pskc || format == SeedFormat::safenet_xml || format == SeedFormat::deepnet_xml;
}

}  // namespace

Result<SeedFileSummary> read_seeds(ByteSource& source, const SeedFileOptions& options, SeedSink& sink,
                                   std::size_t most_row_bytes) {
  PeekedSource peeked(source);
  const auto bytes = peeked.peek(kEnoughToTell);
  if (!bytes) return std::unexpected(bytes.error());
  std::string_view start = *bytes;
  if (is_zip(start)) {
    if (auto refusal = why_not_readable(start, peeked.whole())) return std::unexpected(std::move(*refusal));
    return read_zip(peeked, options, most_row_bytes, sink);
  }
  if (is_utf32(start)) return std::unexpected(utf32_refusal());
  const auto order = utf16_order(start);
  std::string decoded;
  struct Wiped {
    std::string& text;
    ~Wiped() { wipe(text); }
  } wiped{decoded};
  if (order) start = decoded = utf8_of_start(start, *order);
  const bool marked = start.starts_with(kByteOrderMark);
  if (marked) start.remove_prefix(kByteOrderMark.size());
  if (auto refusal = why_not_readable(start, peeked.whole())) return std::unexpected(std::move(*refusal));

  const auto format = options.format ? Result<SeedFormat>(*options.format) : format_of(start);
  if (!format) return std::unexpected(format.error());
  if (std::ranges::any_of(options.columns, [](const auto& name) { return !name.of_list; }) &&
      *format != SeedFormat::entra_csv) {
    return fail(Errc::invalid_input,
                fmt::format("--map names columns of delimited text, and this file is {}", name_of(*format)),
                "Leave it out; or say --format entra-csv if the file is delimited text after all.");
  }
  if (options.time_interval && always_says_the_interval(*format)) {
    return fail(Errc::invalid_input,
                fmt::format("--time-interval is for files that do not say it, and {} always does", name_of(*format)),
                "Leave it out.");
  }
  if (options.format && is_xml(*format) && !trimmed(start).starts_with('<')) {
    return fail(Errc::invalid_input, fmt::format("--format {} is XML, and this file is none", name_of(*format)),
                "Leave --format out: the file's content tells what it is.");
  }
  if (*format == SeedFormat::pskc) return read_pskc(peeked, options, sink);
  if (!order || is_xml(*format)) return read_text(peeked, marked, *format, options, most_row_bytes, sink);
  TranscodedSource text(peeked, *order);
  auto summary = read_text(text, false, *format, options, most_row_bytes, sink);
  if (summary) {
    summary->notes.push_back(fmt::format("the file is UTF-16 ({}) and was read as such",
                                         *order == ByteOrder::little ? "little-endian" : "big-endian"));
  }
  return summary;
}

Result<SeedFileSummary> read_seed_file(const std::filesystem::path& path, const SeedFileOptions& options, SeedSink& sink) {
  const std::string name = path == "-" ? "standard input" : path.string();
  auto source = FileSource::open(path);
  if (!source) return std::unexpected(std::move(source).error().with("file", name));
  auto summary = read_seeds(*source, options, sink);
  wipe_registers();
  if (!summary) {
    auto by_name =
        summary.error().code == Errc::invalid_input && !options.format ? why_not_readable_by_name(name) : std::nullopt;
    return std::unexpected((by_name ? std::move(*by_name) : std::move(summary).error()).with("file", name));
  }
  return summary;
}

}  // namespace portalkey
