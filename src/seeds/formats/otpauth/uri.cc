#include "seeds/formats/otpauth/uri.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "base/percent_encoding.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/said.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostUriBytes = 8192;
constexpr std::string_view kExportAgain = "Export the URI again, or correct it by hand.";

std::unexpected<Error> refusal(std::string_view field, std::string what, std::string_view remedy = kExportAgain) {
  return std::unexpected(Error{Errc::invalid_input, std::move(what), std::string(remedy), {{"field", std::string(field)}}});
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (const char l = to_lower(c); l >= 'a' && l <= 'f') return l - 'a' + 10;
  return -1;
}

/// nullopt if a percent sign is not followed by two hex digits.
std::optional<std::string> decoded(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      wipe(out);
      return std::nullopt;
    }
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

/// A URI that was copied out of a page's source, with its `&amp;` as `&`. Holds the key: wiped.
class HtmlDecoded {
 public:
  explicit HtmlDecoded(std::string_view uri) {
    text_.reserve(uri.size());
    while (!uri.empty()) {
      std::size_t escape = 0;
      for (const std::string_view known : {"&amp;", "&#38;", "&#x26;"}) {
        if (same_ignoring_case(uri.substr(0, known.size()), known)) escape = known.size();
      }
      text_ += uri.front();
      uri.remove_prefix(escape != 0 ? escape : 1);
    }
  }
  HtmlDecoded(const HtmlDecoded&) = delete;
  HtmlDecoded& operator=(const HtmlDecoded&) = delete;
  ~HtmlDecoded() { wipe(text_); }
  std::string_view text() const { return text_; }

 private:
  std::string text_;
};

/// A `#` begins a fragment where nothing of the URI's own follows it; else it is one that should have been written as %23.
std::string_view without_fragment(std::string_view uri) {
  const auto at = uri.rfind('#');
  if (at == std::string_view::npos || uri.find_first_of("?&", at) != std::string_view::npos) return uri;
  const auto query = uri.find('?');
  return query == std::string_view::npos || at < query ? uri : uri.substr(0, at);
}

enum Parameter { secret, issuer, algorithm, digits, period, counter, serial, kParameters };
constexpr std::array<std::string_view, kParameters> kNames{"secret", "issuer",  "algorithm", "digits",
                                                           "period", "counter", "serial"};

/// What the parameters say, percent-decoded. Holds the key: wiped.
struct Query {
  std::array<std::optional<std::string>, kParameters> values;

  Query() = default;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() {
    if (values[secret]) wipe(*values[secret]);
  }

  /// What parameters of other names say, under them.
  SaidOfToken said;

  Result<void> read(std::string_view text) {
    while (!text.empty()) {
      const auto part = text.substr(0, text.find('&'));
      text.remove_prefix(std::min(part.size() + 1, text.size()));
      const auto equals = part.find('=');
      if (equals == std::string_view::npos) continue;
      const auto name = part.substr(0, equals);
      if (std::ranges::none_of(kNames, [&](auto known) { return same_ignoring_case(name, known); }) && is_clean_text(name)) {
        auto value = decoded(part.substr(equals + 1), true);
        if (value) {
          said.look_at(said_under(name), value_or_nothing(*value), fmt::format("the URI's parameter {}", name.substr(0, 30)));
          wipe(*value);
        }
        continue;
      }
      for (std::size_t i = 0; i < kParameters; ++i) {
        if (!same_ignoring_case(part.substr(0, equals), kNames[i])) continue;
        if (values[i]) return refusal(kNames[i], fmt::format("the URI has two parameters {}", kNames[i]));
        values[i] = decoded(part.substr(equals + 1), true);
        if (!values[i]) return refusal(kNames[i], fmt::format("a % in the parameter {} begins no percent-encoding", kNames[i]));
      }
    }
    return {};
  }
};

/// The label's prefix is the issuer. An encoded colon may also belong to the label: it ends a prefix only if the parameter
/// says that this is the issuer.
Result<void> read_label(std::string_view path, TokenSeed& token, const std::optional<std::string>& issuer_parameter) {
  const auto whole = decoded(path, false);
  if (!whole) return refusal("label", "a % in the label begins no percent-encoding");
  auto& details = token.detailed();
  details.issuer = issuer_parameter.value_or("");
  details.label = trimmed(*whole);
  const auto literal = path.find(':');
  const auto colon = literal != std::string_view::npos ? decoded(path.substr(0, literal), false)->size() : whole->find(':');
  if (colon == std::string::npos) return {};
  const auto prefix = trimmed(std::string_view(*whole).substr(0, colon));
  if (issuer_parameter ? prefix == trimmed(*issuer_parameter) : literal != std::string_view::npos) {
    details.issuer = prefix;
    details.label = trimmed(std::string_view(*whole).substr(colon + 1));
  }
  return {};
}

}  // namespace

