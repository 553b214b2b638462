#include "http/url.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "http/parsed_uri.h"

namespace portalkey {
namespace {

namespace urls = boost::urls;

constexpr bool is_letter(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }
constexpr bool is_letter_or_digit(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// Why a character has no place in an address; nullptr if it may have one.
const char* problem_of(char c) {
  if (is_control(c)) return "it holds a control character";
  if (c == ' ') return "it holds a blank";
  if (c == '\\') return "it holds a backslash";
  if (static_cast<unsigned char>(c) >= 0x80) return "it holds a character outside of ASCII";
  if (c == '#') return "it has a fragment (#)";
  if (!is_letter_or_digit(c) && !std::string_view("-._~:/?[]@!$&'()*+,;=%").contains(c))
    return "it holds a character that addresses do not have";
  return nullptr;
}

/// RFC 1123, and a last label that cannot be part of a number: `0x7f.1`, `127.1` and `2130706433` are addresses to some.
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  for (;;) {
    const auto label = host.substr(0, host.find('.'));
    const bool fine = !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
                      std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
    if (!fine) return false;
    if (label.size() == host.size()) return is_letter(label.front());
    host.remove_prefix(label.size() + 1);
  }
}

bool is_own_network(const urls::ipv4_address& address) {
  const auto ip = address.to_uint();
  const auto within = [ip](std::uint32_t network, int bits) { return ip >> (32 - bits) == network >> (32 - bits); };
  return within(0x7f000000, 8) || within(0xa9fe0000, 16) || within(0x0a000000, 8) || within(0xac100000, 12) ||
         within(0xc0a80000, 16);
}

bool is_local_host(const urls::url_view& url) {
  switch (url.host_type()) {
    case urls::host_type::ipv4: return is_own_network(url.host_ipv4_address());
    case urls::host_type::ipv6: return url.host_ipv6_address().is_loopback();
    case urls::host_type::name: return same_ignoring_case(url.encoded_host(), "localhost");
    default: return false;
  }
}

/// The path's segments, decoded. (Boost's own leave out what they take for a mark: `/./x` has one segment there.)
std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {  // it begins with a slash
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    out.push_back(urls::pct_string_view(segment).decode());
    path.remove_prefix(segment.size());
  }
  return out;
}

/// A server may take these apart once more, after it has decoded the path.
const char* problem_of_path(std::string_view path) {
  for (const auto& segment : segments_of(path)) {
    if (segment == "." || segment == "..") return "its path has a segment . or ..";
    if (std::ranges::any_of(segment, [](char c) { return is_control(c) || c == '/' || c == '\\' || c == '%'; }))
      return "its path holds an encoded slash, backslash, percent sign or control character";
  }
  return nullptr;
}

}  // namespace

Url::Url(std::string_view text) { read(text, Rule::https); }

Url Url::local(std::string_view text) {
  Url out;
  out.read(text, Rule::local);
  return out;
}

Url Url::without(const char* problem) {
  Url out;
  out.problem_ = problem;
  return out;
}

void Url::read(std::string_view text, Rule rule) {
  const bool https = rule == Rule::https;
  if (text.empty()) return;
  if (text.size() > kLongest) {
    problem_ = "it is longer than 8192 bytes";
    return;
  }
  for (const char c : text) {
    if ((problem_ = problem_of(c)) != nullptr) return;
  }
  const auto parsed = parsed_uri(text);
  const char* const wrong_scheme = https ? "it does not begin with https://" : "it does not begin with http://";
  if (!parsed) {
    const bool begins = same_ignoring_case(text.substr(0, https ? 8 : 7), https ? "https://" : "http://");
    problem_ = begins ? "it is not formed as an address (RFC 3986)" : wrong_scheme;
    return;
  }
  const urls::url_view& url = *parsed;
  if (!same_ignoring_case(url.scheme(), https ? "https" : "http")) {
    problem_ = wrong_scheme;
  } else if (url.has_userinfo()) {
    problem_ = "it names a user (@)";
  } else if (https && !is_host_name(url.encoded_host())) {
    problem_ = "its host is not a name of letters, digits and dashes";
  } else if (!https && !is_local_host(url)) {
    problem_ = "its host is not of this machine or its own network";
  } else if (url.has_port() && (https ? std::string_view(url.port()) != "443" : port_of(url) == 0)) {
    problem_ = https ? "it names a port other than 443" : "its port is none";
  } else if (std::string_view(url.encoded_path()).find_first_of("[]") != std::string_view::npos ||
             std::string_view(url.encoded_query()).find_first_of("[]") != std::string_view::npos) {
    problem_ = "it holds a character that addresses do not have";
  } else {
    problem_ = problem_of_path(url.encoded_path());
  }
  if (!valid()) return;

  text_ = https ? "https://" : "http://";
  host_begin_ = text_.size();
  text_ += url.host_type() == urls::host_type::ipv6 ? "[::1]" : lower(url.encoded_host());  // libcurl shortens it as well
  host_end_ = text_.size();
  if (!https && url.has_port() && port_of(url) != 80) text_ += fmt::format(":{}", port_of(url));
  path_begin_ = text_.size();
  text_ += url.encoded_path().empty() ? std::string_view("/") : std::string_view(url.encoded_path());
  path_end_ = text_.size();
  if (!url.encoded_query().empty()) text_.append("?").append(std::string_view(url.encoded_query()));
}

Error Url::refusal() const {
  return {Errc::invalid_input,
          fmt::format("an address may not be called: {}; nothing was sent", problem_),
          "Check the addresses and names in the profile, the environment and the command.",
          {}};
}

std::vector<std::string> Url::segments() const { return segments_of(path()); }

Url Url::below(std::initializer_list<std::string_view> ids) const {
  if (!valid()) return *this;
  std::string longer = origin() + std::string(path());
  if (longer.ends_with('/')) longer.pop_back();
  for (const auto id : ids) {
    if (!is_plain_id(id)) return without("an id in it is not of letters, digits, dashes and underscores");
    longer.append("/").append(id);
  }
  return is_local() ? local(longer) : Url(longer);
}

Url Url::with_query(std::string_view query) const {
  if (!valid()) return *this;
  const std::string longer = fmt::format("{}{}?{}", origin(), path(), query);
  return is_local() ? local(longer) : Url(longer);
}

bool same_resource(const Url& a, const Url& b) {
  const auto segments = [](const Url& url) {
    auto out = url.segments();
    if (!out.empty() && out.back().empty()) out.pop_back();  // a slash at the end
    return out;
  };
  return a.valid() && b.valid() && a.origin() == b.origin() && std::ranges::equal(segments(a), segments(b), same_ignoring_case);
}

bool is_plain_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

Result<void> check_plain_id(std::string_view id, std::string_view what) {
  if (is_plain_id(id)) return {};
  return fail(Errc::unavailable, fmt::format("{} is none: it is not 1 to 128 letters, digits, dashes and underscores", what),
              "Run the command again; check for a proxy that answers in the service's place.");
}

}  // namespace portalkey
