#include "seeds/formats/json/json_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "seeds/formats/formats.h"
#include "seeds/formats/otpauth/uri.h"
#include "seeds/input/entra_fields.h"
#include "seeds/input/key_fields.h"

namespace portalkey::seed_json {
namespace {

RowProblem problem_of(const JsonKey& record, Member member, FieldProblem&& why) {
  RowProblem problem;
  problem.line = record.values[member].given ? record.values[member].line : record.line;
  problem.column = record.values[member].column;
  problem.field = field_name(member);
  describe(problem, std::move(why));
  return problem;
}

}  // namespace

std::string_view field_name(Member member) {
  switch (member) {
    case secret: return name_of(Column::secret);
    case serial: return name_of(Column::serial);
    case interval: return name_of(Column::interval);
    case manufacturer: return name_of(Column::manufacturer);
    case model: return name_of(Column::model);
    case upn: return name_of(Column::upn);
    case hash: return "hash";
    case type: return "type";
    case digits: return "digits";
    case counter: return "counter";
    case drift: return "drift";
    case device_time: return "time";
    default: return "row";
  }
}

void JsonKeys::take(JsonKey& record) {
  TokenSeed token;
  if (auto problem = read(record, token)) {
    problem->line = problem->line == 0 ? record.line : problem->line;
    problem->serial = quotable_serial(token.serial);
    tokens_.refuse(std::move(*problem));
  } else {
    const bool by_id = token.type == OtpType::totp && token.upn.empty() && token.details && !token.details->assign_to.empty();
    std::optional<RowProblem> about;
    if (by_id) {
      about = portalkey::problem_of(token, name_of(Column::upn),
                                    "its user is named by an object id (assignTo), and user principal names are read here "
                                    "only: it is taken for nobody's",
                                    "Add a member upn with the user principal name, or [[setting|assign|LIST]].");
    }
    tokens_.add(std::move(token));
    if (about) tokens_.warn(std::move(*about));
  }
  record.clear();
}

Result<SeedFileSummary> JsonKeys::finish() {
  if (tokens_.keys() == 0 && !empty_list) {
    return fail(Errc::invalid_input, fmt::format("the file has no keys where {} has them", name_of(format_)),
                "Check that the export was complete; for another kind of JSON, give [[setting|format]].");
  }
  return tokens_.finish();
}

/// A URI is the token; what the members beside it say may not be otherwise.
std::optional<RowProblem> JsonKeys::read_uri(JsonKey& record, TokenSeed& token) const {
  auto& values = record.values;
  const auto wrong = [&](std::string what, std::string remedy) {
    RowProblem problem;
    problem.line = record.uri.line;
    problem.field = name_of(Column::secret);
    problem.what = std::move(what);
    problem.remedy = std::move(remedy);
    return problem;
  };
  constexpr const char* kFindOut = "Find out which is right, and correct the other.";
  if (record.uri.twice) return wrong("there are two otpauth URIs", "Remove the wrong one.");
  auto read = parse_otpauth_uri(record.uri.text);
  if (!read) return wrong("the otpauth URI: " + read.error().what, read.error().remedy);
  token = std::move(*read);
  token.line = record.line;
  const auto text = [&](Member member) { return value_or_nothing(values[member].text); };
  for (const auto member : {serial, upn, manufacturer, model}) {
    if (!is_clean_text(values[member].text))
      return wrong("a member beside it holds control characters", "Correct it in the file.");
  }
  if (!text(serial).empty() && !token.serial.empty() && text(serial) != token.serial)
    return wrong("the otpauth URI has another serial number than the member beside it", kFindOut);
  if (token.serial.empty()) token.serial = text(serial);
  if (!problem_of_upn(text(upn))) token.upn = text(upn);
  token.manufacturer = text(manufacturer);
  token.model = text(model);
  if (!text(secret).empty() && text(secret).find("://") == std::string_view::npos) {
    auto key = key_of_text(values[secret].text, encoding_);
    if (!key ||
        !key->reveal([&](std::string_view a) { return token.base32.reveal([&](std::string_view b) { return a == b; }); }))
      return wrong("the key beside the otpauth URI is another one", kFindOut);
  }
  SaidOfToken said = record.said;
  said.take(token, "the otpauth URI");
  for (const auto& [member, under] : {std::pair{interval, SaidUnder::interval}, std::pair{hash, SaidUnder::hash},
                                      std::pair{digits, SaidUnder::digits}, std::pair{type, SaidUnder::type}})
    said.look_at(under, text(member), fmt::format("the member {}", field_name(member)));
  if (auto problem = said.decide(token, false)) return wrong(std::move(problem->what), std::move(problem->remedy));
  return std::nullopt;
}

std::optional<RowProblem> JsonKeys::read(JsonKey& record, TokenSeed& token) const {
  if (record.uri.given) return read_uri(record, token);
  auto& values = record.values;
  const auto wrong = [&](Member member, std::string what, std::string remedy) {
    return problem_of(record, member, {std::move(what), std::move(remedy)});
  };
  token.line = record.line;
  for (const auto member : {serial, upn, manufacturer, model, assign_to, issuer, label, key_id, friendly_name, issue_no,
                            user_id, suite, algorithm, not_before, not_after, made}) {
    auto& value = values[member];
    if (value.given && !is_clean_text(value.text)) {
      return wrong(member, "it holds control characters or text that is no UTF-8", "Correct it in the file.");
    }
  }
  token.serial = value_or_nothing(values[serial].text);
  if (values[serial].rounded) {
    token.serial.clear();
    return problem_of(record, serial,
                      {"it is a number with an exponent or a fraction: the serial number's digits may be lost",
                       "Take it from the vendor's file or from the token's back, and write it as text, in quotes.",
                       "the text on the token's back, with its leading zeros", "a program has taken it for a number"});
  }
  for (int i = 0; i < kMembers; ++i) {
    const auto member = static_cast<Member>(i);
    if (values[member].twice) return wrong(member, "it is there twice", "Remove the wrong one.");
    if (values[member].too_long) return wrong(member, "it is longer than any value", "Check that the file is what it seems.");
    if (values[member].wrong_kind && member != type)
      return wrong(member, "it is neither text nor a number", "Correct it in the file.");
  }
  for (auto& value : values) {
    if (stands_for_nothing(value.text)) {
      wipe(value.text);
      value.given = false;
    }
  }
  token.upn = trimmed(values[upn].text);
  if (token.upn.empty() && !record.users.empty()) {
    const auto& [name, user] = record.users.front();
    const auto other =
        std::ranges::find_if(record.users, [&](const auto& one) { return !same_ignoring_case(one.second, user); });
    if (other != record.users.end()) {
      return wrong(upn, fmt::format("two members hold user principal names: {} and {}", name, other->first),
                   "Rename the one that says who gets the token to upn.");
    }
    token.upn = user;
  }
  token.manufacturer = trimmed(values[manufacturer].text);
  token.model = trimmed(values[model].text);
  const auto detail = [&](Member member, std::string TokenDetails::* text) {
    if (!values[member].text.empty()) token.detailed().*text = trimmed(values[member].text);
  };
  detail(assign_to, &TokenDetails::assign_to);
  detail(issuer, &TokenDetails::issuer);
  detail(label, &TokenDetails::label);
  detail(key_id, &TokenDetails::key_id);
  detail(friendly_name, &TokenDetails::friendly_name);
  detail(issue_no, &TokenDetails::issue_no);
  detail(user_id, &TokenDetails::user_id);
  detail(suite, &TokenDetails::suite);
  detail(not_before, &TokenDetails::not_before);
  detail(not_after, &TokenDetails::not_after);
  detail(made, &TokenDetails::made);
  const bool graph = format_ == SeedFormat::graph_json;
  if (auto problem = graph ? said_beside(record, token) : std::nullopt) return problem;
  if (graph && token.serial.empty()) return wrong(serial, "there is no serialNumber", "Fill it in from the token's back.");

  if (graph && token.type != OtpType::totp && !values[secret].given) return std::nullopt;  // it is left out
  if (!values[secret].given && graph) {
    return wrong(secret, "there is no secretKey",
                 "Take the vendor's own file; what Microsoft Graph lists of its devices has no keys.");
  }
  read_type(trimmed(values[type].text), trimmed(values[algorithm].text), token);
  if (values[secret].given || format_ != SeedFormat::portalkey_json) {
    const auto encoding = record.own_key_name || asked_ ? encoding_ : SecretEncoding::detect;
    auto key = key_of_text(values[secret].text, record.said.encoding && !asked_ ? record.said.encoding->value : encoding);
    if (!key && token.type == OtpType::other) return std::nullopt;  // it is left out, and writes keys in its own way
    if (!key) {
      auto why = std::move(key).error();
      if (!asked_ &&
          std::ranges::all_of(values[secret].text,
                              [](char c) { return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'f'); }) &&
          values[secret].text.size() >= 20) {
        why.remedy = "If the file has its keys in hex, give [[setting|secret-encoding|hex]].";
      }
      return problem_of(record, secret, std::move(why));
    }
    token.base32 = std::move(*key);
  }
  return read_numbers(record, token);
}

