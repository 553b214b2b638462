#include "app/operations/replace_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <iterator>
#include <span>
#include <unordered_map>

#include "app/operations/job_rows.h"
#include "base/ascii.h"
#include "seeds/assignment/assignment_list.h"

namespace portalkey {
namespace {

struct Replacement {
  std::int64_t line = 0;  ///< in the list
  std::string upn, old_serial, new_serial;
};

/// Takes out of the seed file's columns those that are named of the list; one that both files have stays in both.
std::vector<ColumnName> take_columns_of_list(TokenReplacements& wanted) {
  auto& columns = wanted.seeds.options.columns;
  auto of_list = AssignmentList::columns_named(wanted.list, columns);
  for (const auto& column : columns) {
    // One that the list does not have is for its reader to refuse.
    const bool found = std::ranges::find(of_list, column.header, &ColumnName::header) != of_list.end();
    if (column.column == Column::replaces && !found) of_list.push_back(column);
  }
  for (auto& column : columns) column.of_list = std::ranges::find(of_list, column.header, &ColumnName::header) != of_list.end();
  std::erase_if(columns, [](const ColumnName& column) { return column.column == Column::replaces; });
  return of_list;
}

/// A list's rows that are of no use are told in `tokens`.
Result<std::vector<Replacement>> replacements(const TokenReplacements& wanted, std::span<const ColumnName> columns,
                                              std::vector<JobToken>& tokens) {
  if (wanted.list.empty()) return std::vector{Replacement{0, wanted.upn, wanted.old_serial, wanted.new_serial}};
  auto list = AssignmentList::read(wanted.list, AssignmentList::Users::needed, columns);
  if (!list) return pass(list);
  std::vector<Replacement> out;
  bool any = false;
  for (const auto& entry : list->entries()) {
    any = any || !entry.replaces.empty();
    if (entry.other_line == 0)
      out.push_back({entry.line, std::string(entry.upn), std::string(entry.replaces), std::string(entry.serial)});
  }
  if (list->in_order() || !any) {
    return std::unexpected(
        Error{Errc::invalid_input,
              "the list does not say which tokens are replaced",
              "Give it columns serial number (the new token), upn and replaces (the old token); or say which "
              "column is which: [[setting|map|serial=COLUMN]] [[setting|map|replaces=COLUMN]].",
              {{"list", wanted.list}}});
  }
  for (auto problem : list->problems()) {
    problem.file.clear();
    tokens.push_back(refused_token(problem));
  }
  return out;
}

/// The file's tokens by serial number, and what is wrong with its other rows.
class NewTokens {
 public:
  NewTokens(SeedRows& rows, Interaction& interaction) : rows_(rows), interaction_(interaction) {
    for (auto& seed : rows.tokens) by_serial_[seed.serial].push_back(&seed);
  }

  /// The one token that `serial` means, which is told where it is written otherwise.
  std::expected<TokenSeed*, Error> find(std::string& serial) const {
    std::vector<std::string_view> there;
    for (const auto& [one, seeds] : by_serial_) there.push_back(one);
    const auto match =
        by_serial_.contains(serial) ? SerialMatch{.serial = serial, .nearly = {}, .more = 0} : match_serial(serial, there);
    if (match.serial.empty()) {
      const auto bad = std::ranges::find_if(
          rows_.problems, [&](const RowProblem& problem) { return !problem.warning && problem.serial == serial; });
      return std::unexpected(
          Error{Errc::invalid_input,
                fmt::format("the file has 0 usable rows with the serial number {}{}{}", serial,
                            bad == rows_.problems.end() ? std::string()
                                                        : fmt::format("; line {}: {}: {}", bad->line, bad->field, bad->what),
                            nearly_text(match)),
                "See [[validate|FILE]].",
                {}});
    }
    if (match.serial != serial)
      interaction_.warn(fmt::format("{} is taken for {}, as the file writes it", serial, match.serial));
    serial = match.serial;
    const auto& found = by_serial_.at(serial);
    if (found.size() == 1) return found.front();
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("the file has {} usable rows with the serial number {}", found.size(), serial),
                                 "See [[validate|FILE]].",
                                 {}});
  }

