#include "sandbox/wire/echo.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/base64.h"
#include "base/percent_encoding.h"
#include "otp/base32.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kMembers[] = {"secretKey", "value", "verificationCode"};
constexpr std::string_view kParameters[] = {"refresh_token", "client_secret", "client_assertion", "device_code", "code"};

/// The third field of the second line.
std::string first_key_of(std::string_view csv) {
  const auto line_end = csv.find('\n');
  if (line_end == std::string_view::npos) return {};
  csv.remove_prefix(line_end + 1);
  csv = csv.substr(0, csv.find_first_of("\r\n"));
  for (int field = 0; field < 2; ++field) {
    const auto comma = csv.find(',');
    if (comma == std::string_view::npos) return {};
    csv.remove_prefix(comma + 1);
  }
  return std::string(csv.substr(0, csv.find(',')));
}

std::string secret_in(const json::value& value) {
  if (const auto* list = value.if_array()) {
    for (const auto& item : *list) {
      if (auto found = secret_in(item); !found.empty()) return found;
    }
  }
  const auto* object = value.if_object();
  if (object == nullptr) return {};
  for (const auto name : kMembers) {
    if (auto found = string_member(*object, name); found && !found->empty()) return *found;
  }
  if (const auto content = string_member(*object, "content")) return first_key_of(*content);
  for (const auto& item : *object) {
    if (auto found = secret_in(item.value()); !found.empty()) return found;
  }
  return {};
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += digits.data();
  }
  return out;
}

std::string bytes_of(std::string_view key) {
  const auto bytes = decode_base32(key);
  return bytes ? bytes->reveal([](std::string_view text) { return std::string(text); }) : std::string(key);
}

struct Spelling {
  std::string_view name;
  std::string (*spell)(std::string_view);
};
constexpr Spelling kSpellings[] = {
    {"", [](std::string_view text) { return std::string(text); }},
    {":lower", [](std::string_view text) { return lower(text); }},
    {":grouped",
     [](std::string_view text) {
       std::string out;
       for (std::size_t i = 0; i < text.size(); ++i) {
         if (i != 0 && i % 4 == 0) out += ' ';
         out += text[i];
       }
       return out;
     }},
    {":percent",
     [](std::string_view text) {
       std::string out;
       for (const char c : text) out += "%" + hex({&c, 1});
       return out;
     }},
    {":json",
     [](std::string_view text) {
       std::string out;
       for (const char c : text) out += "\\u00" + hex({&c, 1});
       return out;
     }},
    {":base64", [](std::string_view text) { return base64(text); }},
    {":base64url", [](std::string_view text) { return base64url(text); }},
    {":hex", [](std::string_view text) { return hex(text); }},
    {":bytes-base64", [](std::string_view text) { return base64(bytes_of(text)); }},
    {":bytes-hex", [](std::string_view text) { return hex(bytes_of(text)); }},
};

constexpr std::string_view kSecret = "{secret", kBody = "{body}";

}  // namespace

std::string secret_in(const HttpRequest& request) {
  if (const auto body = parse_json(request.body)) {
    if (auto found = secret_in(*body); !found.empty()) return found;
  }
  const auto form = parse_form(request.body);
  for (const auto name : kParameters) {
    const auto found = std::ranges::find(form, name, &std::pair<std::string, std::string>::first);
    if (found != form.end()) return found->second;
  }
  constexpr std::string_view kBearer = "Bearer ";
  const auto authorization = request.header("authorization");
  return authorization.starts_with(kBearer) ? std::string(authorization.substr(kBearer.size())) : std::string();
}

std::string filled(std::string_view text, const HttpRequest& request) {
  const std::string secret = secret_in(request);
  std::string out;
  while (!text.empty()) {
    std::size_t taken = 1;
    if (text.starts_with(kBody)) {
      const std::string body = json::serialize(json::string(request.body));
      out += body.substr(1, body.size() - 2);
      taken = kBody.size();
    } else if (const auto end = text.starts_with(kSecret) ? text.find('}') : std::string_view::npos;
               end != std::string_view::npos) {
      const auto name = text.substr(kSecret.size(), end - kSecret.size());
      const auto* spelling = std::ranges::find(kSpellings, name, &Spelling::name);
      if (spelling != std::end(kSpellings)) {
        out += spelling->spell(secret);
        taken = end + 1;
      } else {
        out += '{';
      }
    } else {
      out += text.front();
    }
    text.remove_prefix(taken);
  }
  return out;
}

std::optional<std::string> unknown_spelling(std::string_view text) {
  for (auto at = text.find(kSecret); at != std::string_view::npos; at = text.find(kSecret, at + 1)) {
    const auto end = text.find('}', at);
    if (end == std::string_view::npos) continue;
    const auto name = text.substr(at + kSecret.size(), end - at - kSecret.size());
    if (std::ranges::find(kSpellings, name, &Spelling::name) == std::end(kSpellings)) return std::string(name);
  }
  return std::nullopt;
}

}  // namespace portalkey::sandbox
