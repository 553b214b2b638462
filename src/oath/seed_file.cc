#include "oath/seed_file.h"

#include "oath/byte_source.h"
#include "oath/entra_csv.h"
#include "oath/file_kind.h"

namespace portalkey {

Result<SeedFileSummary> read_seeds(ByteSource& source, const SeedFileOptions& options, SeedSink& sink,
                                   const ReadingPlan& plan) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  CsvRows rows(source, plan.buffer_bytes);
  auto start = rows.start(kEnoughToTell);
  if (!start) return std::unexpected(std::move(start).error());
  const bool whole = start->size() < std::min(kEnoughToTell, plan.buffer_bytes);
  const bool marked = start->starts_with(kByteOrderMark);
  if (marked) start->remove_prefix(kByteOrderMark.size());
  if (auto refusal = why_not_text(*start, whole)) return std::unexpected(std::move(*refusal));
  if (marked) rows.skip(kByteOrderMark.size());
  return read_entra_csv(rows, source.random_access(), options, plan, sink);
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