  /// It is given to somebody: a second time it is not there.
  void use(const std::string& serial) { by_serial_.erase(serial); }

 private:
  SeedRows& rows_;
  Interaction& interaction_;
  std::unordered_map<std::string, std::vector<TokenSeed*>> by_serial_;
};

Error refusal(std::string what, std::string remedy) { return {Errc::invalid_input, std::move(what), std::move(remedy), {}}; }

/// Why the new token cannot be given to the user; nullopt: it can, as far as one knows.
std::optional<Error> problem_of_new(const Replacement& wanted, const TokenSeed& seed, const TenantToken* there) {
  if (!seed.upn.empty() && account_of(seed.upn) != account_of(wanted.upn))
    return refusal(fmt::format("the file gives the token {} to {}", wanted.new_serial, seed.upn), "Check who has the device.");
  if (there == nullptr || there->nobodys() || account_of(there->upn) == account_of(wanted.upn)) return std::nullopt;
  return refusal(fmt::format("the new token {} is assigned to {}, not to {}", wanted.new_serial,
                             there->upn.empty() ? there->user_id : there->upn, wanted.upn),
                 "Check who has the device; nothing was changed.");
}

/// The old token must be the user's, or have gone for the new one already: whoever reports a lost device must not be told that
/// it is gone when another serial number is.
std::optional<Error> problem_of_old(Replacement& wanted, const TenantCheck& tenant, Interaction& interaction) {
  const auto match = tenant.match(wanted.old_serial);
  if (match.serial.empty()) {
    return refusal(
        fmt::format("the tenant has no token {}{}; {}", wanted.old_serial, nearly_text(match), tenant.holdings(wanted.upn)),
        "Correct the old serial number, or the user; nothing was changed.");
  }
  if (match.serial != wanted.old_serial) {
    interaction.warn(fmt::format("{} is taken for {}, as the tenant writes it", wanted.old_serial, match.serial));
    wanted.old_serial = match.serial;
  }
  if (wanted.old_serial == wanted.new_serial)
    return refusal("the old and the new token are the same", "Correct the serial numbers.");
  const auto old = tenant.find(match.serial);
  if (account_of(old->upn) == account_of(wanted.upn) && !old->nobodys()) return std::nullopt;
  return refusal(fmt::format("the token {} is assigned to {}, not to {}; {}", wanted.old_serial,
                             old->nobodys()     ? "nobody"
                             : old->upn.empty() ? old->user_id
                                                : old->upn,
                             wanted.upn, tenant.holdings(wanted.upn)),
                 "Check the serial number and the user; nothing was changed.");
}

/// What replacements are judged by.
struct Surveyed {
  const TenantCheck& tenant;
  const TakenTokens& taken;  ///< by earlier jobs
  const TokenDirectory& directory;
  Interaction& interaction;
  bool dry_run = false;
};

/// The user has the new token: is the old one gone, or its serial number mistyped? That a job took it is sure; otherwise it
/// must not be nearly one that the user has.
bool was_done_before(const Replacement& wanted, const Surveyed& known) {
  if (!known.tenant.match(wanted.old_serial).serial.empty()) return false;
  if (known.taken.contains(lower(wanted.old_serial))) return true;
  return std::ranges::none_of(known.tenant.of_user(wanted.upn), [&](const auto& token) {
    const std::string_view serial = token->serial;
    return serial != wanted.new_serial && !match_serial(wanted.old_serial, std::span(&serial, 1)).nearly.empty();
  });
}

