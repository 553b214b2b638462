#include "service/metrics.h"

#include <fmt/format.h>

namespace portalkey {

void Metrics::answered(const std::string& route, int status, std::chrono::nanoseconds took) {
  const double seconds = std::chrono::duration<double>(took).count();
  const std::lock_guard turn(mutex_);
  ++requests_[{route, status}];
  auto& latency = latencies_[route];
  for (std::size_t i = 0; i < std::size(kBuckets); ++i) latency.buckets[i] += seconds <= kBuckets[i];
  ++latency.count;
  latency.sum += seconds;
}

void Metrics::count(const std::string& name) {
  const std::lock_guard turn(mutex_);
  ++counters_[name];
}

std::string Metrics::text() const {
  const std::lock_guard turn(mutex_);
  std::string out = "# HELP portalkey_http_requests_total Requests answered.\n# TYPE portalkey_http_requests_total counter\n";
  for (const auto& [key, count] : requests_)
    out += fmt::format("portalkey_http_requests_total{{route=\"{}\",status=\"{}\"}} {}\n", key.first, key.second, count);
  out += "# HELP portalkey_http_request_seconds How long answers took.\n# TYPE portalkey_http_request_seconds histogram\n";
  for (const auto& [route, latency] : latencies_) {
    for (std::size_t i = 0; i < std::size(kBuckets); ++i)
      out += fmt::format("portalkey_http_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n", route, kBuckets[i],
                         latency.buckets[i]);
    out += fmt::format(
        "portalkey_http_request_seconds_bucket{{route=\"{0}\",le=\"+Inf\"}} {1}\n"
        "portalkey_http_request_seconds_sum{{route=\"{0}\"}} {2}\n"
        "portalkey_http_request_seconds_count{{route=\"{0}\"}} {1}\n",
        route, latency.count, latency.sum);
  }
  for (const auto& [name, count] : counters_)
    out += fmt::format("# TYPE portalkey_{0} counter\nportalkey_{0} {1}\n", name, count);
  return out;
}

}  // namespace portalkey
