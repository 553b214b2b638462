#include "cli/terminal/shown_sign_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "http/url.h"

namespace portalkey {
namespace {

/// What may stand in a command that somebody pastes into a shell.
bool plain(const std::string& word) {
  return !word.empty() && !word.starts_with('-') && std::ranges::all_of(word, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
           c == ':';
  });
}

}  // namespace

std::string page_to_open(const SignInPage& page, const SignIn& sign_in) {
  if (sign_in.sandbox_port == 0) return page.url;
  const Url url(page.url);
  return fmt::format("http://127.0.0.1:{}/sign-in/{}{}", sign_in.sandbox_port, url.host(), url.target());
}

std::string port_forward(std::uint16_t port, const std::string& user, const std::string& connection, const std::string& host) {
  std::array<std::string, 4> words;
  std::istringstream in(connection);
  for (auto& word : words) in >> word;
  const auto& [from, from_port, here, here_port] = words;
  std::string to = plain(here) ? here : plain(host) ? host : "HOST";
  if (plain(user)) to = user + "@" + to;
  const bool other_port = plain(here) && plain(here_port) && here_port != "22";
  return fmt::format("ssh -L {0}:localhost:{0}{1} {2}", port, other_port ? " -p " + here_port : "", to);
}

}  // namespace portalkey
