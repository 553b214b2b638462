#include "web/request_head.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "web/plain_answer.h"

namespace portalkey {
namespace {

using Refusal = std::unexpected<HttpResponse>;

constexpr std::size_t kMostFields = 100;
constexpr std::string_view kDigits = "0123456789";

Refusal bad(std::string text) { return Refusal(plain_answer(400, std::move(text))); }

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z'); }
bool is_token(std::string_view text) {
  static constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || kOthers.contains(c); });
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view next_line(std::string_view& rest) {
  const auto line = rest.substr(0, rest.find("\r\n"));
  rest.remove_prefix(line.size() + 2);
  return line;
}

/// What %XX at `at` stands for; -1: it is none.
int percent_value(std::string_view text, std::size_t at) {
  unsigned value = 0;
  if (at + 3 > text.size()) return -1;
  const char* const end = text.data() + at + 3;
  const auto read = std::from_chars(text.data() + at + 1, end, value, 16);
  return read.ec == std::errc() && read.ptr == end ? static_cast<int>(value) : -1;
}

bool is_dots(std::string_view segment) {
  std::string plain;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const bool is_dot = segment[i] == '%' && percent_value(segment, i) == '.';
    plain += is_dot ? '.' : segment[i];
    if (is_dot) i += 2;
  }
  return plain == "." || plain == "..";
}

const char* why_no_path(std::string_view path) {
  for (std::size_t i = path.find('%'); i != std::string_view::npos; i = path.find('%', i + 1)) {
    const int value = percent_value(path, i);
    if (value < 0) return "The path has a percent sign that encodes nothing.\n";
    if (value < 0x20 || value == 0x7f) return "The path has control characters.\n";
  }
  if (path.contains('\\')) return "The path has a backslash.\n";
  if (path.contains("//")) return "The path has an empty segment.\n";
  for (auto rest = path; !rest.empty();) {
    rest.remove_prefix(1);
    const auto segment = rest.substr(0, rest.find('/'));
    if (is_dots(segment)) return "The path has dot segments.\n";
    rest.remove_prefix(segment.size());
  }
  return nullptr;
}

const char* why_no_target(std::string_view target) {
  const auto mark = target.find('?');
  if (target.contains('#')) return "The request target has a fragment.\n";
  if (mark != std::string_view::npos && target.substr(mark).contains("%00")) return "The query has a NUL.\n";
  return why_no_path(target.substr(0, mark));
}

/// `host`, `host:port`, `[address]:port`.
bool is_authority(std::string_view text) {
  static constexpr std::string_view kOthers = "-._~%!$&'()*+,;=";
  const auto bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  if (text.starts_with('[') && bracket == std::string_view::npos) return false;
  const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const auto host = text.substr(0, colon);
  if (colon != std::string_view::npos && text.find_first_not_of(kDigits, colon + 1) != std::string_view::npos) return false;
  if (bracket != std::string_view::npos)
    return host.size() > 2 && host.ends_with(']') && std::ranges::all_of(host.substr(1, host.size() - 2), [](char c) {
             return is_alphanumeric(c) || c == ':' || c == '.';
           });
  return !host.empty() && std::ranges::all_of(host, [](char c) { return is_alphanumeric(c) || kOthers.contains(c); });
}

/// Splits `https://host/path` into host and path; leaves others alone.
std::string_view taken_authority(std::string_view& target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!same_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const auto rest = target.substr(scheme.size());
    const auto end = std::min(rest.find_first_of("/?#"), rest.size());
    target = rest.substr(end);
    return rest.substr(0, end);
  }
  return {};
}

std::expected<std::string_view, HttpResponse> read_request_line(std::string_view line, RequestHead& out) {
  const auto first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return bad("This is not an HTTP request.\n");
  const auto method = line.substr(0, first), target = line.substr(first + 1, last - first - 1), version = line.substr(last + 1);
  if (!is_token(method) || method.size() > 32) return bad("This is not an HTTP request.\n");
  if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.' || !kDigits.contains(version[5]) ||
      !kDigits.contains(version[7]))
    return bad("This is not an HTTP request.\n");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return Refusal(plain_answer(505, "HTTP/1.1 is spoken here.\n"));
  if (target.empty() || !std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f; }))
    return bad("The request target has characters that it cannot have.\n");
  out.request.method = method;
  out.http11 = version == "HTTP/1.1";
  return target;
}

