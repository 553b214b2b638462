#pragma once
// The service: answers requests by the route table. Whoever calls, a request goes the same way: route, caller, right, tenant,
// form, idempotency, audit, handler, audit.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/remedy.h"
#include "service/api/route.h"
#include "service/callers/authenticator.h"
#include "service/callers/caller_use.h"
#include "service/metrics.h"
#include "service/requests/request_memory.h"
#include "service/served_tenant.h"
#include "web/http_message.h"

namespace portalkey {

struct ServiceSettings {
  std::string public_url;                    ///< `https://host:port`, without a slash behind; addresses in answers begin so
  std::vector<std::string> trusted_proxies;  ///< addresses whose X-Forwarded-For is believed
  std::size_t requests_a_minute = 600;       ///< of one caller; 0: any number
  std::chrono::seconds longest_wait{25};     ///< that an answer may take
  std::size_t most_waiting = 12;             ///< callers that wait for a job at a time: each has a thread, and others need some
};

/// What a service is made of; all must outlive it.
struct ServiceParts {
  std::vector<std::unique_ptr<ServedTenant>>& tenants;
  Authenticator& authenticator;
  AuditLog& audit;
  Mirror& mirror;
  RequestMemory& requests;
  CallerUse& use;
  Clock& clock;
};

class Service {
 public:
  Service(ServiceParts parts, ServiceSettings settings, Secret ticket_key);

  /// By any thread.
  HttpResponse handle(const HttpRequest& request);

  const ServiceSettings& settings() const { return settings_; }
  std::vector<std::unique_ptr<ServedTenant>>& tenants() { return parts_.tenants; }
  /// By the name of its profile; null: none is served under that name.
  ServedTenant* tenant(std::string_view name);
  /// That of a route below `/v1/tenants/{tenant}`: it is there, and the caller may.
  ServedTenant& tenant_of(const Call& call);
  AuditLog& audit() { return parts_.audit; }
  Mirror& mirror() { return parts_.mirror; }
  CallerUse& use() { return parts_.use; }
  Metrics& metrics() { return metrics_; }
  Clock& clock() { return parts_.clock; }
  /// With the references of a text put into the words of the API.
  const Words& words() const { return words_; }

  /// Allows whoever has it to look at how this job is, for an hour: for pollers that do not sign in.
  std::string ticket_for(const std::string& tenant, const std::string& job) const;
  bool is_ticket(std::string_view ticket, const std::string& tenant, const std::string& job) const;

  /// True: the job has ended. Waits for that no longer than `patience`, and not at all if as many callers wait as may.
  bool wait_for(ServedTenant& tenant, const std::string& job, std::chrono::milliseconds patience);

  /// Why the service cannot do its work, for /readyz; empty: it can.
  std::vector<std::string> not_ready();
  /// Set while it ends.
  void drain() { draining_ = true; }
  bool draining() const { return draining_; }

 private:
  struct Asked;
  HttpResponse answer(Asked& asked);
  std::optional<Problem> admit(Asked& asked);
  std::optional<Problem> read_values(Asked& asked);
  std::optional<Problem> read_body(Asked& asked);
  bool too_often(const std::string& caller);
  HttpResponse write(Asked& asked);
  HttpResponse done(Asked& asked);
  AuditEvent event_of(const Asked& asked, std::string outcome) const;
  std::string peer_of(const HttpRequest& request) const;

  ServiceParts parts_;
  ServiceSettings settings_;
  Secret ticket_key_;
  Words words_;
  Metrics metrics_;
  std::mutex mutex_;  // guards the following
  struct Rate {
    SteadyTime since{};
    std::size_t count = 0;
  };
  std::map<std::string, Rate> rates_;
  std::atomic<bool> draining_ = false;
  std::atomic<std::size_t> waiting_ = 0;  // callers, for jobs
};

}  // namespace portalkey