/// What the user still has is told: the old serial number may be another one's.
std::vector<JobToken> done_before(const Replacement& wanted, const Surveyed& known) {
  std::vector<JobToken> rows;
  rows.push_back(job_token(TokenChange::create, wanted.new_serial, wanted.upn, wanted.line));
  rows.back().outcome.state = TokenOutcome::State::already_active;
  rows.push_back(job_token(TokenChange::remove, wanted.old_serial, wanted.upn, wanted.line));
  auto& outcome = rows.back().outcome;
  outcome.state = known.dry_run ? TokenOutcome::State::nothing_to_do : TokenOutcome::State::removed;
  outcome.reason =
      fmt::format("{} not in the tenant any more; {}", known.dry_run ? "is" : "was", known.tenant.holdings(wanted.upn));
  return rows;
}

/// The rows of one replacement: the new token, and the old one that goes when that is active.
std::expected<std::vector<JobToken>, Error> rows_of(Replacement& wanted, NewTokens& news, const Surveyed& known) {
  const auto& tenant = known.tenant;
  if (wanted.old_serial.empty())
    return std::unexpected(refusal("the list does not say which token is replaced", "Fill in the column replaces."));
  if (wanted.old_serial == wanted.new_serial)
    return std::unexpected(refusal("the old and the new token are the same", "Correct the serial numbers."));
  auto seed = news.find(wanted.new_serial);
  if (!seed) return std::unexpected(std::move(seed).error());
  const auto fresh = tenant.find(wanted.new_serial);
  if (auto problem = problem_of_new(wanted, **seed, fresh.get())) return std::unexpected(std::move(*problem));
  if (fresh != nullptr && fresh->active && was_done_before(wanted, known)) return done_before(wanted, known);
  if (auto problem = problem_of_old(wanted, tenant, known.interaction)) return std::unexpected(std::move(*problem));
  if (auto rejection = why_token_rejected(**seed, known.directory.backend())) {
    return std::unexpected(
        refusal(fmt::format("the new token {}: {}", wanted.new_serial, rejection->reason), std::move(rejection->remedy)));
  }

  std::vector<JobToken> rows;
  (*seed)->upn = wanted.upn;
  if (wanted.line != 0) (*seed)->line = wanted.line;
  rows.push_back(job_token(TokenChange::create, std::move(**seed)));
  news.use(wanted.new_serial);
  auto old = job_token(TokenChange::remove, wanted.old_serial, wanted.upn, wanted.line);
  old.from = wanted.upn;
  old.replaced_by = wanted.new_serial;
  rows.push_back(std::move(old));
  return rows;
}

}  // namespace

Result<JobOutcome> replace_tokens(Tenant& tenant, TokenReplacements wanted) {
  std::vector<ColumnName> of_list;
  if (!wanted.list.empty()) of_list = take_columns_of_list(wanted);
  auto rows = read_seed_rows(wanted.seeds);
  if (!rows) return pass(rows);
  std::vector<JobToken> tokens;
  auto asked = replacements(wanted, of_list, tokens);
  if (!asked) return pass(asked);
  const auto directory = tenant.open_tokens();
  const auto held = read_tenant(tenant, *directory);
  if (!held) return std::unexpected(held.error());
  const auto taken = tenant.taken_away();
  if (!taken) return std::unexpected(taken.error());
  NewTokens news(*rows, tenant.interaction());
  for (auto& one : *asked) {
    auto both = rows_of(one, news, {*held, *taken, *directory, tenant.interaction(), wanted.terms.dry_run});
    if (both) {
      std::ranges::move(*both, std::back_inserter(tokens));
      continue;
    }
    if (wanted.list.empty()) return std::unexpected(std::move(both).error().with("file", wanted.seeds.file));
    tokens.push_back(refused_token(job_token(TokenChange::create, one.new_serial, one.upn, one.line), OutcomeCode::unusable_row,
                                   both.error().what, both.error().remedy));
  }
  wanted.terms.again = true;
  return start_job(tenant, *directory, new_job(tenant, "replace", wanted.list), std::move(tokens), wanted.terms);
}

}  // namespace portalkey
