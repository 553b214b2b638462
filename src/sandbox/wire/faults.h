#pragma once
// Faults on demand: rules that match requests, tried in order, and a seeded dice, so that a run repeats.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "sandbox/wire/clouds.h"
#include "web/mishap.h"

namespace portalkey::sandbox {

enum class FaultKind {
  latency,             ///< wait, then answer as usual; other rules are tried too
  throttled,           ///< 429 with Retry-After
  throttled_unsaid,    ///< 429 without
  server_error,        ///< 500, 502, 503 or what `status` says
  echo,                ///< 400 or what `status` says, with the request's own secret quoted in body and headers; nothing is done
  answer,              ///< `status` (200), `body` and `headers` as they are, for what is not the service's; nothing is done
  reset_before,        ///< the connection is reset, nothing is done
  reset_after_effect,  ///< the request is carried out, then the connection is reset instead of an answer
  reset_in_body,       ///< carried out; reset in the middle of the answer's body
  slow_body,           ///< carried out; the body trickles
  hang,                ///< neither carried out nor answered
  date,                ///< carried out; the Date header says `date`, or is `offset_seconds` off
};

struct FaultRule {
  std::int64_t id = 0;
  std::string host = "*";  ///< `login`, `vault`, `portal`, `graph`, `imds`, `*`, or a part of a host name
  std::string path;        ///< a part of the path, letter case ignored; empty = any
  std::string method;      ///< empty = any
  FaultKind kind = FaultKind::server_error;
  std::string kind_name;
  double probability = 1.0;
  std::int64_t times = -1;  ///< how often still; -1 = for ever
  std::int64_t skip = 0;    ///< requests to let pass first
  int status = 503;
  std::optional<std::int64_t> retry_after;
  std::int64_t milliseconds = 0;
  std::string body;  ///< of an echo (sandbox/wire/echo.h), empty: the service's own shape; of an answer
  std::vector<std::pair<std::string, std::string>> headers;  ///< of an echo or answer
  std::int64_t offset_seconds = 0;
  std::string date;
  std::int64_t hits = 0;
};

/// What is to happen to one request.
struct FaultPlan {
  std::chrono::milliseconds delay{0};
  std::optional<FaultRule> rule;  ///< anything but latency
};

Result<FaultRule> parse_fault(std::string_view json_text);

class FaultBook {
 public:
  explicit FaultBook(std::uint64_t seed) : random_(seed) {}
  /// Returns the rule's id.
  std::int64_t add(FaultRule rule);
  void clear() { rules_.clear(); }
  const std::vector<FaultRule>& rules() const { return rules_; }
  FaultPlan plan(Service service, const HttpRequest& request);
  /// For a request inside another: only what refuses it, for it has no connection and no time of its own.
  std::optional<FaultRule> refusal(Service service, const HttpRequest& request);

 private:
  /// `refusals`: rules of other kinds do not see the request.
  FaultPlan draw(Service service, const HttpRequest& request, bool refusals);
  std::vector<FaultRule> rules_;
  std::int64_t next_id_ = 1;
  Random random_;
};

/// The answer of a rule that refuses, in the shape the service uses.
FaultyResponse fault_answer(const FaultRule& rule, Service service, const HttpRequest& request);
/// Turns the real answer into the mishap the rule asks for.
void apply_after(const FaultRule& rule, FaultyResponse& answer);
/// Whether the request is carried out at all.
bool has_effect(FaultKind kind);

}  // namespace portalkey::sandbox
