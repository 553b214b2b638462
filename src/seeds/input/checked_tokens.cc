#include "seeds/input/checked_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/counted.h"
#include "seeds/input/entra_fields.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/own_key.h"
#include "seeds/input/said.h"
#include "seeds/input/secret_key.h"
#include "seeds/input/utf8.h"
#include "seeds/model/entra_takes.h"

namespace portalkey {
namespace {

constexpr std::size_t kLeastKeyBytes = 16;  // RFC 4226, R6
constexpr std::size_t kPortalMostCharacters = 128;
constexpr std::string_view kFindOut = "Find out which one is right, and remove the other.";

/// The text that holds a control character; null if none does.
const std::string* unclean_text(const TokenSeed& token) {
  for (const auto* text : {&token.serial, &token.upn, &token.manufacturer, &token.model}) {
    if (has_control_character(*text)) return text;
  }
  if (!token.details) return nullptr;
  const auto& d = *token.details;
  for (const auto* text : {&d.algorithm, &d.suite, &d.issuer, &d.label, &d.key_id, &d.user_id, &d.friendly_name, &d.assign_to,
                           &d.issue_no, &d.not_before, &d.not_after, &d.made}) {
    if (has_control_character(*text)) return text;
  }
  return nullptr;
}

std::string_view name_of_text(const TokenSeed& token, const std::string* text) {
  if (text == &token.serial) return name_of(Column::serial);
  if (text == &token.upn) return name_of(Column::upn);
  if (text == &token.manufacturer) return name_of(Column::manufacturer);
  if (text == &token.model) return name_of(Column::model);
  return "row";
}

}  // namespace

RowProblem problem_of(const TokenSeed& token, std::string_view field, std::string what, std::string remedy) {
  RowProblem problem;
  problem.line = token.line;
  problem.row = token.nth;
  problem.serial = quotable_serial(token.serial);
  problem.upn = token.upn;
  problem.field = field;
  problem.what = std::move(what);
  problem.remedy = std::move(remedy);
  return problem;
}

RowProblem problem_of(const TokenSeed& token, std::string_view field, FieldProblem&& why) {
  RowProblem problem = problem_of(token, field, {}, {});
  problem.warning = why.warning;
  describe(problem, std::move(why));
  return problem;
}

FieldProblem warning_of_alike_serials(std::string_view other) {
  FieldProblem problem{
      fmt::format(
          "it differs from the serial number of {} only in letter case, blanks or leading zeros, and the keys differ: the "
          "tenant may take the two for one",
          other),
      "Compare both with the devices, and correct the one that is wrong."};
  problem.warning = true;
  return problem;
}

std::string note_of_unsaid_intervals(std::int64_t tokens, int time_interval) {
  return fmt::format("the time interval of {} is {} seconds, as [[setting|time-interval]] says", counted(tokens, "token"),
                     time_interval);
}

bool is_usual_key_size(std::size_t base32_characters) {
  return bytes_of_base32(base32_characters) >= kLeastKeyBytes && base32_characters <= kPortalMostCharacters;
}

std::optional<RowProblem> warning_of_key_size(const TokenSeed& token) {
  const std::size_t bytes = bytes_of_base32(token.base32.size());
  std::optional<RowProblem> problem;
  if (bytes < kLeastKeyBytes) {
    problem =
        problem_of(token, name_of(Column::secret), fmt::format("the key has only {} bits; RFC 4226 asks for 128", bytes * 8),
                   "Entra takes it, but ask the vendor for a longer one; if it is from a manual, it is no secret.");
  } else if (token.base32.size() > kPortalMostCharacters) {
    problem = problem_of(token, name_of(Column::secret),
                         fmt::format("the key has {} base32 characters, and the portal's import takes {}", token.base32.size(),
                                     kPortalMostCharacters),
                         "Import this token through Microsoft Graph.");
  }
  if (problem) problem->warning = true;
  return problem;
}

CheckedTokens::CheckedTokens(SeedSink& sink, const SeedFileOptions& options)
    : sink_(sink), time_interval_(options.time_interval), allow_short_keys_(options.allow_short_keys), users_(kTokensPerUser) {}

void CheckedTokens::add(TokenSeed&& token) {
  if (const auto field = take_own_key_out(token); !field.empty()) {
    auto why = own_key_problem();
    return refuse(problem_of(token, field, std::move(why.what), std::move(why.remedy)));
  }
  for (auto* text : {&token.serial, &token.upn, &token.manufacturer, &token.model}) {
    if (stands_for_nothing(*text)) text->clear();
  }
  if (const auto* unclean = unclean_text(token)) {
    const auto field = name_of_text(token, unclean);
    const auto what = what_control_character(*unclean);
    if (has_control_character(token.serial)) token.serial.clear();
    if (has_control_character(token.upn)) token.upn.clear();
    return refuse(problem_of(token, field, fmt::format("it holds {}", what),
                             "Remove it: a terminal would obey it, and nobody sees it. Or ask the vendor for the file again."));
  }
  if (token.type == OtpType::unknown && time_interval_) token.type = OtpType::totp;
  if (token.type == OtpType::totp) {
    if (auto why = token.upn.empty() ? std::nullopt : problem_of_upn(token.upn)) {
      auto problem = problem_of(token, name_of(Column::upn), std::move(*why));
      if (problem.warning) {
        warn(std::move(problem));
      } else {
        problem.upn.clear();
        return refuse(std::move(problem));
      }
    }
    auto weak = token.base32.empty()
                    ? std::nullopt
                    : token.base32.reveal([&](std::string_view key) { return why_no_secret(key, allow_short_keys_); });
    if (weak) return refuse(problem_of(token, name_of(Column::secret), std::move(*weak)));
  }
  token.nth = ++summary_.rows;
  const bool unsaid = token.type == OtpType::totp && !token.step && time_interval_;
  if (unsaid) token.step = time_interval_;
  const bool usable = token.type == OtpType::totp && !token.serial.empty();
  const std::uint64_t user = token.upn.empty() ? 0 : users_.hash(token.upn);
  if (usable && !is_new(token, user)) return;
  if (usable && !token.upn.empty() && users_.add(user)) {
    auto problem = problem_of(token, name_of(Column::upn), std::string(kTooMany), std::string(kFiveAtMost));
    problem.kind = RowProblem::Kind::too_many;
    warn(std::move(problem));
  }
  if (usable && !token.base32.empty()) {
    if (auto problem = warning_of_key_size(token)) sink_.on_problem(std::move(*problem));
    if (auto twice = token.base32.reveal(warning_of_key_in_key))
      warn(problem_of(token, name_of(Column::secret), std::move(*twice)));
  }
  if (unsaid) ++unsaid_intervals_;
  ++summary_.tokens;
  sink_.on_token(std::move(token));
}

void CheckedTokens::refuse(RowProblem&& problem) {
  problem.row = ++summary_.rows;
  ++summary_.problems;
  sink_.on_problem(std::move(problem));
}

void CheckedTokens::warn(RowProblem&& problem) {
  problem.warning = true;
  sink_.on_problem(std::move(problem));
}

bool CheckedTokens::is_new(const TokenSeed& token, std::uint64_t user) {
  using Verdict = DuplicateSerials::Verdict;
  const auto report = [&](RowProblem&& problem) {
    ++summary_.problems;
    sink_.on_problem(std::move(problem));
  };
  const auto [verdict, first, alike] = seen_.add(token, user);
  const auto same_as = [](std::int64_t nth) {
    return fmt::format("key {} of the file has the same serial number and other contents: neither is taken", nth);
  };
  switch (verdict) {
    case Verdict::first:
      if (alike != 0) {
        warn(problem_of(token, name_of(Column::serial), warning_of_alike_serials(fmt::format("key {} of the file", alike))));
      }
      return true;
    case Verdict::repeat:
      report(problem_of(token, "row", fmt::format("it repeats key {} of the file and is ignored", first),
                        "Remove one of the two."));
      return false;
    case Verdict::contradiction: {
      --summary_.tokens;
      summary_.withdrawn.push_back(first);
      RowProblem problem = problem_of(token, name_of(Column::serial), same_as(token.nth), std::string(kFindOut));
      problem.line = 0;  // of the first one, no longer known; so is its UPN
      problem.row = first;
      problem.upn.clear();
      report(std::move(problem));
      break;
    }
    case Verdict::contradicted: break;
  }
  report(problem_of(token, name_of(Column::serial), same_as(first), std::string(kFindOut)));
  return false;
}

SeedFileSummary CheckedTokens::finish() {
  std::ranges::sort(summary_.withdrawn);
  if (unsaid_intervals_ != 0) note(note_of_unsaid_intervals(unsaid_intervals_, *time_interval_));
  return std::move(summary_);
}

}  // namespace portalkey
