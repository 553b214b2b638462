#include "jobs/run/run_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <ranges>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/ascii.h"
#include "base/counted.h"
#include "base/remedy.h"
#include "base/tasks.h"
#include "jobs/run/import.h"
#include "jobs/run/take_token.h"
#include "jobs/run/two_worlds.h"
#include "jobs/verdict/tenant_check.h"
#include "seeds/model/token_clock.h"

namespace portalkey {
namespace {

using State = TokenOutcome::State;
using Code = OutcomeCode;
using Rows = std::vector<std::size_t>;
using Deeds = std::vector<TokenOutcome::Did>;  // by row

constexpr std::chrono::minutes kRequestTime{5};
constexpr std::size_t kRequestsAtOnce = 16;
constexpr int kAttempts = 3;
constexpr std::chrono::milliseconds kFlush{200};
constexpr std::string_view kAbsent = "the tenant has no token with this serial number";
constexpr std::string_view kAgain = "Run the same command again.";

std::string kept_for(const std::string& serial) { return fmt::format("kept: the new token {} is not active", serial); }

bool is_open(const JobToken& token) { return token.outcome.state == State::not_done || token.outcome.state == State::failed; }

/// A row and its number.
struct Row {
  std::size_t number;
  std::shared_ptr<const JobToken> token;
  std::string upn;  ///< to be settled with

  const JobToken* operator->() const { return token.get(); }
};

/// Rows of a job as the tokens of an import.
class Coming final : public ImportRows {
 public:
  /// `upns`: whose tokens are, by row, where the tenant knows better than the row.
  Coming(JobRecord& record, Rows rows, std::unordered_map<std::size_t, std::string> upns, std::vector<bool>& open, Deeds& did)
      : record_(record), rows_(std::move(rows)), upns_(std::move(upns)), open_(open), did_(did) {}

  std::size_t size() const override { return rows_.size(); }
  Result<std::shared_ptr<const TokenSeed>> seed(std::size_t place) override {
    auto row = record_.row(rows_[place]);
    if (!row) return pass(row);
    const auto upn = upns_.find(rows_[place]);
    if (upn == upns_.end()) return std::shared_ptr<const TokenSeed>(*row, &(*row)->seed);
    auto seed = std::make_shared<TokenSeed>(copy_of((*row)->seed));
    seed->upn = upn->second;
    return seed;
  }
  std::size_t row_of(std::size_t place) const { return rows_[place]; }
  Result<void> uploading(const std::string& name) override { return record_.uploading(name); }
  Result<void> uploaded(const std::string& name) override { return record_.uploaded(name); }
  Result<void> settled(std::size_t place, const TokenOutcome& outcome) override {
    const auto row = rows_[place];
    open_[row] = false;
    if (outcome.did != TokenOutcome::Did::nothing) did_[row] = outcome.did;
    if (outcome.did == did_[row]) return record_.settle(row, outcome);
    TokenOutcome with_earlier = outcome;  // an earlier run did it
    with_earlier.did = did_[row];
    return record_.settle(row, with_earlier);
  }
  Result<void> flush() override { return record_.flush(); }

 private:
  /// Of what an import and its backends use.
  static TokenSeed copy_of(const TokenSeed& seed) {
    TokenSeed out;
    out.line = seed.line;
    out.serial = seed.serial;
    out.base32 = seed.base32.clone();
    out.manufacturer = seed.manufacturer;
    out.model = seed.model;
    out.type = seed.type;
    out.hash = seed.hash;
    out.digits = seed.digits;
    out.step = seed.step;
    if (const auto clock = known_clock(seed)) out.detailed().clock = clock;
    return out;
  }

  JobRecord& record_;
  Rows rows_;
  std::unordered_map<std::size_t, std::string> upns_;
  std::vector<bool>& open_;
  Deeds& did_;
};

class JobRun {
 public:
  JobRun(JobRecord& record, TokenDirectory& directory, const JobOptions& options, Clock& clock, Random& random,
         Progress& progress, std::stop_token stop)
      : record_(record),
        directory_(directory),
        options_(options),
        clock_(clock),
        random_(random),
        progress_(progress),
        stop_(std::move(stop)),
        open_(record.size()),
        did_(record.size(), TokenOutcome::Did::nothing) {}

