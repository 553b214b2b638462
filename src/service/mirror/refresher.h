#pragma once
// Keeps a mirror young: a thread for each tenant reads it again when its copy is too old. A tenant is read page after page, so
// there is never more than one request of it under way, and rests at least as long as the last reading took (an hour at most).

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "service/mirror/mirror.h"

namespace portalkey {

/// What is known of a tenant's copy.
struct MirrorState {
  std::string tenant;
  std::optional<WallTime> as_of;  ///< nullopt: never read whole
  bool reading = false;
  std::uint64_t readings = 0;             ///< that came to their end
  std::uint64_t failures = 0;             ///< since the last that did
  std::optional<Error> error;             ///< of the last one, if it failed
  std::optional<WallTime> failed_at;      ///< when
  std::chrono::milliseconds last_took{};  ///< of the last that came to its end
};

class MirrorRefresher {
 public:
  using Open = std::function<std::unique_ptr<TokenDirectory>()>;

  /// `changed` is told of other hands' changes, by several threads. What is referred to must outlive it.
  MirrorRefresher(Mirror& mirror, Clock& clock, std::chrono::milliseconds age,
                  std::function<void(const std::string& tenant, const OutsideChange&)> changed);
  ~MirrorRefresher() { stop(); }
  MirrorRefresher(const MirrorRefresher&) = delete;
  MirrorRefresher& operator=(const MirrorRefresher&) = delete;

  /// Before start(). `open` is called for each reading.
  void add(std::string tenant, Open open);
  void start();
  /// Readings under way are stopped: what the mirror had stays. Returns when they have ended.
  void stop();
  /// Reads it at the next opportunity, however young it is. Nothing happens if there is no such tenant.
  void soon(const std::string& tenant);
  std::vector<MirrorState> states() const;

  /// Reads the tenant if it is time to and nobody else does. Returns when to look again.
  SteadyTime do_due(const std::string& tenant, const std::stop_token& stop = {});

 private:
  struct Served {
    MirrorState state;
    Open open;
    SteadyTime next{};  // when it may be read
    bool asked = false;
    std::jthread thread;
  };
  void keep(Served& served, const std::stop_token& stop);
  SteadyTime do_due(Served& served, const std::stop_token& stop);
  Result<void> read(Served& served, const std::stop_token& stop);
  SteadyTime settle(Served& served, const Result<void>& done, WallTime began, std::chrono::milliseconds took);

  Mirror& mirror_;
  Clock& clock_;
  const std::chrono::milliseconds age_;
  const std::function<void(const std::string&, const OutsideChange&)> changed_;
  mutable std::mutex mutex_;
  std::condition_variable_any woken_;
  std::deque<Served> served_;  // nothing in it moves
};

}  // namespace portalkey
