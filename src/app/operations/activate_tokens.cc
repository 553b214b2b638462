#include "app/operations/activate_tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/operations/job_rows.h"

namespace portalkey {
namespace {

/// Serial numbers as somebody gave them, and as the file writes them.
class AskedFor {
 public:
  AskedFor(const std::vector<std::string>& given, const std::vector<TokenSeed>& seeds, Interaction& interaction) {
    std::vector<std::string_view> there;
    for (const auto& seed : seeds) there.push_back(seed.serial);
    for (const auto& serial : given) {
      const auto match = match_serial(serial, there);
      if (!match.serial.empty() && match.serial != serial)
        interaction.warn(fmt::format("{} is taken for {}, as the file writes it", serial, match.serial));
      serials_.push_back({match.serial.empty() ? serial : match.serial, nearly_text(match)});
    }
  }

  bool has(const std::string& serial) const {
    return serials_.empty() || std::ranges::find(serials_, serial, &Asked::serial) != serials_.end();
  }
  /// Refused rows of those that no token of `tokens` is.
  void add_missing(std::vector<JobToken>& tokens) const {
    for (const auto& [serial, nearly] : serials_) {
      if (std::ranges::any_of(tokens, [&](const JobToken& token) { return token.outcome.serial == serial; })) continue;
      tokens.push_back(refused_token(job_token(TokenChange::activate, serial, {}), OutcomeCode::unusable_row,
                                     "the file has no usable row with this serial number" + nearly, "See [[validate|FILE]]"));
    }
  }

 private:
  struct Asked {
    std::string serial, nearly;
  };
  std::vector<Asked> serials_;
};

/// By codes that the device shows now: by the server's clock, as those of the activation are.
Result<void> give_clock(Tenant& tenant, TokenDirectory& directory, TokenSeed& token, std::vector<TokenSeed>& all,
                        const ReadCodes& codes) {
  const WallTime read = tenant.clock().now();
  const auto there = directory.list({.upn = token.upn, .active = {}}, tenant.deadline());  // an answer tells the server's time
  if (!there) return std::unexpected(there.error());
  const auto& server = directory.server_clock();
  if (const auto& clocks = server.disagreement()) return std::unexpected(clocks->error());
  const WallTime at = read + (server.known() ? server.offset() : std::chrono::milliseconds(0));
  auto clock = clock_by_codes(token, codes, at, ReadAt::next, true);
  if (clock) {
    token.detailed().clock = *clock;
    return {};
  }
  auto& why = clock.error();
  if (why.anothers) {
    WhoseCodes whose(codes, at, static_cast<std::int64_t>(all.size()));
    for (const auto& other : all) whose.look_at(other);
    why.what += whose.text();
  }
  return std::unexpected(Error{Errc::invalid_input,
                               "the device's clock is not told by what it shows: " + why.what,
                               why.remedy + " Nothing was sent.",
                               {{"serial number", token.serial}}});
}

}  // namespace

Result<JobOutcome> activate_from_seeds(Tenant& tenant, const SeedActivation& wanted) {
  auto rows = read_seeds_to_send(wanted.seeds);
  if (!rows) return pass(rows);
  const auto directory = tenant.open_tokens();
  const AskedFor asked(wanted.serials, rows->tokens, tenant.interaction());
  if (!wanted.codes.code.empty()) {
    const auto one = std::ranges::find_if(rows->tokens, [&](const TokenSeed& seed) { return asked.has(seed.serial); });
    if (one != rows->tokens.end()) {
      if (auto told = give_clock(tenant, *directory, *one, rows->tokens, wanted.codes); !told) return pass(told);
    }
  }
  if (auto told = take_clocks(wanted.clocks, tenant, *rows); !told) return pass(told);
  auto aged = made_long_ago(rows->tokens, tenant.clock().now());
  std::vector<JobToken> tokens;
  for (auto& seed : rows->tokens) {
    if (!asked.has(seed.serial)) continue;
    auto rejection = why_token_rejected(seed, directory->backend());
    auto token = job_token(TokenChange::activate, std::move(seed));
    tokens.push_back(rejection ? refused_token(std::move(token), std::move(*rejection)) : std::move(token));
  }
  for (const auto& problem : rows->problems) {
    if (!problem.warning && asked.has(problem.serial)) tokens.push_back(refused_token(problem));
  }
  asked.add_missing(tokens);
  *rows = {};
  auto done = start_job(tenant, *directory, new_job(tenant, "activate", wanted.seeds.file), std::move(tokens), wanted.terms);
  if (done) done->made_long_ago = std::move(aged);
  return done;
}

Result<TokenOutcome> activate_with_code(Tenant& tenant, const CodeActivation& wanted) {
  const auto directory = tenant.open_tokens();
  const auto held = read_tenant(tenant, *directory);
  if (!held) return std::unexpected(held.error());
  const auto match = held->match(wanted.serial);
  const auto found = held->find(match.serial);
  if (found == nullptr) {
    return std::unexpected(Error{Errc::not_found,
                                 "the tenant has no token with this serial number" + nearly_text(match),
                                 "See [[list-tokens]].",
                                 {{"serial number", wanted.serial}}});
  }
  if (match.serial != wanted.serial)
    tenant.interaction().warn(fmt::format("{} is taken for {}, as the tenant writes it", wanted.serial, match.serial));
  TokenOutcome outcome;
  outcome.serial = found->serial;
  outcome.upn = found->upn;
  outcome.state = TokenOutcome::State::already_active;
  if (found->active) return outcome;
  if (wanted.dry_run) {
    outcome.state = TokenOutcome::State::would_do;
    outcome.reason = "would be activated with this code";
    return outcome;
  }
  outcome.state = TokenOutcome::State::active;
  auto done = directory->activate(*found, [&] { return wanted.code; }, tenant.deadline());
  if (!done && done.error().code != Errc::invalid_input) return pass(done);
  if (!done) {
    outcome.state = TokenOutcome::State::failed;
    outcome.reason = "the code was refused: " + done.error().what;
    outcome.remedy =
        "Type the code while the device shows it; if that fails again, the device's clock or the stored secret key is wrong.";
  }
  return outcome;
}

}  // namespace portalkey
