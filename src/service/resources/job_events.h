#pragma once

#include <memory>
#include <string>

#include "service/service.h"

namespace portalkey {

/// What the audit trail tells of a job, as server-sent events: the id of each is its number there, so whoever comes back with
/// `Last-Event-ID` misses nothing, whatever was restarted meanwhile. Comments keep the connection alive; after the job's end it
/// is over. `after`: the last number that is known.
std::unique_ptr<BodySource> job_events(Service& service, ServedTenant& tenant, const std::string& job, std::int64_t after);

}  // namespace portalkey
