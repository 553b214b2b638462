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

/// `hash_before`: of the entry that is taken next.
Result<void> each_line(TrailReading& trail, const std::function<Result<void>(const AuditEntry&, const std::string&)>& take) {
  std::string before = trail.beginning().hash;
  return trail.each(std::numeric_limits<std::int64_t>::min(), [&](const AuditEntry& entry, std::string_view) -> Result<void> {
    if (auto taken = take(entry, before); !taken) return taken;
    before = entry.hash;
    return {};
  });
}

Result<void> as_json_lines(TrailReading& trail, Lines& lines) {
  const auto& beginning = trail.beginning();
  if (auto done = lines.add(beginning_form(beginning.trail, beginning.made.value_or(WallTime{})), "\n"); !done) return done;
  if (beginning.stub) {
    if (auto done = lines.add(stub_line(*beginning.stub), "\n"); !done) return done;
  }
  auto all = each_line(
      trail, [&](const AuditEntry& entry, const std::string& before) { return lines.add(entry_line(entry, before), "\n"); });
  if (!all) return all;
  auto checkpoints = trail.checkpoints();
  if (!checkpoints) return pass(checkpoints);
  for (const auto& checkpoint : *checkpoints) {
    if (auto done = lines.add(checkpoint_line(checkpoint), "\n"); !done) return done;
  }
  return lines.flush();
}

Result<void> as_csv(TrailReading& trail, Lines& lines) {
  if (auto done = lines.add(kAuditCsvColumns, "\r\n"); !done) return done;
  auto all = each_line(trail, [&](const AuditEntry& entry, const std::string& before) {
    return lines.add(csv_line(entry, before, trail.beginning().trail), "\r\n");
  });
  return all ? lines.flush() : all;
}

}  // namespace

Result<void> export_trail(TrailReading& trail, AuditExportFormat format,
                          const std::function<Result<void>(std::string_view)>& write) {
  Lines lines(write);
  return format == AuditExportFormat::csv ? as_csv(trail, lines) : as_json_lines(trail, lines);
}

}  // namespace portalkey
