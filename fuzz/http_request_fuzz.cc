// What a client of the service may send: read alike in whatever pieces it comes, and as Beast reads it where Beast accepts it.

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "answer.h"
#include "base/ascii.h"
#include "web/request_reader.h"

namespace {

using namespace portalkey;
namespace http = boost::beast::http;
using State = RequestReader::State;

struct Seen {
  std::vector<RequestHead> requests;
  State state = State::before;
  int refused = 0;
};

ServerLimits limits() {
  ServerLimits out;
  out.body_bytes = 2000;
  out.header_bytes = 2000;
  return out;
}

Seen read_by(std::string_view bytes, std::size_t at_a_time) {
  Seen seen;
  RequestReader reader(limits());
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, at_a_time);
    reader.take(piece);
    bytes.remove_prefix(piece.size());
    while (reader.state() == State::whole) seen.requests.push_back(reader.release());
  }
  seen.state = reader.state();
  if (seen.state == State::refused) seen.refused = reader.refusal().status;
  return seen;
}

void check(bool holds) {
  if (!holds) std::abort();
}

bool same(const RequestHead& a, const RequestHead& b) {
  return a.request.method == b.request.method && a.request.target == b.request.target && a.request.path == b.request.path &&
         a.request.headers == b.request.headers && a.request.body == b.request.body && a.request.host == b.request.host &&
         a.keep_alive == b.keep_alive && a.http11 == b.http11 && a.chunked == b.chunked;
}

/// What a handler may rely on.
void check_promises(const RequestHead& head) {
  const auto& r = head.request;
  check(r.body.size() <= 2000 && r.headers.size() <= 100 && !r.method.empty());
  check(r.path == "*" || r.path.starts_with('/'));
  const auto raw = r.target.substr(0, r.target.find('?'));
  check(!raw.contains("//") && !(raw + '/').contains("/../") && !(raw + '/').contains("/./") && !r.path.contains('\0'));
  for (const char c : r.path) check(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  for (const auto& [name, value] : r.headers) {
    check(name == lower(name) && name.find_first_of(" \t\r\n:") == std::string::npos);
    for (const char c : value) check(static_cast<unsigned char>(c) >= 0x20 || c == '\t');
    check(value.find_first_of("\r\n\x7f") == std::string::npos && value.find('\0') == std::string::npos);
  }
}

/// Beast is laxer in what it takes. Where it takes the first request, it must have the same one, ending at the same byte.
void check_with_beast(std::string_view bytes, const RequestHead& ours, std::size_t requests) {
  http::request_parser<http::string_body> parser;
  parser.eager(true);
  parser.body_limit(100'000);
  parser.header_limit(100'000);
  boost::system::error_code error;
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  while (!bytes.empty() && !parser.is_done()) {
    const auto used = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (error || used == 0) break;
    bytes.remove_prefix(used);
  }
  if (error || !parser.is_done()) return;
  const auto& theirs = parser.get();
  check(ours.request.method == theirs.method_string());
  check(ours.request.body == theirs.body());
  check(ours.http11 == (theirs.version() == 11));
  check(ours.chunked == theirs.chunked());
  check(read_by(bytes, bytes.size() + 1).requests.size() + 1 == requests);  // the next one begins at the same byte
  if (ours.chunked) return;                                                 // Beast makes trailers headers
  auto headers = ours.request.headers;                                      // Beast puts those of one name together
  std::ranges::sort(headers);
  TextPairs others;
  for (const auto& field : theirs)
    others.emplace_back(lower({field.name_string().data(), field.name_string().size()}), field.value());
  std::ranges::sort(others);
  check(headers == others);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(data, size);
  const auto at_once = read_by(text, size);
  const auto in_pieces = read_by(text, 1);
  const auto otherwise = read_by(text, 3 + size % 11);
  for (const auto* other : {&in_pieces, &otherwise}) {
    check(other->requests.size() == at_once.requests.size() && other->state == at_once.state &&
          other->refused == at_once.refused);
    for (std::size_t i = 0; i < at_once.requests.size(); ++i) check(same(at_once.requests[i], other->requests[i]));
  }
  for (const auto& one : at_once.requests) check_promises(one);
  if (!at_once.requests.empty()) check_with_beast(text, at_once.requests.front(), at_once.requests.size());
  return 0;
}
