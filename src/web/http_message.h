#pragma once
// What a handler gets and gives back. No library type appears here, so handlers are plain functions that tests call.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portalkey {

using TextPairs = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;  ///< as sent: `GET`
  std::string target;  ///< the request target as sent, query included
  std::string path;    ///< of the target, percent-decoded
  TextPairs query;     ///< of the target, decoded, in order
  std::string host;    ///< the Host header in lower case, without a port
  TextPairs headers;   ///< names in lower case, in order
  std::string body;
  std::string peer;  ///< the client's address

  /// The first header of that (lower-case) name; empty if there is none.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  /// The first query parameter of that name.
  std::optional<std::string_view> parameter(std::string_view name) const;
};

/// A body that comes bit by bit, such as events. Asked by one thread at a time, not always the same one.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// The next piece. Empty: there is none now, ask again in a moment. nullopt: that was all. May wait, but not for long: a
  /// thread waits with it.
  virtual std::optional<std::string> next() = 0;
};

struct HttpResponse {
  int status = 200;
  TextPairs headers;  ///< `Content-Length`, `Connection` and, if missing, `Date` are added by the server
  std::string body;
  /// Instead of `body`: sent in chunks as they come. Only for pooled handlers (web/pooled_server.h).
  std::shared_ptr<BodySource> source = {};

  std::string_view header(std::string_view name) const;  ///< the name in any case
};

/// `a=1&b=x%20y+z`, as in a query or a form: percent-decoded, `+` is a blank. A stray `%` stands for itself.
TextPairs parse_form(std::string_view text);

/// Fills `path` and `query` from a target in origin form (`/a?b=c`) or absolute form (`https://host/a?b=c`).
void set_target(HttpRequest& request, std::string_view target);

}  // namespace portalkey