  JobEnd run() && {
    std::vector<Rows> by_change(static_cast<std::size_t>(TokenChange::move_out) + 1);
    auto read = record_.each([&](std::size_t i, const JobToken& token) {
      did_[i] = token.outcome.did;
      if (!is_left(token)) return;
      open_[i] = true;
      by_change[static_cast<std::size_t>(token.change)].push_back(i);
      if (token.change == TokenChange::create) return;
      if (token.seed.base32.empty()) without_key_.insert(i);
      if (!token.replaced_by.empty()) successors_.emplace(token.replaced_by, false);
    });
    if (!read) return {std::move(read).error(), std::move(open_)};
    const auto of = [&](TokenChange change) -> Rows& { return by_change[static_cast<std::size_t>(change)]; };
    const bool only_creates = std::ranges::all_of(by_change | std::views::drop(1), &Rows::empty);
    Rows coming = std::move(of(TokenChange::create));
    if (!only_creates && read_tenant()) {
      each("unassigning", of(TokenChange::unassign), [this](Row row) { unassign(std::move(row)); });
      Rows assigned;  // of tokens without a secret key
      const auto comes = [&](std::size_t i) { (without_key_.contains(i) ? assigned : coming).push_back(i); };
      each("reassigning", of(TokenChange::reassign), [&](const Row& row) {
        if (make_free(row)) comes(row.number);
      });
      for (const auto i : of(TokenChange::activate)) {
        if (can_activate(i)) coming.push_back(i);
      }
      for (const auto i : of(TokenChange::assign)) comes(i);
      each("assigning", assigned, [this](const Row& row) { assign(row); });
    }
    if (!stopped_) bring_in(std::move(coming));
    if (!of(TokenChange::remove).empty() && !stopped_) find_successors();
    each("removing", of(TokenChange::remove), [this](Row row) { remove(std::move(row)); });
    if (!of(TokenChange::move_out).empty() && read_worlds())
      each("moving", of(TokenChange::move_out), [this](const Row& row) { move_out(row); });
    return {std::move(stopped_), std::move(open_)};
  }

 private:
  /// There is something to do.
  static bool is_left(const JobToken& token) {
    const bool needs_key = token.change == TokenChange::create || token.change == TokenChange::activate;
    return is_open(token) && !(needs_key && token.seed.base32.empty());
  }

  std::optional<Row> row(std::size_t i) {
    auto token = record_.row(i);
    if (!token) {
      stop_with(std::move(token).error());
      return std::nullopt;
    }
    std::string upn = (*token)->outcome.upn;
    return Row{i, std::move(*token), std::move(upn)};
  }

  void each(std::string_view doing, const Rows& rows, const std::function<void(Row)>& work) {
    if (rows.empty() || stopped_) return;
    if (!options_.dry_run) progress_.phase(fmt::format("{} {}", doing, counted(rows.size(), "token")));
    std::size_t done = 0;
    while_recording([&] {
      Tasks::here()->each(rows.size(), kRequestsAtOnce, [&](std::size_t k) {
        auto one = stopped_ ? std::nullopt : row(rows[k]);
        if (!one) return;
        work(std::move(*one));
        progress_.step(++done, rows.size(), std::chrono::seconds(0));
      });
    });
  }

  /// Does `work` in a task while another makes durable what was settled.
  void while_recording(const std::function<void()>& work) {
    bool over = false;
    Tasks tasks(clock_, stop_);
    tasks.start([&] {
      work();
      over = true;
    });
    tasks.start([&] {
      while (!over && noted(record_.flush())) Tasks::here()->wait(clock_.steady_now() + kFlush, {}, [&] { return over; });
    });
    tasks.run();
    noted(record_.flush());
  }

  Deadline deadline() const { return Deadline::in(kRequestTime, clock_, stop_); }

  void stop_with(Error error) {
    if (!stopped_) stopped_ = std::move(error);
  }

  bool noted(Result<void> done) {
    if (!done) stop_with(std::move(done).error());
    return !stopped_;
  }

  bool read_tenant() {
    progress_.phase("reading the tenant's tokens");
    while_recording([&] {
      if (auto read = tenant_.read(directory_, deadline()); !read) stop_with(std::move(read).error());
    });
    return !stopped_;
  }

  void settle(const Row& row, State state, Code code = Code::none, std::string reason = {}, std::string remedy = {}) {
    TokenOutcome outcome;
    outcome.state = state;
    outcome.line = row->outcome.line;
    outcome.serial = row->outcome.serial;
    outcome.upn = row.upn;
    outcome.code = code;
    outcome.reason = std::move(reason);
    outcome.remedy = std::move(remedy);
    outcome.did = did_[row.number];
    outcome.settled = clock_.now();
    open_[row.number] = false;
    noted(record_.settle(row.number, outcome));
  }

