#include "jobs/run/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/counted.h"
#include "base/log.h"
#include "base/random.h"
#include "base/tasks.h"
#include "base/time_text.h"
#include "jobs/verdict/tenant_check.h"
#include "seeds/model/token_clock.h"

namespace portalkey {
namespace {

using State = TokenOutcome::State;
using Code = OutcomeCode;

constexpr std::chrono::minutes kRequestTime{5};
constexpr int kUploadAttempts = 3;
constexpr std::size_t kCreatedAtOnce = 20;  // in one request to Graph
constexpr std::size_t kRequestsAtOnce = 16;
constexpr std::size_t kPage = 25;  // tokens in a page of the portal's list
constexpr std::chrono::milliseconds kFlush{200};
constexpr std::string_view kNobodys = "in the tenant, assigned to nobody";
constexpr std::string_view kAssignRemedy = "Give it to somebody: [[assign-to|SERIAL|UPN]]";
constexpr std::string_view kAgain = "Run the same command again later: nothing is uploaded twice.";

class Import {
 public:
  Import(ImportRows& rows, TokenDirectory& tokens, const ImportOptions& options, Clock& clock, Random& random,
         Progress& progress, std::stop_token stop)
      : rows_(rows),
        tokens_(tokens),
        options_(options),
        clock_(clock),
        random_(random),
        progress_(progress),
        stop_(std::move(stop)),
        states_(rows.size(), kOpen),
        did_(rows.size(), TokenOutcome::Did::nothing),
        arrived_(rows.size()) {}

  std::optional<Error> run() && {
    Tasks tasks(clock_, stop_);
    tasks.start([this] {
      import();
      over_ = true;
    });
    tasks.start([this] { keep_flushed(); });
    tasks.run();
    finish();
    return std::move(stopped_);
  }

 private:
  void import() {
    if (!wait_for_earlier_uploads()) return;
    progress_.phase("reading the tenant's tokens");
    if (!read_tenant()) return;
    auto missing = compare();
    if (options_.dry_run) return tell(missing);
    if (options_.activate) {
      activations_.emplace(
          tokens_, pace(), clock_, stop_, [this](std::size_t i) { return order(i); },
          [this](std::size_t i, const TokenSeed* seed, ActivationResult result) { activated(i, seed, std::move(result)); });
      activations_->tell_waits([this](SteadyTime until) { progress_.next_slot(until); });
      for (const auto i : waiting_) {
        arrived_[i] = true;
        activations_->add(i);
      }
      waiting_ = {};
      activations_->start(*Tasks::here());
    }
    if (auto* inventory = tokens_.inventory()) {
      create_all(*inventory, missing);
      assign_all(*inventory);
    } else {
      upload_all(*tokens_.by_upload(), missing);
    }
    if (!activations_) return;
    if (activations_->left() > 0) {
      const auto& limit = pace().limit();
      const auto least = activations_->least_time();
      std::string pace_text;
      if (limit.count > 0) {
        pace_text =
            fmt::format(" ({}at most {} in {})", least.count() > 0 ? fmt::format("takes {} or more: ", about(least)) : "",
                        limit.count, about(limit.window));
      }
      progress_.phase(fmt::format("activating {}{}", counted(activations_->left(), "token"), pace_text));
    }
    activations_->finish();
    if (activations_->any_accepted()) progress_.phase("asking the tenant what is active");
    activations_->verify(in_tenant_.size());
    if (activations_->stopped()) stop_with(*activations_->stopped());
  }

  ActivationPace& pace() { return options_.pace != nullptr ? *options_.pace : own_pace_; }

  void tell(const std::vector<std::size_t>& missing) {
    for (const auto i : missing)
      settle(i, State::would_import, Code::none,
             "would be " + std::string(tokens_.inventory() != nullptr ? "created" : "uploaded") +
                 std::string(options_.activate ? " and activated" : ""));
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!settled(i)) settle(i, State::would_import, Code::none, "is uploaded; would be activated");
    }
  }

  void keep_flushed() {
    while (!over_) {
      Tasks::here()->wait(clock_.steady_now() + kFlush, {}, [this] { return over_; });
      if (auto done = rows_.flush(); !done) stop_with(std::move(done).error());
    }
  }

