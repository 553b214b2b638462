#include "service/served_tenant.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/operations/session.h"
#include "azure/directory_groups.h"
#include "base/log.h"
#include "service/api/problem.h"

namespace portalkey {

using State = TokenOutcome::State;

ServedTenant::ServedTenant(Profile profile, Surroundings surroundings, AuditLog& audit, Mirror& mirror)
    : tenant_(std::move(profile), std::move(surroundings)),
      audit_(audit),
      mirror_(mirror),
      groups_([this](const std::string& group, const std::string& user) { return is_member(group, user); }, tenant_.clock()),
      queue_(tenant_, *this) {}

ServedTenant::~ServedTenant() { queue_.stop(); }

void ServedTenant::look_at_session() {
  SessionFigures figures;
  auto report = portalkey::look_at_session(tenant_, false);
  if (report) {
    figures.clocks = report->clocks;
    figures.rotated = report->status.rotated;
  } else {
    figures.problem = std::move(report).error();
  }
  const std::lock_guard turn(session_mutex_);
  session_ = std::move(figures);
}

ServedTenant::SessionFigures ServedTenant::session_figures() const {
  const std::lock_guard turn(session_mutex_);
  return session_;
}

void ServedTenant::heard_of_session(const std::optional<Error>& failure) {
  const std::lock_guard turn(session_mutex_);
  if (!failure) {
    person_needed_.reset();
  } else if (takes_a_person(*failure)) {
    person_needed_ = failure;
  }
}

std::optional<Error> ServedTenant::person_needed() const {
  const std::lock_guard turn(session_mutex_);
  return person_needed_;
}

Result<bool> ServedTenant::is_member(const std::string& group, const std::string& user) {
  const Azure azure{tenant_.http(), tenant_.azure(), tenant_.clock(), tenant_.profile().cloud, tenant_.deadline()};
  auto users = users_in_group(Graph(azure), group);
  if (!users) return pass(users);
  return std::ranges::any_of(*users, [&](const DirectoryUser& one) { return account_of(one.upn) == account_of(user); });
}

AuditEvent ServedTenant::event(std::string action, const std::string& job) const {
  AuditEvent event;
  event.action = std::move(action);
  event.tenant = name();
  event.job = job;
  return event;
}

Result<void> ServedTenant::beginning(const Job& job) {
  auto begun = event("job.begun", job.id);
  begun.outcome = "asked";
  begun.caller_kind = job.begun_by.empty() ? "" : "service";
  begun.caller_name = job.begun_by;
  begun.detail = fmt::format("{} of {} tokens", job.kind, job.tokens);
  auto written = audit_.append(begun);
  if (!written) return pass(written);
  return {};
}

void ServedTenant::ended(const Job& job, const std::optional<Error>& why) {
  heard_of_session(why);
  auto over = event("job.ended", job.id);
  over.outcome = why ? "failed:" + std::string(name_of(why->code)) : job.state == Job::State::done ? "done" : "failed";
  over.detail = why ? in_api_words(why->what) : std::string(state_text(job));
  if (auto written = audit_.append(over); !written)
    log(LogLevel::warning, fmt::format("the end of job {} is not in the audit trail: {}", job.id, written.error().what));
}

Result<void> ServedTenant::uploading(const std::string& job, const std::string& name) {
  auto upload = event("tokens.upload", job);
  upload.outcome = "asked";
  upload.detail = name;
  auto written = audit_.append(upload);
  if (!written) return pass(written);
  return {};
}

Result<void> ServedTenant::settled(const std::string& job, const std::vector<TokenOutcome>& tokens) {
  std::vector<AuditEvent> events;
  for (const auto& token : tokens) {
    auto one = event("token.settled", job);
    one.serial = token.serial;
    one.upn = token.upn;
    one.outcome = token.good() ? "done:" : "failed:";
    one.outcome += name_of(token.state);
    one.detail = in_api_words(token.reason);
    events.push_back(std::move(one));
  }
  if (auto written = audit_.append_all(events); !written) return written;
  for (const auto& token : tokens) tell_mirror(token);
  return {};
}

void ServedTenant::tell_mirror(const TokenOutcome& outcome) {
  Result<void> told;
  if (outcome.state == State::removed) {
    told = mirror_.gone(name(), outcome.serial);
  } else if (outcome.state == State::active || outcome.state == State::uploaded || outcome.state == State::assigned ||
             outcome.state == State::unassigned) {
    TenantToken token;
    token.serial = outcome.serial;
    token.upn = outcome.state == State::unassigned ? std::string() : outcome.upn;
    token.active = outcome.state == State::active;
    told = mirror_.put(name(), token);
  }
  // It is a copy: what it misses the next reading of the tenant brings.
  if (!told) log(LogLevel::info, fmt::format("the mirror did not take {}: {}", outcome.serial, told.error().what));
}

}  // namespace portalkey