std::expected<void, HttpResponse> read_fields(std::string_view lines, HttpRequest& out) {
  for (auto line = next_line(lines); !line.empty(); line = next_line(lines)) {
    if (out.headers.size() == kMostFields) return Refusal(plain_answer(431, "The request head has too many fields.\n"));
    if (!is_field_line(line)) return bad("The request head has a line that is no field.\n");
    const auto colon = line.find(':');
    out.headers.emplace_back(lower(line.substr(0, colon)), without_blanks(line.substr(colon + 1)));
  }
  return {};
}

std::expected<void, HttpResponse> read_target(std::string_view target, RequestHead& out) {
  const auto hosts = std::ranges::count(out.request.headers, "host", &TextPairs::value_type::first);
  if (hosts > 1 || (out.http11 && hosts == 0)) return bad("A request has one Host.\n");
  const auto host = out.request.header("host");
  if (hosts == 1 && !is_authority(host)) return bad("The Host is none.\n");
  const bool absolute = !target.starts_with('/');
  if (absolute && target != "*") {
    const auto authority = taken_authority(target);
    if (authority.empty()) return bad("The request target is no path.\n");
    if (!same_ignoring_case(authority, host)) return bad("The request target and the Host differ.\n");
  }
  std::string path(target);
  if (target == "*") {
    if (out.request.method != "OPTIONS") return bad("The request target is no path.\n");
  } else {
    if (absolute && !path.starts_with('/')) path.insert(path.begin(), '/');
    if (const char* const why = why_no_target(path)) return bad(why);
  }
  set_target(out.request, path);
  const auto end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
  out.request.host = lower(host.substr(0, end));
  return {};
}

std::expected<void, HttpResponse> read_framing(RequestHead& out, std::uint64_t body_limit) {
  bool has_length = false, close = false, stay = false;
  for (const auto& [name, value] : out.request.headers) {
    if (name == "content-length") {
      if (has_length) return bad("A request has one Content-Length.\n");
      has_length = true;
      if (value.empty() || value.find_first_not_of(kDigits) != std::string::npos)
        return bad("The Content-Length is no number.\n");
      const auto read = std::from_chars(value.data(), value.data() + value.size(), out.length);
      if (read.ec != std::errc() || out.length > body_limit)
        return Refusal(plain_answer(413, "The request body is too large.\n"));
    } else if (name == "transfer-encoding") {
      if (out.chunked || !out.http11 || !same_ignoring_case(value, "chunked"))
        return bad("A Transfer-Encoding is chunked, once, in HTTP/1.1.\n");
      out.chunked = true;
    } else if (name == "connection") {
      for (std::string_view rest = value; !rest.empty();) {
        const auto one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        close = close || same_ignoring_case(without_blanks(one), "close");
        stay = stay || same_ignoring_case(without_blanks(one), "keep-alive");
      }
    } else if (name == "expect" && out.http11) {
      if (!same_ignoring_case(value, "100-continue")) return Refusal(plain_answer(417, "Only 100-continue can be expected.\n"));
      out.expects_continue = true;
    }
  }
  if (out.chunked && has_length) return bad("A request has a Content-Length or a Transfer-Encoding.\n");
  out.keep_alive = !close && (out.http11 || stay);
  return {};
}

}  // namespace

bool is_field_line(std::string_view line) {
  const auto colon = line.find(':');
  return colon != std::string_view::npos && is_token(line.substr(0, colon));
}

std::expected<RequestHead, HttpResponse> read_request_head(std::string_view head, const ServerLimits& limits) {
  RequestHead out;
  const auto target = read_request_line(next_line(head), out);
  if (!target) return Refusal(target.error());
  if (auto fields = read_fields(head, out.request); !fields) return Refusal(std::move(fields.error()));
  if (auto read = read_target(*target, out); !read) return Refusal(std::move(read.error()));
  if (auto framed = read_framing(out, limits.body_bytes); !framed) return Refusal(std::move(framed.error()));
  return out;
}

}  // namespace portalkey