  /// Null: the record failed, and the run has ended.
  std::shared_ptr<const TokenSeed> seed_of(std::size_t i) {
    auto seed = rows_.seed(i);
    if (seed) return std::move(*seed);
    stop_with(std::move(seed).error());
    return nullptr;
  }

  /// It is in the tenant: the rest of its way is the activation.
  void activate(std::size_t i, const TokenSeed& seed, const TenantToken& found) {
    arrived_[i] = true;
    if (!activations_ || settled(i)) return;
    if (found.nobodys()) {
      settle(i, seed, State::uploaded, Code::nobodys, std::string(kNobodys), std::string(kAssignRemedy));
    } else {
      activations_->add(i);
    }
  }

  Result<ActivationOrder> order(std::size_t i) {
    auto seed = rows_.seed(i);
    if (!seed) return std::unexpected(std::move(seed).error());
    auto token = in_tenant_.find((*seed)->serial);
    if (!token) return fail(Errc::internal, "a token that was in the tenant is not known any more");
    return ActivationOrder{std::move(*seed), std::move(token)};
  }

  void activated(std::size_t i, const TokenSeed* seed, ActivationResult result) {
    const auto held = seed == nullptr ? seed_of(i) : nullptr;
    if (seed == nullptr) seed = held.get();
    if (seed == nullptr) return;
    if (result.active) {
      const auto clock = known_clock(*seed);
      settle(i, *seed, State::active, Code::none,
             clock && clock->ahead.count() != 0
                 ? fmt::format("activated for the device's own time: {}", text_of_ahead(clock->ahead))
                 : std::string());
    } else {
      settle(i, *seed, result.attempted ? State::failed : State::not_done, Code::not_activated,
             "uploaded, but not activated: " + result.reason, std::move(result.remedy));
    }
  }

  bool ended() const { return stopped_ || (activations_ && activations_->stopped()); }

  Deadline deadline() const { return Deadline::in(kRequestTime, clock_, stop_); }

  bool settled(std::size_t i) const { return states_[i] != kOpen; }

  void settle(std::size_t i, State state, Code code = Code::none, std::string reason = {}, std::string remedy = {}) {
    if (const auto seed = seed_of(i)) settle(i, *seed, state, code, std::move(reason), std::move(remedy));
  }

  void settle(std::size_t i, const TokenSeed& seed, State state, Code code = Code::none, std::string reason = {},
              std::string remedy = {}) {
    TokenOutcome outcome;
    outcome.state = state;
    outcome.line = seed.line;
    outcome.serial = seed.serial;
    outcome.upn = seed.upn;
    outcome.code = code;
    outcome.reason = std::move(reason);
    outcome.remedy = std::move(remedy);
    outcome.did = did_[i];
    outcome.settled = clock_.now();
    if (settled(i)) {
      --counts_[states_[i]];
    } else {
      ++done_;
    }
    states_[i] = static_cast<std::uint8_t>(state);
    ++counts_[states_[i]];
    if (auto noted = rows_.settled(i, outcome); !noted) stop_with(std::move(noted).error());
    progress_.step(done_, rows_.size(), !activations_ ? std::chrono::seconds(0) : activations_->least_time(), by_state());
  }

  /// Made anew only now and then: a person reads it.
  std::string_view by_state() {
    const auto now = clock_.steady_now();
    if (!by_state_.empty() && now - counted_ < std::chrono::milliseconds(100)) return by_state_;
    counted_ = now;
    by_state_.clear();
    for (std::size_t state = 0; state < counts_.size(); ++state) {
      if (counts_[state] == 0) continue;
      by_state_ += fmt::format("{}{} {}", by_state_.empty() ? "" : ", ", counts_[state], name_of(static_cast<State>(state)));
    }
    return by_state_;
  }

  void stop_with(Error error) {
    if (!stopped_) stopped_ = std::move(error);
  }