/// The type, and what members of unknown names say.
std::optional<RowProblem> JsonKeys::said_beside(const JsonKey& record, TokenSeed& token) {
  const auto& values = record.values;
  SaidOfToken said = record.said;
  const auto ask = [&](Member member, SaidUnder under) {
    said.look_at(under, value_or_nothing(values[member].text), fmt::format("the member {}", field_name(member)));
  };
  ask(type, SaidUnder::type);
  ask(hash, SaidUnder::hash);
  ask(digits, SaidUnder::digits);
  ask(model, SaidUnder::product);
  ask(manufacturer, SaidUnder::person);
  ask(friendly_name, SaidUnder::person);
  if (values[interval].given) {
    if (const auto step = number_of_text(values[interval].text, 1, kMostSeconds)) token.step = static_cast<int>(*step);
  }
  if (auto problem = said.decide(token, !token.step)) return problem_of(record, type, std::move(*problem));
  return std::nullopt;
}

/// `named`: the member algorithm of our own format, if there is one.
void JsonKeys::read_type(std::string_view name, std::string_view named, TokenSeed& token) const {
  if (format_ == SeedFormat::graph_json) return;
  token.type = OtpType::unknown;
  for (const auto known : {OtpType::totp, OtpType::hotp, OtpType::ocra, OtpType::pin, OtpType::steam}) {
    if (same_ignoring_case(name, name_of(known))) token.type = known;
  }
  if (token.type == OtpType::unknown && !name.empty()) {
    token.type = OtpType::other;
    token.detailed().algorithm = is_clean_text(name) ? name : "another";
  }
  if (token.type == OtpType::other && !named.empty()) token.detailed().algorithm = named;
}