  /// It, or everything, failed.
  void fail_with(const Row& row, const Error& error) {
    if (ends_all(error)) {
      stop_with(error);
    } else {
      settle(row, State::failed, Code::service_refused, error.what, error.remedy.empty() ? std::string(kAgain) : error.remedy);
    }
  }

  std::shared_ptr<const TenantToken> there(const Row& row) const { return tenant_.find(row->outcome.serial); }

  /// The job knew whose it was, and somebody else has it now. Through Graph a removal that was cut off leaves it nobody's.
  bool changed_hands(const Row& row, const TenantToken& token) {
    const auto& from = row->from;
    if (from.empty() || token.nobodys() || account_of(from) == account_of(token.upn) || from == token.user_id) return false;
    settle(row, State::failed, Code::assigned_to_other,
           fmt::format("the token is assigned to {}, not to {}", owner_of(token), from), "Check who has the device.");
    return true;
  }

  Taken take(const TenantToken& token, bool out_of_tenant, std::string& why) {
    return take_from(directory_, token, out_of_tenant, why);
  }

  Taken take_from(TokenDirectory& directory, const TenantToken& token, bool out_of_tenant, std::string& why) {
    std::optional<Error> ended;
    const auto taken = take_token(directory, token, out_of_tenant, clock_, stop_, why, ended);
    if (ended) stop_with(std::move(*ended));
    return taken;
  }

  void unassign(Row row) {
    const auto token = there(row);
    if (token == nullptr) return settle(row, State::failed, Code::not_in_tenant, std::string(kAbsent));
    if (token->nobodys() && options_.dry_run) return settle(row, State::nothing_to_do, Code::none, "is nobody's already");
    if (token->nobodys()) return settle(row, State::unassigned, Code::none, "was nobody's already");
    row.upn = token->upn;
    if (changed_hands(row, *token)) return;
    if (options_.dry_run) return settle(row, State::would_do, Code::none, "would be unassigned");
    std::string why;
    const auto taken = take(*token, false, why);
    if (taken == Taken::done) return settle(row, State::unassigned);
    if (taken == Taken::not_done)
      settle(row, State::failed, Code::service_refused, std::move(why), "Run the same command again in a minute.");
  }

  /// Of a token that goes to somebody else. True: nobody has it now, or its new user does.
  bool make_free(const Row& row) {
    const auto token = there(row);
    if (token == nullptr || token->nobodys() || account_of(token->upn) == account_of(row.upn)) return true;
    if (changed_hands(row, *token)) return false;
    if (options_.dry_run) {
      settle(
          row, State::would_do, Code::none,
          fmt::format("would be taken from {}, and {}", owner_of(*token), row->seed.base32.empty() ? "assigned" : "activated"));
      return false;
    }
    std::string why;
    const auto taken = take(*token, false, why);
    if (taken == Taken::not_done)
      settle(row, State::failed, Code::service_refused, fmt::format("not taken from {}: {}", owner_of(*token), why),
             std::string(kAgain));
    if (taken == Taken::done && row->seed.base32.empty()) {  // assigned from there
      TenantToken freed = *token;
      freed.user_id.clear();
      freed.upn.clear();
      freed.active = false;
      tenant_.add(std::move(freed));
    }
    return taken == Taken::done;
  }

  bool can_activate(std::size_t i) {
    auto one = row(i);
    if (!one) return false;
    const auto& row = *one;
    const auto token = there(row);
    if (token == nullptr) {
      settle(row, State::failed, Code::not_in_tenant, std::string(kAbsent), "Upload it first: [[import|FILE]]");
    } else if (!row->seed.upn.empty() && !token->nobodys() && account_of(row->seed.upn) != account_of(token->upn)) {
      settle(row, State::failed, Code::assigned_to_other,
             fmt::format("the tenant has this token assigned to {}", owner_of(*token)),
             "Check who has the device, and correct the file or the assignment.");
    } else if (token->nobodys()) {
      settle(row, State::failed, Code::nobodys, "nobody has this token yet",
             fmt::format("Assign it first: [[assign-to|{}|UPN]]", as_parameter(row->outcome.serial)));
    } else {
      if (row->seed.upn != token->upn) upns_.emplace(i, token->upn);
      return true;
    }
    return false;
  }

