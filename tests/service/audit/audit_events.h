#pragma once

#include <string>
#include <utility>

#include "service/audit/audit_log.h"

namespace portalkey {

inline AuditEvent event_of(std::string action, std::string serial = {}, std::string upn = {}) {
  AuditEvent event;
  event.action = std::move(action);
  event.caller_kind = "user";
  event.caller_id = "11111111-1111-4111-8111-111111111111";
  event.caller_name = "helpdesk@contoso.com";
  event.peer = "192.0.2.7";
  event.tenant = "contoso";
  event.serial = std::move(serial);
  event.upn = std::move(upn);
  event.outcome = "done";
  event.correlation = "22222222-2222-4222-8222-222222222222";
  return event;
}

}  // namespace portalkey
