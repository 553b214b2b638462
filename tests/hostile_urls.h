#pragma once
// Addresses that must not be called, each an instance of a way to be judged as one host and sent to another, or to leave the
// resource that was meant. Every border that takes an address from outside is tried with all of them.

#include <string>
#include <string_view>
#include <vector>

namespace portalkey {

/// Of `host`, which is good, and a tail (`/a/b?c=d`): whatever is done with one of these, nothing may be sent.
inline std::vector<std::string> hostile_urls(const std::string& host, const std::string& tail) {
  using namespace std::string_literals;
  std::vector<std::string> out = {
      // another host behind or before the good one
      "https://" + host + "\\@evil.example" + tail,
      "https://" + host + "\\.evil.example" + tail,
      "https://" + host + "/\\evil.example" + tail,
      "https:\\\\" + host + tail,
      "https://" + host + "@evil.example" + tail,
      "https://" + host + ":443@evil.example" + tail,
      "https://evil.example@" + host + tail,
      "https://user:password@" + host + tail,
      "https://@" + host + tail,
      "https://:@" + host + tail,
      "https://" + host + "%00.evil.example" + tail,
      "https://" + host + "\0.evil.example"s + tail,
      "https://" + host + "\0@evil.example"s + tail,
      "https://" + host + "%2eevil.example" + tail,
      "https://" + host + "%40evil.example" + tail,
      "https://" + host + "#@evil.example" + tail,
      "https://" + host + "#.evil.example" + tail,
      "https://" + host + ";@evil.example" + tail,
      "https://" + host + ",evil.example" + tail,
      "https://" + host + " evil.example" + tail,
      "https://" + host + "\tevil.example" + tail,
      "https://" + host + "&@evil.example" + tail,
      // the same host, spelt so that readers differ
      "https://" + host + "." + tail,
      "https://." + host + tail,
      "https://" + host + ".." + tail,
      "https://a.." + host + tail,
      "https://-" + host + tail,
      "https://_." + host + tail,
      "https://" + host + "\xe3\x80\x82" + "evil.example" + tail,
      "https://\xef\xbc\x85" + host + tail,
      "https://" + host.substr(0, host.size() - 1) + "%" + "6d" + tail,
      "https://[" + host + "]" + tail,
      "https://[::1]" + tail,
      "https://[::ffff:127.0.0.1]" + tail,
      "https://[v1.x]" + tail,
      "https://127.0.0.1" + tail,
      "https://127.1" + tail,
      "https://2130706433" + tail,
      "https://0x7f.0.0.1" + tail,
      "https://0x7f000001" + tail,
      "https://0177.0.0.1" + tail,
      "https://1.2.3.4.5" + tail,
      "https://" + std::string(64, 'a') + "." + host + tail,
      // ports
      "https://" + host + ":" + tail,
      "https://" + host + ":80" + tail,
      "https://" + host + ":0443" + tail,
      "https://" + host + ":+443" + tail,
      "https://" + host + ":4430" + tail,
      "https://" + host + ":99999" + tail,
      "https://" + host + ":65979" + tail,  // 443 in 16 bits
      "https://" + host + ":443:443" + tail,
      // schemes
      "http://" + host + tail,
      "HTTP://" + host + tail,
      "httpss://" + host + tail,
      "file://" + host + tail,
      "ftp://" + host + tail,
      "gopher://" + host + tail,
      "javascript://" + host + tail,
      "https:" + host + tail,
      "https:/" + host + tail,
      "https:///" + host + tail,
      "https://" + tail,
      "//" + host + tail,
      "://" + host + tail,
      host + tail,
      tail,
      " https://" + host + tail,
      "https ://" + host + tail,
      "\thttps://" + host + tail,
      "\xef\xbb\xbfhttps://" + host + tail,
      "https%3a//" + host + tail,
      // characters in path and query
      "https://" + host + tail + "\r\nHost: evil.example",
      "https://" + host + tail + "\n",
      "https://" + host + tail + " HTTP/1.1",
      "https://" + host + tail + "\0"s,
      "https://" + host + tail + "\x7f",
      "https://" + host + tail + "\x1b[2J",
      "https://" + host + tail + "\xe2\x80\xae",
      "https://" + host + tail + "\xff",
      "https://" + host + tail + "#fragment",
      "https://" + host + tail + "%",
      "https://" + host + tail + "%4",
      "https://" + host + tail + "%zz",
      "https://" + host + tail + "<x>",
      "https://" + host + tail + "\"x\"",
      "https://" + host + tail + "{x}",
      "https://" + host + tail + "[x]",
      "https://" + host + tail + "|x",
      "https://" + host + tail + "^x",
      "https://" + host + tail + "`x`",
      // out of the path
      "https://" + host + "/x/.." + tail,
      "https://" + host + "/." + tail,
      "https://" + host + "/%2e%2e" + tail,
      "https://" + host + "/.%2E" + tail,
      "https://" + host + "/x%2f.." + tail,
      "https://" + host + "/..%5cx" + tail,
      "https://" + host + "/x%2F" + tail,
      "https://" + host + "/%252e%252e" + tail,
      "https://" + host + "/x%00" + tail,
      "https://" + host + "/x%0d%0aHost:evil" + tail,
      "https://" + host + tail + std::string(9000, 'a'),
  };
  for (const char c : {'\1', '\2', '\b', '\v', '\f', '\x1f'}) {
    out.push_back("https://" + host + c + "evil.example" + tail);
    out.push_back("https://" + host + tail + c);
  }
  return out;
}

/// Ids as a service would give them to lead a request elsewhere.
inline std::vector<std::string> hostile_ids() {
  using namespace std::string_literals;
  return {"",       ".",       "..",           "../x",    "a/b",    "a/../b",      "..\\x",
          "a\\b",   "a?b",     "a#b",          "a%2fb",   "%2e%2e", "a%00",        "a b",
          "a\r\nb", "a\0b"s,   "a;b",          "a:b",     "a@b",    "a&b=c",       "\xc3\xa9",
          "a'b",    "(x)",     "$value",       "a,b",     "a\x7f",  "x/activate?", "/users",
          "//evil", "a%252fb", "\xe2\x80\xae", "..%2f..", "~",      "a.b",         std::string(129, 'a')};
}

}  // namespace portalkey
