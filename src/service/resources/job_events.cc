#include "service/resources/job_events.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.h"
#include "base/time_text.h"
#include "service/resources/answers.h"

namespace portalkey {
namespace {

namespace json = boost::json;
constexpr std::size_t kPage = 500;
constexpr std::chrono::seconds kHeartbeat{15};

class JobEvents final : public BodySource {
 public:
  JobEvents(Service& service, ServedTenant& tenant, std::string job, std::int64_t after)
      : service_(service), tenant_(tenant), job_(std::move(job)), after_(after), spoke_(service.clock().steady_now()) {}

  std::optional<std::string> next() override {
    if (over_) return std::nullopt;
    // Asked first: what happens between the two questions is seen next time.
    const bool goes_on = !tenant_.queue().wait_for(job_, std::chrono::milliseconds(0));
    std::string out = new_events();
    const auto now = service_.clock().steady_now();
    if (out.empty() && !goes_on) {
      over_ = true;
      return end();
    }
    if (out.empty() && now - spoke_ >= kHeartbeat) out = ": still here\n\n";
    if (!out.empty()) spoke_ = now;
    return out;
  }

 private:
  std::string new_events() {
    AuditFilter filter;
    filter.job = job_;
    filter.tenant = tenant_.name();
    std::vector<AuditEntry> found;
    std::int64_t before = 0;
    for (;;) {  // the newest first, down to what is known
      auto page = service_.audit().search(filter, kPage, before);
      if (!page) return {};
      bool known = page->next == 0;
      for (auto& entry : page->entries) {
        known = known || entry.number <= after_;
        if (entry.number > after_) found.push_back(std::move(entry));
      }
      if (known) break;
      before = page->next;
    }
    std::string out;
    for (auto entry = found.rbegin(); entry != found.rend(); ++entry) {
      if (entry->event.caller_id.empty()) out += text_of(*entry);  // calls about the job are no events of it
    }
    if (!found.empty()) after_ = found.front().number;
    return out;
  }

  static std::string text_of(const AuditEntry& entry) {
    json::object data{{"time", iso_time(entry.time)}, {"outcome", entry.event.outcome}};
    if (!entry.event.serial.empty()) data["serialNumber"] = entry.event.serial;
    if (!entry.event.upn.empty()) data["upn"] = entry.event.upn;
    if (!entry.event.detail.empty()) data["detail"] = entry.event.detail;
    return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", entry.number, entry.event.action, json_text(data));
  }

  std::string end() {
    auto job = tenant_.with_jobs<Job>([&](JobStore& store) { return store.find(job_); });
    if (!job) return ": it is gone\n\n";
    return fmt::format("event: end\ndata: {}\n\n", json_text(job_json(*job, tenant_.name())));
  }

  Service& service_;
  ServedTenant& tenant_;
  std::string job_;
  std::int64_t after_;
  SteadyTime spoke_;
  bool over_ = false;
};

}  // namespace

std::unique_ptr<BodySource> job_events(Service& service, ServedTenant& tenant, const std::string& job, std::int64_t after) {
  return std::make_unique<JobEvents>(service, tenant, job, after);
}

}  // namespace portalkey
