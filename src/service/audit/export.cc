#include "service/audit/export.h"

#include <limits>

#include "base/spreadsheet_text.h"
#include "service/audit/canonical_object.h"
#include "service/audit/entry_form.h"
#include "service/audit/export_form.h"

namespace portalkey {
namespace {

constexpr std::size_t kAtOnce = 1 << 16;

/// Lines, written many at a time.
class Lines {
 public:
  explicit Lines(const std::function<Result<void>(std::string_view)>& write) : write_(write) {}
  Result<void> add(std::string_view line, std::string_view end) {
    held_.append(line).append(end);
    return held_.size() < kAtOnce ? Result<void>() : flush();
  }
  Result<void> flush() {
    auto written = held_.empty() ? Result<void>() : write_(held_);
    held_.clear();
    return written;
  }

 private:
  const std::function<Result<void>(std::string_view)>& write_;
  std::string held_;
};

constexpr auto kFirst = std::numeric_limits<std::int64_t>::min(), kLast = std::numeric_limits<std::int64_t>::max();

/// What is exported.
struct Part {
  std::int64_t from = kFirst, through = kLast;
  std::string before;  ///< the hash of the one before it
  bool whole_front = true, whole_end = true;
};

Result<Part> part_of(TrailReading& trail, const AuditSpan& span) {
  Part out;
  out.before = trail.beginning().hash;
  if (!span.from && !span.until) return out;
  bool begun = false;
  std::int64_t through = kFirst, last = kFirst;
  auto before = out.before;
  auto read = trail.each(kFirst, [&](const AuditEntry& entry, std::string_view) -> Result<void> {
    last = entry.number;
    if (!begun && (!span.from || entry.time >= *span.from)) {
      begun = true;
      out.from = entry.number;
      out.before = before;
    }
    out.whole_front = out.whole_front && begun;
    if (begun && (!span.until || entry.time < *span.until)) through = entry.number;
    before = entry.hash;
    return {};
  });
  if (!read) return pass(read);
  if (through == kFirst) return fail(Errc::not_found, "the audit trail has no entry of that time");
  out.through = through;
  out.whole_end = through == last;
  return out;
}

Result<void> each_line(TrailReading& trail, const Part& part,
                       const std::function<Result<void>(const AuditEntry&, const std::string& before)>& take) {
  auto before = part.before;
  bool enough = false;
  auto read = trail.each(part.from, [&](const AuditEntry& entry, std::string_view) -> Result<void> {
    enough = entry.number > part.through;
    if (enough) return fail(Errc::cancelled, "enough");
    if (auto taken = take(entry, before); !taken) return taken;
    before = entry.hash;
    return {};
  });
  return enough ? Result<void>() : read;
}

Result<void> json_head(const ChainBeginning& beginning, const Part& part, Lines& lines) {
  if (auto done = lines.add(beginning_form(beginning.trail, beginning.made.value_or(WallTime{})), "\n"); !done) return done;
  if (beginning.stub && part.whole_front) {
    if (auto done = lines.add(stub_line(*beginning.stub), "\n"); !done) return done;
  }
  if (part.whole_front && part.whole_end) return {};
  return lines.add(part_line({part.from, part.before, part.whole_end ? 0 : part.through}), "\n");
}

Result<void> as_json_lines(TrailReading& trail, const Part& part, Lines& lines) {
  if (auto done = json_head(trail.beginning(), part, lines); !done) return done;
  auto all = each_line(trail, part, [&](const AuditEntry& entry, const std::string& before) {
    return lines.add(entry_line(entry, before), "\n");
  });
  if (!all) return all;
  auto checkpoints = trail.checkpoints();
  if (!checkpoints) return pass(checkpoints);
  for (const auto& checkpoint : *checkpoints) {
    if (checkpoint.seq < part.from || checkpoint.seq > part.through) continue;
    if (auto done = lines.add(checkpoint_line(checkpoint), "\n"); !done) return done;
  }
  return lines.flush();
}

Result<void> as_csv(TrailReading& trail, const Part& part, Lines& lines) {
  if (auto done = lines.add(kAuditCsvColumns, "\r\n"); !done) return done;
  auto all = each_line(trail, part, [&](const AuditEntry& entry, const std::string& before) {
    return lines.add(csv_line(entry, before, trail.beginning().trail), "\r\n");
  });
  return all ? lines.flush() : all;
}

}  // namespace

Result<void> export_trail(TrailReading& trail, AuditExportFormat format,
                          const std::function<Result<void>(std::string_view)>& write, const AuditSpan& span) {
  auto part = part_of(trail, span);
  if (!part) return pass(part);
  Lines lines(write);
  return format == AuditExportFormat::csv ? as_csv(trail, *part, lines) : as_json_lines(trail, *part, lines);
}

}  // namespace portalkey