Result<TokenSeed> parse_otpauth_uri(std::string_view uri) {
  constexpr std::string_view kScheme = "otpauth://";
  uri = trimmed(uri);
  if (constexpr std::string_view kEscaped = "otpauth%3a%2f%2f"; same_ignoring_case(uri.substr(0, kEscaped.size()), kEscaped)) {
    auto whole = uri.size() <= kMostUriBytes ? decoded(uri, false) : std::nullopt;
    if (!whole) return refusal("row", "a % in the URI begins no percent-encoding, though all of it is escaped");
    auto token = parse_otpauth_uri(*whole);
    wipe(*whole);
    return token;
  }
  if (uri.size() > kMostUriBytes) return refusal("row", fmt::format("a URI of {} bytes is too long", uri.size()));
  if (same_ignoring_case(uri.substr(0, 8), "steam://")) {
    return refusal("type", "steam:// is Steam Guard and not OATH", "Leave it out: Entra has no use for it.");
  }
  if (!same_ignoring_case(uri.substr(0, kScheme.size()), kScheme)) {
    return refusal("row", "this is no otpauth:// URI", "It begins with otpauth://totp/ or otpauth://hotp/.");
  }
  const HtmlDecoded plain(uri);
  uri = plain.text();
  uri.remove_prefix(kScheme.size());
  uri = without_fragment(uri);
  const auto question = std::min(uri.find('?'), uri.size());
  const auto before = uri.substr(0, question);
  const auto slash = std::min(before.find('/'), before.size());

  TokenSeed token;
  const auto type = before.substr(0, slash);
  if (same_ignoring_case(type, "totp")) {
    token.type = OtpType::totp;
  } else if (same_ignoring_case(type, "hotp")) {
    token.type = OtpType::hotp;
  } else if (same_ignoring_case(type, "steam")) {
    token.type = OtpType::steam;
  } else {
    return refusal("type", "the URI's type is neither totp nor hotp", "It begins with otpauth://totp/ or otpauth://hotp/.");
  }

  Query query;
  if (question < uri.size()) {
    if (auto read = query.read(uri.substr(question + 1)); !read) return pass(read);
  }
  auto& values = query.values;
  if (auto read = read_label(before.substr(std::min(slash + 1, before.size())), token, values[issuer]); !read)
    return pass(read);

  const auto field = [](std::string_view name, FieldProblem&& problem) {
    return refusal(name, std::move(problem.what), problem.remedy);
  };
  auto key = key_of_text(values[secret].value_or(""), SecretEncoding::base32);
  if (!key) return field(name_of(Column::secret), std::move(key).error());
  token.base32 = std::move(*key);
  if (values[algorithm]) {
    auto hash = hash_of_text(*values[algorithm]);
    if (!hash) return field("algorithm", std::move(hash).error());
    token.hash = *hash;
  }
  token.digits = token.type == OtpType::steam ? 5 : 6;
  if (values[digits]) {
    auto number = number_of_text(*values[digits], 1, kMostDigits);
    if (!number) return field("digits", std::move(number).error());
    token.digits = static_cast<int>(*number);
  }
  if (token.type == OtpType::totp) {
    token.step = 30;
    if (values[period]) {
      auto number = number_of_text(*values[period], 1, kMostSeconds);
      if (!number) return field(name_of(Column::interval), std::move(number).error());
      token.step = static_cast<int>(*number);
    }
  }
  if (token.type == OtpType::hotp && values[counter]) {
    auto number = number_of_text(*values[counter], 0, kMostCounter);
    if (!number) return field("counter", std::move(number).error());
    token.detailed().counter = *number;
  }
  if (token.type == OtpType::totp || token.type == OtpType::hotp) {
    auto& said = query.said;
    said.look_at(SaidUnder::type, type, "its type");
    if (values[algorithm]) said.look_at(SaidUnder::hash, *values[algorithm], "its algorithm");
    if (values[digits]) said.look_at(SaidUnder::digits, *values[digits], "its digits");
    if (auto problem = said.decide(token, !values[period])) return field("row", std::move(*problem));
  }
  if (values[serial]) token.serial = value_or_nothing(*values[serial]);
  for (const auto* text : {&token.serial, &token.details->issuer, &token.details->label}) {
    if (!is_clean_text(*text)) return refusal("label", "the URI holds control characters or text that is no UTF-8");
  }
  return token;
}

Secret otpauth_uri(const TokenSeed& token) {
  if (token.type != OtpType::totp && token.type != OtpType::hotp && token.type != OtpType::steam) return {};
  static const TokenDetails kNone;
  const auto& details = token.details ? *token.details : kNone;
  const auto first = [](std::string_view a, std::string_view b, std::string_view c) {
    return !a.empty() ? a : !b.empty() ? b : c;
  };
  const auto label = first(details.label, token.upn, token.serial);
  const auto by = first(details.issuer, token.manufacturer, "");
  std::string uri;
  uri.reserve(256 + 3 * (2 * by.size() + label.size() + token.serial.size()) + token.base32.size());
  uri += fmt::format("otpauth://{}/", name_of(token.type));
  if (!by.empty()) {
    append_percent_encoded(uri, by);
    uri += ':';
  }
  append_percent_encoded(uri, label);
  uri += "?secret=";
  token.base32.reveal([&](std::string_view text) { uri += text; });
  if (!by.empty()) {
    uri += "&issuer=";
    append_percent_encoded(uri, by);
  }
  std::string hash(token.hash ? name_of(*token.hash) : "");
  for (char& c : hash) c = to_upper(c);
  if (!hash.empty()) uri += "&algorithm=" + hash;
  if (token.digits) uri += fmt::format("&digits={}", *token.digits);
  if (token.step && token.type == OtpType::totp) uri += fmt::format("&period={}", *token.step);
  if (token.type == OtpType::hotp && details.counter) uri += fmt::format("&counter={}", *details.counter);
  if (!token.serial.empty()) {
    uri += "&serial=";
    append_percent_encoded(uri, token.serial);
  }
  Secret out(uri);
  wipe(uri);
  return out;
}

}  // namespace portalkey