std::optional<RowProblem> JsonKeys::read_numbers(const JsonKey& record, TokenSeed& token) const {
  const auto& values = record.values;
  const bool ours = format_ == SeedFormat::portalkey_json;
  if (ours) {
    token.hash.reset();
    token.digits.reset();
  } else if (token.type == OtpType::steam) {
    token.digits = 5;
  }
  const bool graph = format_ == SeedFormat::graph_json;
  if (graph && token.type != OtpType::totp) return std::nullopt;  // it is left out
  if (values[hash].given && !(graph && SaidOfToken().look_at(SaidUnder::hash, values[hash].text, ""))) {
    auto read = hash_of_text(values[hash].text);
    if (!read) return problem_of(record, hash, std::move(read).error());
    token.hash = *read;
  }
  if (values[digits].given) {
    auto read = number_of_text(values[digits].text, 1, ours ? kMostShown : kMostDigits);
    if (!read) return problem_of(record, digits, std::move(read).error());
    token.digits = static_cast<int>(*read);
  }
  if (values[interval].given && (token.type == OtpType::totp || ours)) {
    auto read = number_of_text(values[interval].text, 1, kMostSeconds);
    if (!read) return problem_of(record, interval, std::move(read).error());
    token.step = static_cast<int>(*read);
  } else if (graph && !time_interval_ && !token.step) {
    return problem_of(record, interval,
                      {"there is no timeIntervalInSeconds",
                       "Fill in 30 or 60 as the vendor's data sheet says, or say it with [[setting|time-interval]]."});
  }
  if (values[drift].given) {
    auto read = number_of_text(values[drift].text, INT32_MIN, INT32_MAX);
    if (!read) return problem_of(record, drift, std::move(read).error());
    token.detailed().drift = *read;
  }
  if (values[device_time].given) {
    auto read = number_of_text(values[device_time].text, INT32_MIN, INT64_MAX);
    if (!read) return problem_of(record, device_time, std::move(read).error());
    token.detailed().time = *read;
  }
  if (values[counter].given && (token.type == OtpType::hotp || ours)) {
    auto read = number_of_text(values[counter].text, 0, kMostCounter);
    if (!read) return problem_of(record, counter, std::move(read).error());
    token.detailed().counter = *read;
  }
  return std::nullopt;
}

}  // namespace portalkey::seed_json