  void finish() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (settled(i)) continue;
      const auto seed = seed_of(i);
      if (!seed) return;
      const bool present = arrived_[i] || in_tenant_.contains(seed->serial);
      if (present && (!options_.activate || !stopped_)) {
        settle(i, *seed, State::uploaded);
      } else if (stopped_) {
        settle(i, *seed, State::not_done, present ? Code::not_activated : Code::run_ended,
               (present ? "uploaded, but not activated: " : "") + stopped_->what, stopped_->remedy);
      } else {
        settle(i, *seed, State::not_done, Code::upload_unfinished, "not uploaded: the service did not finish an earlier upload",
               std::string(kAgain));
      }
    }
  }

  /// They may still become tokens: nothing is decided before they have.
  bool wait_for_earlier_uploads() {
    service_ = tokens_.by_upload();
    for (const auto& name : options_.earlier_uploads) {
      if (service_ == nullptr) break;
      const auto state = wait_for(name, false);
      if (stopped_) return false;
      if (state == UploadStatus::State::running) {
        stop_with({Errc::unavailable, "an earlier upload of this job is not finished", std::string(kAgain), {}});
        return false;
      }
      if (!recorded(rows_.uploaded(name))) return false;
    }
    return true;
  }

  bool recorded(Result<void> done) {
    if (!done) stop_with(std::move(done).error());
    return !stopped_;
  }

  bool read_tenant() {
    auto read =
        std::exchange(tenant_read_, true) ? in_tenant_.read_again(tokens_, deadline()) : in_tenant_.read(tokens_, deadline());
    if (!read) stop_with(std::move(read).error());
    return read.has_value();
  }

  /// Each by its user if that is cheaper than the whole list.
  bool look_for(const std::vector<std::size_t>& rows) {
    if (rows.size() >= in_tenant_.size() / kPage) return read_tenant();
    Tasks::here()->each(rows.size(), kRequestsAtOnce, [&](std::size_t k) {
      if (stopped_) return;
      const auto seed = seed_of(rows[k]);
      if (!seed) return;
      auto listed = tokens_.list({.upn = seed->upn, .active = std::nullopt}, deadline());
      if (!listed) return stop_with(std::move(listed).error());
      for (const auto& token : *listed) in_tenant_.add(token);
    });
    return !stopped_;
  }

  /// Settles what is right or hopeless already; returns what must be uploaded.
  std::vector<std::size_t> compare() {
    std::vector<std::size_t> missing;
    in_tenant_.expect(rows_.size());
    for (std::size_t i = 0; i < rows_.size() && !stopped_; ++i) {
      const auto held = seed_of(i);
      if (!held) break;
      const TokenSeed& seed = *held;
      if (auto rejection = why_rejected(seed, true, tokens_.backend(), options_.members)) {
        settle(i, seed, State::rejected, rejection->code, std::move(rejection->reason), std::move(rejection->remedy));
        continue;
      }
      if (const auto* taken = not_to_come_back(i, seed)) {
        settle(i, seed, State::rejected, Code::taken_away, text_of(*taken), std::string(kTakenRemedy));
        continue;
      }
      auto verdict = in_tenant_.judge(seed.serial, seed.upn);
      switch (verdict.state) {
        case TenantVerdict::State::absent: missing.push_back(i); break;
        case TenantVerdict::State::taken:
          settle(i, seed, State::failed, Code::assigned_to_other, std::move(verdict.what), std::move(verdict.remedy));
          break;
        case TenantVerdict::State::too_many:
          settle(i, seed, State::failed, Code::too_many_tokens, std::move(verdict.what), std::move(verdict.remedy));
          break;
        case TenantVerdict::State::active: settle(i, seed, State::already_active); break;
        case TenantVerdict::State::unassigned:
          if (!seed.upn.empty()) {
            to_assign_.push_back(i);
          } else {
            settle(i, seed, State::already_uploaded, Code::nobodys, std::string(kNobodys), std::string(kAssignRemedy));
          }
          break;
        case TenantVerdict::State::inactive:
          if (options_.activate) {
            waiting_.push_back(i);
          } else {
            settle(i, seed, State::already_uploaded);
          }
          break;
      }
    }
    return missing;
  }

  /// Null also for one that somebody has: others put it back since.
  const TakenToken* not_to_come_back(std::size_t i, const TokenSeed& seed) const {
    const auto* taken = options_.taken_away ? options_.taken_away(i, seed) : nullptr;
    if (taken == nullptr) return nullptr;
    const auto there = in_tenant_.find(seed.serial);
    const bool comes = there == nullptr || (there->nobodys() && !seed.upn.empty());
    return comes ? taken : nullptr;
  }

  /// Each token has its own answer; one that was lost is looked for before it is sent again.
  void create_all(TokenInventory& inventory, const std::vector<std::size_t>& missing) {
    if (missing.empty()) return;
    progress_.phase(fmt::format("creating {}", counted(missing.size(), "token")));
    Tasks::here()->each((missing.size() + kCreatedAtOnce - 1) / kCreatedAtOnce, kRequestsAtOnce, [&](std::size_t portion) {
      const auto begin = portion * kCreatedAtOnce;
      const auto some = std::span(missing).subspan(begin, std::min(kCreatedAtOnce, missing.size() - begin));
      std::vector<std::size_t> left(some.begin(), some.end());
      for (int attempt = 1; !left.empty() && !ended(); ++attempt) left = create(inventory, left, attempt);
    });
  }

  /// Returns those to be sent again.
  std::vector<std::size_t> create(TokenInventory& inventory, const std::vector<std::size_t>& rows, int attempt) {
    if (attempt > 1 && !clock_.sleep_for(std::chrono::seconds(1 << attempt), stop_))
      stop_with({Errc::cancelled, "interrupted", std::string(kAgain), {}});
    if (attempt > 1 && (stopped_ || !read_tenant())) return {};
    std::vector<std::size_t> sent;
    std::vector<std::shared_ptr<const TokenSeed>> seeds;
    std::vector<const TokenSeed*> tokens;
    for (const auto i : rows) {
      auto seed = seed_of(i);
      if (!seed) return {};
      if (const auto there = in_tenant_.find(seed->serial)) {  // the answer was lost
        did_[i] = TokenOutcome::Did::put_in;
        activate(i, *seed, *there);
        continue;
      }
      sent.push_back(i);
      tokens.push_back(seed.get());
      seeds.push_back(std::move(seed));
    }
    auto results = inventory.create(tokens, deadline());
    std::vector<std::size_t> again;
    for (std::size_t k = 0; k < sent.size(); ++k) {
      const auto i = sent[k];
      if (results[k]) {
        did_[i] = TokenOutcome::Did::put_in;
        in_tenant_.add(*results[k]);
        activate(i, *seeds[k], *results[k]);
        continue;
      }
      Error& error = results[k].error();
      const bool may_pass = error.code == Errc::unavailable || error.code == Errc::throttled;
      if (may_pass && attempt < kUploadAttempts) {
        again.push_back(i);
      } else if (may_pass || error.code == Errc::invalid_input || error.code == Errc::not_found ||
                 error.code == Errc::conflict) {
        settle(i, *seeds[k], State::failed, Code::service_refused, error.what,
               error.remedy.empty() ? std::string(kAgain) : error.remedy);
      } else {
        stop_with(std::move(error));
        return {};
      }
    }
    return again;
  }

  /// Tokens that nobody has yet.
  void assign_all(TokenInventory& inventory) {
    if (!to_assign_.empty()) progress_.phase(fmt::format("assigning {}", counted(to_assign_.size(), "token")));
    Tasks::here()->each(to_assign_.size(), kRequestsAtOnce, [&](std::size_t k) {
      const auto i = to_assign_[k];
      const auto seed = ended() ? nullptr : seed_of(i);
      if (!seed) return;
      auto assigned = inventory.assign(*in_tenant_.find(seed->serial), seed->upn, deadline());
      if (assigned) {
        did_[i] = TokenOutcome::Did::gave;
        in_tenant_.add(*assigned);
        activate(i, *seed, *assigned);
      } else if (assigned.error().code == Errc::forbidden || assigned.error().code == Errc::unauthenticated ||
                 assigned.error().code == Errc::needs_person || assigned.error().code == Errc::cancelled) {
        stop_with(std::move(assigned).error());
      } else {
        settle(i, State::failed, Code::not_assigned, "not assigned: " + assigned.error().what, assigned.error().remedy);
      }
    });
  }

  void upload_all(TokenUploads& service, const std::vector<std::size_t>& missing) {
    service_ = &service;
    const std::size_t total = missing.size();
    for (std::size_t begin = 0; begin < total && !ended() && !stuck_; begin += options_.rows_per_upload) {
      const std::size_t end = std::min(begin + options_.rows_per_upload, total);
      const std::vector<std::size_t> chunk(missing.begin() + static_cast<std::ptrdiff_t>(begin),
                                           missing.begin() + static_cast<std::ptrdiff_t>(end));
      progress_.phase(fmt::format("uploading rows {} to {} of {}", begin + 1, end, total));
      upload_and_resolve(chunk);
    }
  }

  /// The service does not say which rows it refused, nor why. If some rows of an upload were taken, those left are retried
  /// alone: each then shows whether it is a culprit. If none was, the upload may have been refused as a whole because of one
  /// row: halves find it.
  void upload_and_resolve(const std::vector<std::size_t>& rows) {
    const auto left = upload_and_look(rows);
    if (left.empty() || rows.size() == 1 || stopped_) return;
    progress_.phase(fmt::format("retrying {} the service did not take", counted(left.size(), "row")));
    if (left.size() < rows.size()) {
      for (const auto i : left) {
        if (!stopped_) upload_and_look({i});
      }
      return;
    }
    const auto middle = left.begin() + static_cast<std::ptrdiff_t>(left.size() / 2);
    upload_and_resolve({left.begin(), middle});
    if (!stopped_) upload_and_resolve({middle, left.end()});
  }

  /// Uploads, waits, reads the tenant; returns those that are not there. A single one that is not there is settled as failed.
  std::vector<std::size_t> upload_and_look(const std::vector<std::size_t>& rows) {
    std::vector<std::size_t> left = rows;
    std::string why;
    for (int attempt = 1;; ++attempt) {
      const Sent sent = upload_and_wait(left, why);
      if (stopped_) return left;
      if (!drop_present(left)) return left;
      if (left.empty()) return left;
      if (sent == Sent::lost && attempt < kUploadAttempts) continue;  // it never arrived: nothing can be in the tenant twice
      if (sent == Sent::lost || sent == Sent::unfinished) {
        stuck_ = true;
        for (const auto i : left) {
          settle(i, State::failed, Code::upload_unfinished,
                 sent == Sent::lost
                     ? why
                     : fmt::format("the service did not finish the upload within {}", about(options_.upload_patience)),
                 std::string(kAgain));
        }
        return {};
      }
      break;
    }
    if (rows.size() == 1) {
      settle(rows[0], State::failed, Code::upload_refused,
             why.empty() ? "the service did not take this row and gives no reason" : why,
             "Check that the user exists under this UPN, is no guest, and has fewer than five tokens and authenticator apps "
             "together; then run the same command again.");
    }
    return left;
  }

  enum class Sent { finished, refused, unfinished, lost };

  /// `why`: the reason of a refusal or loss.
  Sent upload_and_wait(const std::vector<std::size_t>& rows, std::string& why) {
    std::vector<std::shared_ptr<const TokenSeed>> seeds;
    std::vector<const TokenSeed*> tokens;
    for (const auto i : rows) {
      auto seed = seed_of(i);
      if (!seed) return Sent::lost;
      tokens.push_back(seed.get());
      seeds.push_back(std::move(seed));
    }
    const std::string name = random_.guid() + ".csv";  // by which it is found again if the answer is lost
    if (!recorded(rows_.uploading(name))) return Sent::lost;
    const auto accepted = service_->upload(name, tokens, deadline());
    if (!accepted && accepted.error().code == Errc::invalid_input) {
      why = accepted.error().what;
      return Sent::refused;
    }
    if (!accepted && accepted.error().code != Errc::unavailable) {
      stop_with(accepted.error());
      return Sent::lost;
    }
    const auto state = wait_for(name, accepted.has_value());
    const bool known = state && *state != UploadStatus::State::running;
    if (known && !recorded(rows_.uploaded(name))) return Sent::lost;
    completed_clean_ = state == UploadStatus::State::completed;
    if (completed_clean_ || state == UploadStatus::State::completed_with_errors) return Sent::finished;
    if (state == UploadStatus::State::failed) {
      why = "the service reports that the upload failed";
      return Sent::refused;
    }
    if (!accepted && !state) {
      why = accepted.error().what;
      return Sent::lost;
    }
    return Sent::unfinished;
  }

  /// Takes what the tenant holds off the list. False: the tenant could not be read.
  bool drop_present(std::vector<std::size_t>& rows) {
    // What was created may show in the list a little later than the upload says it is done.
    for (const int wait_seconds : {0, 2, 5}) {
      if (wait_seconds != 0 && !clock_.sleep_for(std::chrono::seconds(wait_seconds), stop_)) break;
      if (!look_for(rows)) return false;
      std::erase_if(rows, [&](std::size_t i) {
        const auto seed = seed_of(i);
        const auto there = seed ? in_tenant_.find(seed->serial) : nullptr;
        if (there) did_[i] = TokenOutcome::Did::put_in;
        if (there) activate(i, *seed, *there);
        return there != nullptr;
      });
      if (rows.empty() || !completed_clean_) break;
    }
    return true;
  }

  /// Until the upload is done or patience ends. `sure`: it has arrived; otherwise it is looked for only briefly until it is
  /// seen, and nullopt means that it never was.
  std::optional<UploadStatus::State> wait_for(const std::string& name, bool sure) {
    constexpr std::chrono::seconds kBriefly{20};
    progress_.phase("waiting for the service to read the upload");
    auto end = clock_.steady_now() + (sure ? options_.upload_patience : std::min(options_.upload_patience, kBriefly));
    std::optional<UploadStatus::State> seen;
    bool looked = false;
    for (int round = 0;; ++round) {
      const std::chrono::milliseconds wait(round == 0 ? 250 : round == 1 ? 1000 : round == 2 ? 2000 : round < 6 ? 5000 : 10000);
      if (clock_.steady_now() + wait > end) break;
      if (!clock_.sleep_for(wait, stop_)) {
        stop_with({Errc::cancelled, "interrupted", std::string(kAgain), {}});
        break;
      }
      auto uploads = service_->uploads(deadline());
      if (!uploads) {
        if (uploads.error().code == Errc::unavailable || uploads.error().code == Errc::throttled) continue;
        stop_with(std::move(uploads).error());
        break;
      }
      looked = true;
      const auto found = std::ranges::find(*uploads, name, &UploadStatus::name);
      if (found == uploads->end()) continue;
      if (!std::exchange(sure, true)) end = clock_.steady_now() + options_.upload_patience;
      seen = found->state;
      if (found->state == UploadStatus::State::running) continue;
      log(LogLevel::info, fmt::format("upload {}: {}", name, found->reported));
      break;
    }
    // Not having been able to look is not the same as having looked in vain.
    return looked || seen ? seen : UploadStatus::State::running;
  }

  static constexpr std::uint8_t kOpen = 0xff;  // no state yet

  ImportRows& rows_;
  TokenDirectory& tokens_;
  const ImportOptions& options_;
  Clock& clock_;
  Random& random_;
  Progress& progress_;
  std::stop_token stop_;
  TenantCheck in_tenant_;
  bool tenant_read_ = false;
  TokenUploads* service_ = nullptr;     // set while uploads are looked at
  std::vector<std::size_t> to_assign_;  // in the tenant, and nobody's
  bool stuck_ = false;                  // an upload did not finish: the next ones would only queue up behind it
  bool completed_clean_ = false;        // the last upload says that it took every row
  OwnPace own_pace_{ActivationLimit{}, clock_};
  std::optional<Activations> activations_;  // its workers run until it is told to finish
  std::vector<std::size_t> waiting_;        // in the tenant from the beginning, to be activated
  std::vector<std::uint8_t> states_;        // a TokenOutcome::State each, or kOpen
  std::vector<TokenOutcome::Did> did_;      // by this run
  std::vector<bool> arrived_;               // in the tenant
  std::size_t done_ = 0;                    // settled
  std::array<std::size_t, static_cast<std::size_t>(State::nothing_to_do) + 1> counts_{};
  std::string by_state_;
  SteadyTime counted_{};
  bool over_ = false;
  std::optional<Error> stopped_;
};

}  // namespace

std::optional<Error> import_tokens(ImportRows& rows, TokenDirectory& tokens, const ImportOptions& options, Clock& clock,
                                   Random& random, Progress& progress, std::stop_token stop) {
  return Import(rows, tokens, options, clock, random, progress, std::move(stop)).run();
}

}  // namespace portalkey
