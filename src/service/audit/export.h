#pragma once
// A trail as a file that stands by itself: it can be verified without the database, by this program or another
// (entry_form.h has the form of an entry).
//
// JSON lines: the beginning; if entries were pruned, the stub; each entry; the checkpoints that are kept with the trail. An
// export of a part has a line `{"exported_from":NUMBER,"head":HASH}` before its first entry, with the hash of the one before,
// also `"exported_through":NUMBER` if later entries were left out, and no stub if earlier ones were.
// CSV (RFC 4180, UTF-8, every field quoted): columns as in its first line, an apostrophe in front of what a spreadsheet would
// take for a formula, which is taken away again when it is read. It has no checkpoints, and does not prove its beginning
// nor, of a part, that its end is not cut.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "service/audit/audit_trail.h"

namespace portalkey {

enum class AuditExportFormat { json_lines, csv };

/// From the first entry that is not before `from` to the last that is before `until`, whatever times are between them.
struct AuditSpan {
  std::optional<WallTime> from{}, until{};
};

/// not_found: the span has no entry.
Result<void> export_trail(TrailReading& trail, AuditExportFormat format,
                          const std::function<Result<void>(std::string_view)>& write, const AuditSpan& span = {});

/// A file that `export_trail` wrote, in either format. corrupt: it is none, or a line is not in the form; `line` says which.
Result<std::unique_ptr<TrailReading>> open_exported_trail(const std::filesystem::path& file);

}  // namespace portalkey
