#pragma once
// Lines of exports.

#include <optional>
#include <string>
#include <string_view>

#include "service/audit/audit_log.h"

namespace portalkey {

inline constexpr std::string_view kAuditCsvColumns =
    "number,time,action,outcome,caller_kind,caller_id,caller_name,peer,tenant,serial,upn,job,correlation,detail,previous,hash,"
    "trail";

struct ExportedEntry {
  AuditEntry entry;
  std::string previous;
  std::string trail;  ///< CSV only
};

std::string csv_line(const AuditEntry& entry, std::string_view previous, std::string_view trail);
/// nullopt: it is not such a line, to the byte.
std::optional<ExportedEntry> entry_of_csv(std::string_view line);
std::optional<ExportedEntry> entry_of_json(std::string_view line);

/// `{"form":1,"made":…,"trail":…}`
struct ExportedBeginning {
  std::string trail;
  WallTime made{};
};
std::optional<ExportedBeginning> beginning_of_json(std::string_view line);

/// `{"exported_from":…,"exported_through":…,"head":…}`: the export is of a part.
struct ExportedPart {
  std::int64_t from = 0;     ///< the number of its first entry
  std::string before;        ///< the hash of the one before that
  std::int64_t through = 0;  ///< its last; 0: it goes to the trail's end
};
std::string part_line(const ExportedPart& part);
std::optional<ExportedPart> part_of_json(std::string_view line);

}  // namespace portalkey
