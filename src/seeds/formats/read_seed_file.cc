#include "seeds/formats/read_seed_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/secret.h"
#include "base/wipe_registers.h"
#include "seeds/formats/csv/csv_rows.h"
#include "seeds/formats/file_kind.h"
#include "seeds/formats/formats.h"
#include "seeds/formats/zip/zip_seeds.h"
#include "seeds/input/byte_source.h"
#include "seeds/input/peeked_source.h"
#include "seeds/input/transcoded_source.h"

namespace portalkey {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Text in UTF-8, or XML.
Result<SeedFileSummary> read_as(const FormatOfSeeds& format, ByteSource& source, bool marked, const SeedFileOptions& options,
                                std::size_t most_row_bytes, SeedSink& sink) {
  const auto read = [&]() -> Result<SeedFileSummary> {
    if (format.read != nullptr) return format.read(source, options, sink);  // it drops a byte order mark itself
    CsvRows rows(source, most_row_bytes);
    if (auto begun = rows.start(kByteOrderMark.size()); !begun) return pass(begun);
    if (marked) rows.skip(kByteOrderMark.size());
    return format.read_rows(rows, options, sink);
  };
  auto summary = read();
  if (summary) summary->format = format.name;
  return summary;
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

  const auto told = options.format ? Result<SeedFormat>(*options.format) : format_of(start);
  if (!told) return std::unexpected(told.error());
  const FormatOfSeeds& format = about(*told);
  if (!format.has_any_columns && std::ranges::any_of(options.columns, [](const auto& name) { return !name.of_list; })) {
    return fail(Errc::invalid_input,
                fmt::format("[[setting|map]] names columns of delimited text, and this file is {}", format.name),
                "Leave it out; or say [[setting|format|entra-csv]] if the file is delimited text after all.");
  }
  if (options.time_interval && format.always_says_the_interval) {
    return fail(Errc::invalid_input,
                fmt::format("[[setting|time-interval]] is for files that do not say it, and {} always does", format.name),
                "Leave it out.");
  }
  const bool is_xml = format.syntax == Syntax::xml;
  if (options.format && is_xml && !trimmed(start).starts_with('<')) {
    return fail(Errc::invalid_input, fmt::format("[[setting|format|{}]] is XML, and this file is none", format.name),
                "Leave [[setting|format]] out: the file's content tells what it is.");
  }
  if (!order || is_xml) return read_as(format, peeked, marked, options, most_row_bytes, sink);
  TranscodedSource text(peeked, *order);
  auto summary = read_as(format, text, false, options, most_row_bytes, sink);
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