  void gave(const Row& row) {
    did_[row.number] = TokenOutcome::Did::gave;
    settle(row, State::assigned);
  }

  void assign(const Row& row) {
    const auto token = there(row);
    const std::string& upn = row.upn;
    if (token == nullptr)
      return settle(row, State::failed, Code::not_in_tenant, std::string(kAbsent),
                    "Import it with its seed file: [[import|FILE]]");
    if (!token->nobodys() && account_of(token->upn) != account_of(upn)) {
      return settle(row, State::failed, Code::assigned_to_other, fmt::format("the token is assigned to {}", owner_of(*token)),
                    fmt::format("Check who has the device; then [[unassign|{}]]", as_parameter(token->serial)));
    }
    if (!token->nobodys()) return settle(row, State::already_uploaded, Code::none, "is this user's already");
    if (options_.dry_run) return settle(row, State::would_do, Code::none, "would be assigned");
    for (int attempt = 1;; ++attempt) {
      auto done = directory_.inventory()->assign(*token, upn, deadline());
      if (done) return gave(row);
      if (done.error().code != Errc::unavailable) return fail_with(row, done.error());
      auto now = directory_.again(*token, deadline());  // the answer may have been lost
      if (now && *now && account_of((*now)->upn) == account_of(upn)) return gave(row);
      if (attempt == kAttempts) return fail_with(row, done.error());
      clock_.sleep_for(std::chrono::seconds(1 << attempt), stop_);
    }
  }

  void bring_in(Rows rows) {
    std::ranges::sort(rows);
    ImportOptions import;
    auto earlier = record_.uploads();
    if (!earlier) return stop_with(std::move(earlier).error());
    import.earlier_uploads = std::move(*earlier);
    if (rows.empty()) return;
    import.activate = options_.activate;
    import.dry_run = options_.dry_run;
    import.upload_patience = options_.upload_patience;
    import.pace = options_.pace;
    import.members = options_.members;
    Coming coming(record_, std::move(rows), std::move(upns_), open_, did_);
    if (!options_.not_again.empty()) {
      import.taken_away = [&](std::size_t place, const TokenSeed& seed) -> const TakenToken* {
        const auto taken = options_.not_again.find(lower(seed.serial));
        if (taken == options_.not_again.end()) return nullptr;
        const auto one = row(coming.row_of(place));
        const bool may = !one || ((*one)->change != TokenChange::create && (*one)->change != TokenChange::assign);
        return may ? nullptr : &taken->second;
      };
    }
    if (auto ended = import_tokens(coming, directory_, import, clock_, random_, progress_, stop_)) stop_with(std::move(*ended));
  }

  /// Which of the tokens that replace another are active.
  void find_successors() {
    if (successors_.empty()) return;
    noted(record_.each([this](std::size_t, const JobToken& token) {
      if (token.outcome.state != State::active && token.outcome.state != State::already_active) return;
      if (const auto wanted = successors_.find(token.outcome.serial); wanted != successors_.end()) wanted->second = true;
    }));
  }

  void remove(Row row) {
    const auto token = there(row);
    if (token == nullptr && options_.dry_run)
      return settle(row, State::nothing_to_do, Code::none, "is not in the tenant any more");
    if (token == nullptr) return settle(row, State::removed, Code::none, "was not in the tenant any more");
    row.upn = token->upn;
    if (changed_hands(row, *token)) return;
    if (options_.dry_run) {
      return settle(row, State::would_do, Code::none,
                    row->replaced_by.empty() ? "would be removed" : "would be removed when the new one is active");
    }
    if (!row->replaced_by.empty() && !successors_.at(row->replaced_by)) {
      return settle(row, State::not_done, Code::kept, kept_for(row->replaced_by),
                    "It goes when that one is active: see there.");
    }
    std::string why;
    const auto taken = take(*token, true, why);
    if (taken == Taken::done) return settle(row, State::removed);
    if (taken == Taken::not_done) {
      settle(row, State::failed, Code::service_refused, std::move(why),
             directory_.inventory() == nullptr ? "Run the same command again; if it stays, remove it in the portal: this call "
                                                 "of the unsupported API is the least known one."
                                               : std::string(kAgain));
    }
  }

  /// As they are now: what became of the tokens is judged by the tenant, not by what this run believes.
  bool read_worlds() {
    if (stopped_) return false;
    if (options_.dry_run) return true;
    progress_.phase("reading the tokens of both");
    while_recording([&] {
      if (auto read = worlds_.read(directory_, *options_.moves_from, deadline()); !read) stop_with(std::move(read).error());
    });
    noted(record_.each([this](std::size_t i, const JobToken& token) {
      if (token.change == TokenChange::create) created_.emplace(token.outcome.serial, i);
    }));
    return !stopped_;
  }

