#include "oath/seed_file.h"

#include <fmt/format.h>

#include "oath/byte_source.h"
#include "oath/csv/entra_csv.h"
#include "oath/file_kind.h"
#include "oath/json/seed_json.h"
#include "oath/otpauth/otpauth_list.h"
#include "oath/peeked_source.h"
#include "oath/safeword/safeword_dat.h"
#include "oath/xml/vendor_xml.h"

namespace portalkey {

Result<SeedFileSummary> read_seeds(ByteSource& source, const SeedFileOptions& options, SeedSink& sink,
                                   const ReadingPlan& plan) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  PeekedSource peeked(source);
  const auto bytes = peeked.peek(kEnoughToTell);
  if (!bytes) return std::unexpected(bytes.error());
  std::string_view start = *bytes;
  const bool marked = start.starts_with(kByteOrderMark);
  if (marked) start.remove_prefix(kByteOrderMark.size());
  if (auto refusal = why_not_readable(start, peeked.whole())) return std::unexpected(std::move(*refusal));

  const auto format = options.format ? Result<SeedFormat>(*options.format) : format_of(start);
  if (!format) return std::unexpected(format.error());
  switch (*format) {
    case SeedFormat::entra_csv: {
      CsvRows rows(peeked, plan.buffer_bytes);
      if (auto begun = rows.start(kByteOrderMark.size()); !begun) return pass(begun);
      if (marked) rows.skip(kByteOrderMark.size());
      return read_entra_csv(rows, peeked.random_access(), options, plan, sink);
    }
    case SeedFormat::otpauth:
    case SeedFormat::otpauth_migration: return read_otpauth_list(peeked, *format, sink);
    case SeedFormat::graph_json:
    case SeedFormat::andotp_json:
    case SeedFormat::aegis_json:
    case SeedFormat::portalkey_json: return read_seed_json(peeked, *format, options, sink);
    case SeedFormat::safenet_xml:
    case SeedFormat::deepnet_xml: return read_vendor_xml(peeked, *format, options, sink);
    case SeedFormat::safeword_dat: return read_safeword_dat(peeked, sink);
    default: break;
  }
  return fail(Errc::invalid_input, fmt::format("this file is {}, which this version does not read", name_of(*format)),
              "Ask the vendor for the same tokens as Entra CSV.");
}

Result<SeedFileSummary> read_seed_file(const std::filesystem::path& path, const SeedFileOptions& options, SeedSink& sink) {
  const std::string name = path == "-" ? "standard input" : path.string();
  auto source = FileSource::open(path);
  if (!source) return std::unexpected(std::move(source).error().with("file", name));
  auto summary = read_seeds(*source, options, sink);
  if (!summary) return std::unexpected(std::move(summary).error().with("file", name));
  return summary;
}

}  // namespace portalkey
