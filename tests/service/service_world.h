#pragma once
// The service over a tenant whose backends answer from memory; trail, mirror and callers are as the test wants them.

#include <mutex>

#include "service/requests/request_memory.h"
#include "service/service.h"
#include "tests/app/jobs_world.h"

namespace portalkey {

class FakeAudit final : public AuditLog {
 public:
  Result<AuditEntry> append(const AuditEvent& event) override {
    const std::lock_guard turn(mutex);
    if (full) return fail(Errc::unavailable, "the trail cannot be written: the disk is full");
    entries.push_back({static_cast<std::int64_t>(entries.size()) + 1, {}, event, ""});
    return entries.back();
  }
  Result<void> append_all(const std::vector<AuditEvent>& events) override {
    for (const auto& event : events) {
      if (auto done = append(event); !done) return std::unexpected(done.error());
    }
    return {};
  }
  Result<AuditPage> search(const AuditFilter& filter, std::size_t most, std::int64_t before) override {
    const std::lock_guard turn(mutex);
    AuditPage page;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      if (before != 0 && entry->number >= before) continue;
      if (!filter.job.empty() && entry->event.job != filter.job) continue;
      if (page.entries.size() == most) {
        page.next = page.entries.back().number;
        break;
      }
      page.entries.push_back(*entry);
    }
    return page;
  }
  Result<void> each(std::int64_t, const std::function<Result<void>(const AuditEntry&)>&) override { return {}; }

  /// `action outcome`, in order.
  std::vector<std::string> told() {
    const std::lock_guard turn(mutex);
    std::vector<std::string> out;
    for (const auto& entry : entries) out.push_back(entry.event.action + " " + entry.event.outcome);
    return out;
  }

  std::mutex mutex;
  std::vector<AuditEntry> entries;
  std::atomic<bool> full = false;
};

class FakeMirror final : public Mirror {
 public:
  Result<MirrorPage> page(const std::string&, const MirrorQuery& query) override {
    asked = query;
    if (!read) return fail(Errc::not_found, "never read");
    MirrorPage page;
    page.tokens = tokens;
    page.as_of = from_unix_seconds(1'767'225'600);
    return page;
  }
  Result<MirrorCounts> counts(const std::string&, const MirrorQuery&) override {
    if (!read) return fail(Errc::not_found, "never read");
    return MirrorCounts{static_cast<std::int64_t>(tokens.size()), 0, 0, 0, from_unix_seconds(1'767'225'600)};
  }
  Result<std::optional<WallTime>> as_of(const std::string&) override { return std::optional<WallTime>(); }
  Result<void> put(const std::string&, const TenantToken& token) override {
    const std::lock_guard turn(mutex);
    changes.push_back("put " + token.serial + (token.active ? " active" : ""));
    return {};
  }
  Result<void> gone(const std::string&, const std::string& serial) override {
    const std::lock_guard turn(mutex);
    changes.push_back("gone " + serial);
    return {};
  }
  Result<void> refresh(const std::string&, TokenDirectory&, const Deadline&,
                       const std::function<void(const OutsideChange&)>&) override {
    return {};
  }

  std::mutex mutex;
  bool read = true;
  MirrorQuery asked;
  std::vector<TenantToken> tokens;
  std::vector<std::string> changes;
};

/// `Bearer NAME` is whoever the test says.
class FakeAuthenticator final : public Authenticator {
 public:
  Result<Caller> caller_of(std::string_view authorization, std::string_view) override {
    const auto found = callers.find(std::string(authorization));
    if (found == callers.end()) return fail(Errc::unauthenticated, "the caller is not known");
    return found->second;
  }
  void add(const std::string& name, std::set<Right> rights, CallerLimits limits = {}) {
    callers["Bearer " + name] = {Caller::Kind::key, name, name, "", std::move(rights), std::move(limits)};
  }
  std::map<std::string, Caller> callers;
};

struct ServiceWorld : JobsWorld {
  explicit ServiceWorld(Backend backend = Backend::portal) : JobsWorld(backend) {
    authenticator.add("all", {std::begin(kEveryRight), std::end(kEveryRight)});
    tenants.push_back(std::make_unique<ServedTenant>(profile_of(backend), around(), audit, mirror));
    // Opened before several threads would wait for each other by a clock that stands still.
    (void)tenants.front()->with_jobs<JobPage>([](JobStore& store) { return store.list({}, 1, {}); });
    requests = *open_request_memory(folder / "service", clock);
    use = *open_caller_use(folder / "service", clock);
    ServiceSettings settings;
    settings.public_url = "https://localhost:8443";
    settings.requests_a_minute = 0;
    service = std::make_unique<Service>(ServiceParts{tenants, authenticator, audit, mirror, *requests, *use, clock}, settings,
                                        Secret("a key of thirty-two bytes, so so"));
  }

  HttpRequest request(std::string method, std::string target, std::string body = {}, std::string caller = "all") const {
    HttpRequest out;
    out.method = std::move(method);
    out.target = std::move(target);
    set_target(out, std::string(out.target));
    out.peer = "192.0.2.7";
    if (!caller.empty()) out.headers.emplace_back("authorization", "Bearer " + caller);
    if (!body.empty()) out.headers.emplace_back("content-type", "application/json");
    out.body = std::move(body);
    return out;
  }
  HttpResponse call(std::string method, std::string target, std::string body = {}, std::string caller = "all") const {
    return service->handle(request(std::move(method), std::move(target), std::move(body), std::move(caller)));
  }
  static boost::json::object body_of(const HttpResponse& answer) { return boost::json::parse(answer.body).as_object(); }
  static std::string code_of(const HttpResponse& answer) { return std::string(body_of(answer).at("code").as_string()); }
  /// Through the store that is open: another that is opened meanwhile would spend the patience of a clock that jumps.
  std::vector<Job> journal() {
    return *tenants.front()->with_jobs<std::vector<Job>>([](JobStore& store) { return every_job(store); });
  }
  /// Until the tenant's queue does nothing more.
  void wait_for_jobs() {
    for (const auto& job : journal()) tenants.front()->queue().wait_for(job.id, std::chrono::seconds(30));
  }

  FakeAudit audit;
  FakeMirror mirror;
  FakeAuthenticator authenticator;
  std::unique_ptr<RequestMemory> requests;
  std::unique_ptr<CallerUse> use;
  std::vector<std::unique_ptr<ServedTenant>> tenants;
  std::unique_ptr<Service> service;
};

inline constexpr const char* kSeedOfTests = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

}  // namespace portalkey
