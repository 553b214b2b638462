#include <fmt/format.h>

#include <fstream>

#include "base/files.h"
#include "base/system_error.h"
#include "service/audit/entry_form.h"
#include "service/audit/export.h"
#include "service/audit/export_form.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestLine = 1 << 16;

class ExportedTrail final : public TrailReading {
 public:
  explicit ExportedTrail(std::filesystem::path file) : file_(std::move(file)) {}

  Result<void> begin() {
    Lines lines(file_);
    auto line = lines.next();
    if (!line) return std::unexpected(wrong(lines, "is no export of an audit trail"));
    csv_ = *line == kAuditCsvColumns;
    if (csv_) {
      line = lines.next();
      if (!line) return {};
      const auto first = entry_of_csv(*line);
      if (!first) return std::unexpected(wrong(lines, "is no entry"));
      beginning_ = {first->trail, std::nullopt, std::nullopt, first->entry.number - 1, first->previous};
      return {};
    }
    const auto made = beginning_of_json(*line);
    if (!made) return std::unexpected(wrong(lines, "is no export of an audit trail"));
    beginning_ = {made->trail, made->made, std::nullopt, 0, sha256_hex(beginning_form(made->trail, made->made))};
    head_ = 1;
    line = lines.next();
    if (const auto stub = line ? stub_of(*line) : std::nullopt) {
      beginning_.stub = *stub;
      beginning_.number = stub->through;
      beginning_.hash = stub->head;
      ++head_;
      line = lines.next();
    }
    if (const auto part = line ? part_of_json(*line) : std::nullopt) {
      ++head_;
      left_out_after_ = part->through;
      if (part->from != beginning_.number + 1 || part->before != beginning_.hash)
        beginning_ = {made->trail, std::nullopt, std::nullopt, part->from - 1, part->before};
    }
    return {};
  }

  const ChainBeginning& beginning() const override { return beginning_; }
  std::int64_t left_out_after() const override { return left_out_after_; }

  Result<void> each(std::int64_t from, const TakeEntry& take) override {
    Lines lines(file_);
    for (int head = head_; head > 0; --head) (void)lines.next();
    while (const auto line = lines.next()) {
      if (!csv_ && checkpoint_of(*line)) continue;
      const auto read = csv_ ? entry_of_csv(*line) : entry_of_json(*line);
      if (!read || (csv_ && read->trail != beginning_.trail)) return std::unexpected(wrong(lines, "is not as it was written"));
      if (read->entry.number < from) continue;
      if (auto taken = take(read->entry, read->previous); !taken) return taken;
    }
    return lines.ended() ? Result<void>() : std::unexpected(wrong(lines, "is longer than any entry"));
  }

  Result<std::vector<Checkpoint>> checkpoints() override {
    std::vector<Checkpoint> out;
    Lines lines(file_);
    while (!csv_) {
      const auto line = lines.next();
      if (!line) break;
      if (!line->starts_with("{\"head\":")) continue;
      if (auto checkpoint = checkpoint_of(*line)) out.push_back(std::move(*checkpoint));
    }
    return out;
  }

 private:
  class Lines {
   public:
    explicit Lines(const std::filesystem::path& file) : in_(file, std::ios::binary) {}
    std::optional<std::string> next() {
      std::string line;
      for (char c = 0; in_.get(c);) {
        if (c == '\n') break;
        line += c;
        if (line.size() > kLongestLine) return std::nullopt;
      }
      if (!in_ && line.empty()) return std::nullopt;
      ++number_;
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    bool ended() { return in_.eof(); }
    std::size_t number() const { return number_; }

   private:
    std::ifstream in_;
    std::size_t number_ = 0;
  };

  Error wrong(const Lines& lines, std::string_view what) const {
    const auto number = std::max<std::size_t>(lines.number(), 1);
    return {Errc::corrupt,
            fmt::format("line {} of the export {}", number, what),
            "Export the trail again, and compare.",
            {{"file", file_.string()}, {"line", std::to_string(number)}}};
  }

  std::filesystem::path file_;
  ChainBeginning beginning_;
  std::int64_t left_out_after_ = 0;
  int head_ = 1;  ///< lines before the entries
  bool csv_ = false;
};

}  // namespace

Result<std::unique_ptr<TrailReading>> open_exported_trail(const std::filesystem::path& file) {
  auto opened = open_to_read(file, FileUse::input);
  if (!opened) return pass(opened);
  auto trail = std::make_unique<ExportedTrail>(file);
  if (auto begun = trail->begin(); !begun) return pass(begun);
  return trail;
}

}  // namespace portalkey
