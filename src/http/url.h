#pragma once
// An address, parsed once. Whoever reads an address from outside (an answer, a setting, a command line) makes a Url of it at
// once; guard, log, proxy choice and libcurl then all get this one reading. Two parsers that differ would let a text like
// `https://graph.microsoft.com\@evil.example/` be judged as one host and sent to another.
// Source: RFC 3986, read by Boost.URL; RFC 1123 §2.1 for host names.

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace portalkey {

/// Either an address that may be called, or the reason why it may not (problem()); every Http refuses the latter before
/// anything leaves. Immutable; a default-made one is no address.
class Url {
 public:
  Url() = default;

  /// An https address of a service: a host name of letters, digits and dashes whose last label begins with a letter (so no IP
  /// address in any spelling); no user information, no port but 443, no fragment, no `.` or `..` in the path, nothing encoded
  /// in it that a server may read as a separator, only characters of RFC 3986, at most kLongest bytes.
  explicit Url(std::string_view text);

  /// A plain http address within this machine and its own network, where metadata endpoints are: `localhost`, or a literal
  /// address that is loopback, link-local (169.254.0.0/16) or private. Any port; otherwise as above.
  static Url local(std::string_view text);

  static constexpr std::size_t kLongest = 8192;

  bool valid() const { return problem_ == nullptr; }
  /// Why it is no address, as it ends "... is no address that may be called: "; empty if it is one. Quotes nothing of the text.
  std::string_view problem() const { return valid() ? std::string_view() : problem_; }
  /// invalid_input with the problem: nothing was sent.
  Error refusal() const;

  /// What is sent, byte for byte: as given, but for scheme and host in lower case, without the default port and an empty query.
  /// Empty if it is no address; so are the parts below.
  const std::string& text() const { return text_; }
  std::string_view host() const { return part(host_begin_, host_end_); }
  std::string_view path() const { return part(path_begin_, path_end_); }
  /// Path and query, as they stand in a request.
  std::string_view target() const { return std::string_view(text_).substr(path_begin_); }
  /// Scheme, host and port, without a slash behind them.
  std::string origin() const { return text_.substr(0, path_begin_); }
  bool is_local() const { return text_.starts_with("http:"); }
  /// The path's segments, decoded.
  std::vector<std::string> segments() const;

  /// The address with further segments, each held to the alphabet of is_plain_id(): an id that a service gave cannot lead to
  /// another resource. What is no id makes no address.
  Url below(std::initializer_list<std::string_view> ids) const;
  /// The address with a query, which the caller has encoded.
  Url with_query(std::string_view query) const;

 private:
  enum class Rule { https, local };
  void read(std::string_view text, Rule rule);
  std::string_view part(std::size_t begin, std::size_t end) const { return std::string_view(text_).substr(begin, end - begin); }
  static Url without(const char* problem);

  std::string text_;
  const char* problem_ = "there is none";
  std::size_t host_begin_ = 0, host_end_ = 0, path_begin_ = 0, path_end_ = 0;
};

/// Same host and port, and the same path but for case and encoding. What stands in the query does not matter.
bool same_resource(const Url& a, const Url& b);

/// Ids as the services give them (GUIDs, versions, names): 1 to 128 letters, digits, dashes and underscores.
bool is_plain_id(std::string_view text);

/// The same, as an error for whoever reads an answer: `what` gave it, e.g. "Microsoft Graph's id of a device".
Result<void> check_plain_id(std::string_view id, std::string_view what);

}  // namespace portalkey
