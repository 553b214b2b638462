#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "directory/token_directory.h"
#include "jobs/model/progress.h"
#include "jobs/model/token_outcome.h"
#include "jobs/store/activation_pace.h"

namespace portalkey {

class Tasks;

struct ActivationResult {
  bool active = false;
  bool attempted = true;
  std::string reason;  ///< if not active
  std::string remedy;
};

/// What it takes to activate one token.
struct ActivationOrder {
  std::shared_ptr<const TokenSeed> seed;
  std::shared_ptr<const TenantToken> token;
};

/// Activates tokens, many at a time, with codes computed from their seeds at the moment of sending, for the server's clock,
/// never in the last second of a time step, and not at all while the server's clock and the one here are days apart. A refused
/// code is tried again in the next step, three times in all. An answer that was lost is settled by asking the tenant.
///
/// Where a device's own clock is known, the code is the one for its time, so that Entra learns how far it is off. A backend of
/// which that is not documented gets codes of the present (a step either way) as long as the device's owner can sign in
/// afterwards, and the device's own code only where nothing else would be of use. No other code is then tried: it would make
/// the token active, and keep its owner out.
///
/// Waiting orders are places only: what they take is asked for when their turn comes.
///
/// A code that is accepted proves that the tenant holds the right seed; of a device whose clock is not known it does not prove
/// that this is right.
class Activations {
 public:
  using Orders = std::function<Result<ActivationOrder>(std::size_t place)>;
  /// `seed` is null of one whose turn did not come.
  using OnResult = std::function<void(std::size_t place, const TokenSeed* seed, ActivationResult)>;
  /// `orders` tells what a place stands for; an error ends it all. `on_result` is told of each order once, at once.
  Activations(TokenDirectory& tokens, ActivationPace& pace, Clock& clock, std::stop_token stop, Orders orders,
              OnResult on_result);

  /// Is told when the limit lets the next one go, if that is not now.
  void tell_waits(std::function<void(SteadyTime)> on_wait) { on_wait_ = std::move(on_wait); }
  /// Adds the tasks that do it.
  void start(Tasks& tasks);
  /// `place`: the caller's name for it.
  void add(std::size_t place) { ready_.push_back({.place = place}); }
  /// No more will be added.
  void close() { closed_ = true; }
  /// Waits in a task until everything is done; tells on_result what was not come to.
  void finish();
  bool any_accepted() const { return !accepted_.empty(); }
  /// Asks the tenant whether what was accepted is active, and tells on_result of what is not. `tenant_size`: its tokens, about.
  void verify(std::size_t tenant_size);

  std::size_t left() const { return ready_.size() + later_.size() + busy_; }
  /// The least time the rest takes under the limit.
  std::chrono::seconds least_time() { return pace_.least_time(ready_.size() + later_.size()); }
  /// Why it ended early.
  const std::optional<Error>& stopped() const { return stopped_; }

 private:
  static constexpr int kAttempts = 3;

  struct Waiting {
    std::size_t place;
    int attempts = 0;
  };
  struct Order : ActivationOrder {
    Waiting waiting;
  };
  struct Accepted {
    std::size_t place;
    std::uint64_t token;  ///< a hash of its id
  };

  bool over() const { return stopped_ || (closed_ && left() == 0); }
  void work();
  std::optional<Waiting> next();
  bool take_turn();
  void attempt(Waiting waiting);
  std::string code_of(const Order& order);
  void refused(const Order& order, const Error& error);
  std::chrono::milliseconds doubt() const;
  void accept(const Order& order);
  void again(const Order& order, std::chrono::milliseconds wait, std::string reason, std::string remedy,
             int attempts = kAttempts);
  void give_up(const Order& order, std::string reason, std::string remedy);
  bool active_in_tenant(const TenantToken& token);
  Deadline deadline() const;

  TokenDirectory& tokens_;
  ActivationPace& pace_;
  Clock& clock_;
  std::stop_token stop_;
  Orders orders_;
  OnResult on_result_;
  std::function<void(SteadyTime)> on_wait_;
  std::deque<Waiting> ready_;
  std::multimap<SteadyTime, Waiting> later_;
  std::vector<Accepted> accepted_;
  std::size_t workers_ = 0;
  std::size_t busy_ = 0;  // workers that have an order
  bool in_turn_ = false;  // a worker waits for its turn under the limit
  bool closed_ = false;
  std::optional<Error> stopped_;
};

}  // namespace portalkey