  void move_out(const Row& row) {
    const auto& serial = row->outcome.serial;
    if (options_.dry_run)
      return settle(row, State::would_do, Code::none, "would be removed from the portal when it is active in Microsoft Graph");
    const auto here = worlds_.here().find(serial), there = worlds_.there().find(serial);
    const bool ours = here != nullptr && account_of(here->upn) == account_of(row->from);
    if (!ours || !here->active) {
      undo_creation(row, ours || (here != nullptr && here->nobodys()) ? here.get() : nullptr);
      return settle(row, State::failed, Code::kept, "kept in the portal: it is not active in Microsoft Graph",
                    "It goes when it is active there: see there.");
    }
    if (there == nullptr) return settle(row, State::removed, Code::none, "was not in the portal any more");
    if (worlds_.ambiguous_there(serial))
      return settle(row, State::failed, Code::kept, "kept in the portal, which lists several tokens with this serial number",
                    "Remove the one that came by CSV in the portal.");
    if (changed_hands(row, *there)) return;
    std::string why;
    const auto taken = take_from(*options_.moves_from, *there, true, why);
    if (taken == Taken::done) return settle(row, State::removed, Code::none, "from the portal");
    if (taken == Taken::not_done)
      settle(row, State::failed, Code::service_refused, "still in the portal, too: " + why,
             "It works already as Microsoft Graph's. Resume the job; if it stays, remove it in the portal: this call of the "
             "unsupported API is the least known one.");
  }

  /// What this job created and could not activate goes again. `here`: null if there is nothing of it.
  void undo_creation(const Row& row, const TenantToken* here) {
    const auto created = created_.find(row->outcome.serial);
    auto creation = created == created_.end() ? std::nullopt : this->row(created->second);
    if (here == nullptr || !creation || (*creation)->outcome.state == State::already_active) return;
    std::string why;
    const auto taken = take(*here, true, why);
    if (taken == Taken::stopped) return;
    const auto& before = (*creation)->outcome;
    if (taken == Taken::done) did_[creation->number] = TokenOutcome::Did::nothing;
    settle(*creation, State::failed, before.code,
           (before.reason.empty() ? "not activated" : before.reason) +
               (taken == Taken::done ? "; it was taken out of Microsoft Graph again"
                                     : "; it could not be taken out of Microsoft Graph again: " + why),
           taken == Taken::done ? before.remedy : "Remove it there: [[remove-through|SERIAL|graph]]");
  }

  JobRecord& record_;
  TokenDirectory& directory_;
  const JobOptions& options_;
  Clock& clock_;
  Random& random_;
  Progress& progress_;
  std::stop_token stop_;
  TenantCheck tenant_;
  TwoWorlds worlds_;                                      // of a job that moves tokens, when they were activated
  std::unordered_map<std::string, std::size_t> created_;  // likewise: by serial number, the rows that put tokens in
  std::vector<bool> open_;                                // by row: to be done, and not settled by this run
  Deeds did_;                                             // what this run and earlier ones did and can take back
  std::unordered_set<std::size_t> without_key_;           // rows that put nothing in
  std::unordered_map<std::size_t, std::string> upns_;     // of tokens to be activated whose row does not say whose they are
  std::unordered_map<std::string, bool> successors_;      // by serial number: whether it is active
  std::optional<Error> stopped_;
};

}  // namespace

void JobEnd::explain(std::size_t row, JobToken& token) const {
  if (row >= not_come_to.size() || !not_come_to[row]) return;
  auto& outcome = token.outcome;
  outcome.state = State::not_done;
  const bool kept = !token.replaced_by.empty();
  outcome.code = stopped ? (kept ? Code::kept : Code::run_ended) : Code::none;
  outcome.reason = !stopped ? std::string() : kept ? kept_for(token.replaced_by) : stopped->what;
  outcome.remedy = stopped ? stopped->remedy : std::string();
}

JobEnd run_job(JobRecord& record, TokenDirectory& directory, const JobOptions& options, Clock& clock, Random& random,
               Progress& progress, std::stop_token stop) {
  return JobRun(record, directory, options, clock, random, progress, std::move(stop)).run();
}

}  // namespace portalkey
