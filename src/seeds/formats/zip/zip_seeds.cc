#include "seeds/formats/zip/zip_seeds.h"

#include <fmt/format.h>

#include <optional>

#include "seeds/formats/file_kind.h"
#include "seeds/formats/formats.h"
#include "seeds/formats/read_seed_file.h"
#include "seeds/formats/zip/zip_archive.h"
#include "seeds/input/peeked_source.h"
#include "seeds/input/transcoded_source.h"

namespace portalkey {
namespace {

struct WipedText {
  WipedText() = default;
  WipedText(const WipedText&) = delete;
  WipedText& operator=(const WipedText&) = delete;
  ~WipedText() { wipe(text); }
  std::string text;
};

/// All of a source that gives its bytes one after the other.
Result<void> take_in(ByteSource& source, std::string& text) {
  text.resize(1U << 20);
  for (std::size_t size = 0;;) {
    if (size == text.size()) {
      if (size >= kZipMostInMemory) {
        return fail(Errc::invalid_input,
                    fmt::format("the zip archive is larger than {} MiB, too large for standard input", kZipMostInMemory >> 20),
                    "Save it as a file and give its name.");
      }
      std::string larger(text.size() * 2, '\0');
      text.copy(larger.data(), size);
      wipe(text);
      text.swap(larger);
    }
    const auto n = source.read(std::span(text).subspan(size));
    if (!n) return std::unexpected(n.error());
    if (*n == 0) {
      text.resize(size);
      return {};
    }
    size += *n;
  }
}

enum class Kind { seeds, text, other };
struct Told {
  Kind kind = Kind::other;
  std::optional<Error> why = std::nullopt;
};

struct NoSink final : SeedSink {
  void on_token(TokenSeed&&) override {}
  void on_problem(RowProblem&&) override {}
};

/// Delimited text is what nothing else is, prose too: whether it is a seed file shows only when its first rows are read.
Told told_by_start(std::string_view start, bool whole, const SeedFileOptions& options) {
  if (is_zip(start)) {
    return {.why = Error{
                Errc::invalid_input, "this is a zip archive inside another", "Unpack the outer one and give the inner.", {}}};
  }
  WipedText decoded;
  if (const auto order = utf16_order(start)) start = decoded.text = utf8_of_start(start, *order);
  if (start.starts_with("\xEF\xBB\xBF")) start.remove_prefix(3);
  if (auto refusal = why_not_readable(start, whole)) return {.why = std::move(refusal)};
  const auto format = format_of(start);
  if (!format) return {.why = format.error()};
  if (!about(*format).has_any_columns) return {.kind = Kind::seeds};
  if (!whole) start = start.substr(0, start.find_last_of("\r\n") + 1);
  MemorySource rows(start);
  NoSink nowhere;
  SeedFileOptions as_told = options;
  as_told.format = *format;
  return {.kind = read_seeds(rows, as_told, nowhere) ? Kind::seeds : Kind::text};
}

/// `a.csv, b.csv and 3 more`
std::string list(const std::vector<const ZipEntry*>& entries) {
  constexpr std::size_t kMost = 10;
  std::string out;
  for (std::size_t i = 0; i < std::min(entries.size(), kMost); ++i) out += (i != 0 ? ", " : "") + entries[i]->name;
  if (entries.size() > kMost) out += fmt::format(" and {} more", entries.size() - kMost);
  return out;
}

Result<SeedFileSummary> read_entry(const ZipArchive& archive, const ZipEntry& entry, const SeedFileOptions& options,
                                   std::size_t most_row_bytes, SeedSink& sink) {
  auto source = archive.read(entry, options.passphrase);
  if (!source) return pass(source);
  auto summary = read_seeds(*source, options, sink, most_row_bytes);
  if (!summary) return summary;
  std::array<char, 4096> rest;  // the checksum is compared at the entry's end
  for (;;) {
    const auto n = source->read(rest);
    explicit_bzero(rest.data(), rest.size());
    if (!n) return std::unexpected(n.error());
    if (*n == 0) return summary;
  }
}

}  // namespace

Result<SeedFileSummary> read_zip(ByteSource& source, const SeedFileOptions& options, std::size_t most_row_bytes,
                                 SeedSink& sink) {
  WipedText taken;
  std::optional<MemorySource> memory;
  const RandomAccess* bytes = source.random_access();
  if (bytes == nullptr) {
    if (auto all = take_in(source, taken.text); !all) return std::unexpected(std::move(all).error());
    bytes = memory.emplace(taken.text).random_access();
  }
  auto archive = ZipArchive::open(*bytes);
  if (!archive) return pass(archive);
  if (archive->is_workbook()) return std::unexpected(workbook_refusal());

  std::vector<const ZipEntry*> seeds, texts, others;
  std::optional<Error> why;
  for (const auto& entry : archive->entries()) {
    auto file = archive->read(entry, options.passphrase);
    if (!file) return pass(file);
    PeekedSource peeked(*file);
    const auto start = peeked.peek(kEnoughToTell);
    if (!start) return std::unexpected(start.error());
    auto told = told_by_start(*start, peeked.whole(), options);
    (told.kind == Kind::seeds ? seeds : told.kind == Kind::text ? texts : others).push_back(&entry);
    if (told.why) why = std::move(told.why);
  }
  if (seeds.size() > 1) {
    return fail(Errc::invalid_input, fmt::format("the zip archive holds {} seed files: {}", seeds.size(), list(seeds)),
                "Give one of them: `unzip -p ARCHIVE.zip NAME | [[through-standard-input]]`.");
  }
  if (seeds.empty() && texts.size() == 1) seeds.swap(texts);  // its own reader says what is wrong with it
  if (seeds.empty()) {
    if (others.size() == 1 && texts.empty()) return std::unexpected(std::move(*why).with("entry", others.front()->name));
    others.insert(others.end(), texts.begin(), texts.end());
    return fail(
        Errc::invalid_input,
        others.empty() ? "the zip archive is empty" : fmt::format("the zip archive holds no seed file: {}", list(others)),
        "Check that this is the archive the vendor meant.");
  }
  const auto& entry = *seeds.front();
  auto summary = read_entry(*archive, entry, options, most_row_bytes, sink);
  if (!summary) {
    auto& context = summary.error().context;
    if (context.empty() || context.front().first != "entry") context.emplace_back("entry", entry.name);
    return summary;
  }
  summary->notes.push_back(fmt::format("the seeds are the archive's entry {}", entry.name));
  others.insert(others.end(), texts.begin(), texts.end());
  if (!others.empty()) summary->notes.push_back(fmt::format("the archive's other entries were not read: {}", list(others)));
  return summary;
}

}  // namespace portalkey
