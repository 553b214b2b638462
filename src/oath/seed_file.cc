#include "oath/seed_file.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "oath/byte_source.h"
#include "oath/csv/entra_csv.h"
#include "oath/file_kind.h"
#include "oath/peeked_source.h"
#include "oath/pskc/pskc_reader.h"

namespace portalkey {
namespace {

/// The beginning of XML in UTF-16, as far as it is ASCII; empty if it is something else. Expat decodes it on its own.
std::string utf16_xml_start(std::string_view start) {
  std::string text;
  if (!is_utf16(start)) return text;
  for (const char c : start) {
    if (c > 0) text += c;
  }
  return trimmed(text).starts_with('<') ? text : std::string();
}

}  // namespace

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

  const std::string xml_start = utf16_xml_start(start);
  const auto format = options.format ? Result<SeedFormat>(*options.format) : format_of(xml_start.empty() ? start : xml_start);
  if (!format) return std::unexpected(format.error());
  switch (*format) {
    case SeedFormat::entra_csv: {
      CsvRows rows(peeked, plan.buffer_bytes);
      if (auto begun = rows.start(kByteOrderMark.size()); !begun) return pass(begun);
      if (marked) rows.skip(kByteOrderMark.size());
      return read_entra_csv(rows, peeked.random_access(), options, plan, sink);
    }
    case SeedFormat::pskc: return read_pskc(peeked, options, sink);
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
