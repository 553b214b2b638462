#include "entra/credentials/redirect.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/ascii.h"

namespace portalkey {
namespace {

/// In a query `+` is a blank.
std::optional<std::string> decoded(std::string_view text) {
  const auto hex = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
    out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
    i += 2;
  }
  return out;
}

bool same(std::string_view a, std::string_view b) {  // takes as long however much of it is right
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// A page of another name that leads here (DNS rebinding) says that name.
bool is_for(std::string_view headers, std::uint16_t port) {
  std::optional<std::string_view> host;
  while (!headers.empty()) {
    const auto line = headers.substr(0, headers.find("\r\n"));
    headers.remove_prefix(std::min(line.size() + 2, headers.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !same_ignoring_case(line.substr(0, colon), "host")) continue;
    if (host) return false;
    host = trimmed(line.substr(colon + 1));
  }
  if (!host) return false;
  return std::ranges::any_of(std::initializer_list<std::string_view>{"localhost", "127.0.0.1", "[::1]"},
                             [&](std::string_view name) { return *host == fmt::format("{}:{}", name, port); });
}

std::expected<Redirect, RefusedRequest> read_query(std::string_view query, std::string_view state) {
  const auto refuse = [] { return std::unexpected(RefusedRequest{400, false}); };
  std::map<std::string, std::string> values;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decoded(pair.substr(0, equals));
    auto value = decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return refuse();
    if (!values.emplace(std::move(*name), std::move(*value)).second) return refuse();  // each once
  }
  Redirect out;
  out.code = Secret(values["code"]);
  wipe(values["code"]);
  out.error = values["error"];
  out.error_description = values["error_description"];
  out.issuer = values["iss"];
  if (out.code.empty() == out.error.empty()) return refuse();
  if (!same(values["state"], state)) return std::unexpected(RefusedRequest{400, true});
  return out;
}

bool may_be_in_a_code(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
         c == '~' || c == '%' || c == '+' || c == '/' || c == '=';
}

/// From a person's clipboard: what a terminal, a mail or a chat put around it.
std::string_view bare(std::string_view line) {
  line = trimmed(line);
  while (line.size() >= 2 && (line.front() == '"' || line.front() == '\'' || line.front() == '<') &&
         (line.back() == line.front() || line.back() == '>'))
    line = trimmed(line.substr(1, line.size() - 2));
  return line;
}

}  // namespace

std::expected<Redirect, RefusedRequest> read_redirect(std::string_view request, std::string_view state, std::uint16_t port) {
  const auto refuse = [](int status) { return std::unexpected(RefusedRequest{status, false}); };
  const auto line = request.substr(0, request.find("\r\n"));
  const auto method = line.find(' ');
  const auto target_end = line.rfind(' ');
  if (method == std::string_view::npos || target_end <= method || !line.substr(target_end + 1).starts_with("HTTP/1.")) {
    return refuse(400);
  }
  if (!is_for(request.substr(std::min(line.size() + 2, request.size())), port)) return refuse(400);
  if (line.substr(0, method) != "GET") return refuse(405);
  std::string_view target = line.substr(method + 1, target_end - method - 1);
  if (!target.starts_with("/?")) return refuse(404);
  target.remove_prefix(2);
  return read_query(target, state);
}

std::expected<Redirect, std::string> read_pasted(std::string_view line, std::string_view state) {
  constexpr std::size_t kShortestCode = 16;
  line = bare(line);
  if (line.empty()) return std::unexpected("nothing was pasted");
  const bool address = line.starts_with("http://") || line.starts_with("https://");
  const auto question = line.find('?');
  if (address && question == std::string_view::npos)
    return std::unexpected("there is no code in this address: paste the one the browser ends at, with everything after its ?");
  std::string_view query = question == std::string_view::npos ? line : line.substr(question + 1);
  query = query.substr(0, query.find('#'));
  if (question != std::string_view::npos || query.starts_with("code=") || query.find("&code=") != std::string_view::npos ||
      query.starts_with("error=")) {
    auto read = read_query(query, state);
    if (read) return std::move(*read);
    if (read.error().other_state) {
      return std::unexpected(
          "this is the answer to another sign-in, an earlier one perhaps: open the page shown above, and paste what that one "
          "ends at");
    }
    return std::unexpected(
        query.find("code_challenge=") != std::string_view::npos
            ? "this is the sign-in page's own address: sign in there, and paste the address the browser ends at"
            : "this address brings neither one code nor one error; paste the one the browser ends at, whole");
  }
  auto code = std::ranges::all_of(line, may_be_in_a_code) ? decoded(line) : std::nullopt;
  if (!code || code->size() < kShortestCode)
    return std::unexpected("this is neither an address with a code nor a code; paste the address the browser ends at, whole");
  Redirect out;
  out.code = Secret(*code);
  wipe(*code);
  out.bare_code = true;
  return out;
}

}  // namespace portalkey
