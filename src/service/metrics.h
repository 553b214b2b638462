#pragma once
// Figures for Prometheus (text exposition format 0.0.4).

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace portalkey {

class Metrics {
 public:
  /// One request answered. `route`: the operation's id, or `none`.
  void answered(const std::string& route, int status, std::chrono::nanoseconds took);
  /// Something that must not happen often, counted by name: `audit_failures_total`.
  void count(const std::string& name);
  /// All counters; gauges are added by whoever asks.
  std::string text() const;

 private:
  static constexpr double kBuckets[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25};
  struct Latency {
    std::uint64_t buckets[std::size(kBuckets)] = {};
    std::uint64_t count = 0;
    double sum = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> requests_;
  std::map<std::string, Latency> latencies_;
  std::map<std::string, std::uint64_t> counters_;
};

}  // namespace portalkey
