#pragma once
// One exchange with a service, and what it is made of. Knows nothing of Azure.

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "http/url.h"

namespace portalkey {

/// May the request be sent again when it is not known whether the first one was carried out?
enum class Idempotency { yes, no };

/// The caller's time left and its cancellation; whatever waits takes one.
struct Deadline {
  SteadyTime at;
  std::stop_token stop;

  static Deadline in(std::chrono::milliseconds left, const Clock& clock, std::stop_token stop = {}) {
    return {clock.steady_now() + left, std::move(stop)};
  }
};

/// What a request carries. Who makes one also says what in it is secret: a service may quote it when it refuses
/// (http/unechoed.h).
class Body {
 public:
  Body() = default;
  /// `secrets`: as they stand in `text` once it is decoded. None: `{}`.
  Body(Secret text, std::vector<Secret> secrets) : text_(std::move(text)), secrets_(std::move(secrets)) {}

  template <class F>
  decltype(auto) reveal(F&& use) const {
    return text_.reveal(std::forward<F>(use));
  }
  const Secret& text() const { return text_; }
  const std::vector<Secret>& secrets() const { return secrets_; }
  bool empty() const { return text_.empty(); }
  Body clone() const;

 private:
  Secret text_;
  std::vector<Secret> secrets_;
};

/// Clones, in a list: a Secret is not copied into one by braces.
template <class... Secrets>
std::vector<Secret> secret_list(const Secrets&... secrets) {
  std::vector<Secret> list;
  (list.push_back(secrets.clone()), ...);
  return list;
}

struct Request {
  std::string method = "GET";
  Url url;
  Idempotency idempotency = Idempotency::yes;
  std::vector<std::pair<std::string, std::string>> headers;  ///< none of them secret
  /// Others that are secret; only http/local_http.h sends them.
  std::vector<std::pair<std::string, Secret>> secret_headers;
  Secret bearer;  ///< if not empty, sent as `Authorization: Bearer …`; only to the hosts the chain was made for
  Body body;
  /// If set, makes the body of each attempt just before it is sent (and may wait a moment): for what goes stale, such as a
  /// time-based code. `body` is then ignored.
  std::function<Body()> late_body;
};

/// For sending it again; a Request is not copied by accident.
Request copy_of(const Request& request);

struct Response {
  int status = 0;
  std::multimap<std::string, std::string> headers;  ///< names in lower case
  Secret body;
  WallTime sent, received;  ///< by the local clock; with the Date header they tell the server's

  /// The first header of that name (lower case), or an empty string.
  std::string header(std::string_view name) const {
    const auto found = headers.find(std::string(name));
    return found == headers.end() ? std::string() : found->second;
  }
};

class Http {
 public:
  virtual ~Http() = default;
  /// One exchange. An HTTP error status is a Response; an Error means that no complete answer came back (unavailable: the
  /// request may or may not have been carried out; cancelled; invalid_input: it was not allowed to leave).
  /// Redirects are not followed: a 3xx is a Response like any other.
  virtual Result<Response> send(const Request& request, const Deadline& deadline) = 0;
};

/// `application/x-www-form-urlencoded` text of the pairs, in order. Of an OAuth request everything is secret but the few
/// parameters that are known not to be.
Body form_encode(const std::vector<std::pair<std::string_view, std::string_view>>& pairs);

}  // namespace portalkey
