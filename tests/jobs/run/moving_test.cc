// Moving tokens from the portal to a backend with an inventory: jobs of kind `move`.

#include "jobs/run/run_job.h"
#include "tests/jobs/fake_portal.h"

namespace portalkey::moving_test {
namespace {

using State = TokenOutcome::State;

/// An inventory in memory, in place of Microsoft Graph.
class Inventory final : public TokenDirectory, public TokenInventory {
 public:
  explicit Inventory(const Clock& clock) : clock_(clock) {}

  std::string_view name() const override { return "the inventory"; }
  Backend backend() const override { return Backend::graph; }
  Result<void> each(const TokenFilter&, const Deadline&, const std::function<void(TenantToken)>& take) override {
    for (const auto& token : tokens) take(token);
    return {};
  }
  Result<std::optional<TenantToken>> again(const TenantToken& token, const Deadline&) override {
    const auto* found = find(token.oath_id);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }
  Result<void> activate(const TenantToken& token, const std::function<std::string()>& code, const Deadline&) override {
    code();
    if (refused.contains(token.serial)) return fail(Errc::not_found, "it cannot be activated");
    find(token.oath_id)->active = true;
    return {};
  }
  Result<void> remove(const TenantToken& token, const Deadline&) override {
    if (stuck) return fail(Errc::invalid_input, "it cannot be deleted");
    std::erase_if(tokens, [&](const auto& one) { return one.oath_id == token.oath_id; });
    return {};
  }
  std::vector<Result<TenantToken>> create(std::span<const TokenSeed* const> seeds, const Deadline&) override {
    std::vector<Result<TenantToken>> out;
    for (const auto* seed : seeds) {
      TenantToken token;
      token.oath_id = "g-" + seed->serial;
      token.serial = seed->serial;
      token.user_id = "id of " + seed->upn;
      token.upn = seed->upn;
      tokens.push_back(token);
      out.emplace_back(token);
    }
    return out;
  }
  Result<TenantToken> assign(const TenantToken& token, const std::string&, const Deadline&) override { return token; }
  Result<void> unassign(const TenantToken&, const Deadline&) override { return {}; }
  const ServerClock& server_clock() const override { return server_clock_; }
  TokenInventory* inventory() override { return this; }

  bool holds(const std::string& serial) const {
    return std::ranges::find(tokens, serial, &TenantToken::serial) != tokens.end();
  }

  std::vector<TenantToken> tokens;
  std::set<std::string> refused;  ///< serial numbers
  bool stuck = false;

 private:
  TenantToken* find(const std::string& id) {
    const auto found = std::ranges::find(tokens, id, &TenantToken::oath_id);
    return found == tokens.end() ? nullptr : &*found;
  }
  const Clock& clock_;
  ServerClock server_clock_{clock_};
};

struct Moving : testing::Test, JobWorld {
  std::vector<TokenSeed> known = seeds(3);
  std::vector<JobToken> rows;
  Inventory graph{clock};

  Moving() {
    for (auto& seed : known) {
      portal.tokens.push_back({seed.serial, seed.upn, seed.base32.reveal([](std::string_view t) { return std::string(t); }),
                               "oath-" + seed.serial, 30, true});
      JobToken comes;
      comes.outcome.state = State::not_done;
      comes.outcome.serial = seed.serial;
      comes.outcome.upn = seed.upn;
      JobToken goes;
      goes.outcome = comes.outcome;
      goes.change = TokenChange::move_out;
      goes.from = seed.upn;
      comes.seed.serial = seed.serial;
      comes.seed.upn = seed.upn;
      comes.seed.step = 30;
      comes.seed.base32 = seed.base32.clone();
      rows.push_back(std::move(comes));
      rows.push_back(std::move(goes));
    }
  }
  std::optional<Error> run(bool dry = false) {
    HeldRecord record(rows);
    JobOptions options;
    options.dry_run = dry;
    options.moves_from = &tokens;
    return run_job(record, graph, options, clock, random, progress, {}).stopped;
  }
  bool in_portal(std::size_t i) const {
    return std::ranges::find(portal.tokens, known[i].serial, &FakePortal::Token::serial) != portal.tokens.end();
  }
};

TEST_F(Moving, EachLeavesThePortalWhenItIsActiveHere) {
  EXPECT_FALSE(run());
  for (std::size_t i = 0; i < known.size(); ++i) {
    EXPECT_EQ(rows[2 * i].outcome.state, State::active) << rows[2 * i].outcome.reason;
    EXPECT_EQ(rows[2 * i + 1].outcome.state, State::removed) << rows[2 * i + 1].outcome.reason;
    EXPECT_FALSE(in_portal(i));
    EXPECT_TRUE(graph.holds(known[i].serial));
  }
}

TEST_F(Moving, WhatDoesNotBecomeActiveIsUndoneAndCanBeDoneLater) {
  graph.refused.insert(known[1].serial);
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[2].outcome.state, State::failed);
  EXPECT_NE(rows[2].outcome.reason.find("taken out of Microsoft Graph again"), std::string::npos) << rows[2].outcome.reason;
  EXPECT_EQ(rows[3].outcome.state, State::failed);
  EXPECT_TRUE(in_portal(1));
  EXPECT_FALSE(graph.holds(known[1].serial));
  EXPECT_FALSE(in_portal(0));
  graph.refused.clear();
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[2].outcome.state, State::active) << rows[2].outcome.reason;
  EXPECT_EQ(rows[3].outcome.state, State::removed);
  EXPECT_FALSE(in_portal(1));
}

TEST_F(Moving, WhatCannotBeUndoneIsSaid) {
  graph.refused.insert(known[0].serial);
  graph.stuck = true;
  EXPECT_FALSE(run());
  EXPECT_NE(rows[0].outcome.reason.find("could not be taken out"), std::string::npos) << rows[0].outcome.reason;
  EXPECT_TRUE(in_portal(0));
}

TEST_F(Moving, SomebodyElsesTokenOfThatSerialNumberIsNeitherTakenForItNorUndone) {
  TenantToken other;
  other.oath_id = "g-other";
  other.serial = known[0].serial;
  other.user_id = "zoe";
  other.upn = "zoe@contoso.com";
  other.active = true;
  graph.tokens.push_back(other);
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[1].outcome.state, State::failed);
  EXPECT_TRUE(in_portal(0));
  EXPECT_TRUE(graph.holds(known[0].serial));
}

TEST_F(Moving, OfTheListOfThePortalOnlyItsOwnTokensAreRemoved) {
  // The portal lists Microsoft Graph's token too, by its id; its own is gone already.
  portal.tokens.front().oath_id = "g-" + known[0].serial;
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[1].outcome.state, State::removed);
  EXPECT_NE(rows[1].outcome.reason.find("not in the portal any more"), std::string::npos) << rows[1].outcome.reason;
  EXPECT_TRUE(in_portal(0));
}

TEST_F(Moving, ARemovalThatFailsIsToldAndTriedAgain) {
  portal.ignore_removals = true;
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[1].outcome.state, State::failed);
  EXPECT_NE(rows[1].outcome.reason.find("still in the portal, too"), std::string::npos) << rows[1].outcome.reason;
  EXPECT_TRUE(graph.holds(known[0].serial));
  portal.ignore_removals = false;
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[1].outcome.state, State::removed);
}

TEST_F(Moving, ADryRunChangesNothing) {
  EXPECT_FALSE(run(true));
  EXPECT_EQ(rows[0].outcome.state, State::would_import);
  EXPECT_EQ(rows[1].outcome.state, State::would_do);
  EXPECT_TRUE(graph.tokens.empty());
  EXPECT_TRUE(in_portal(0));
}

}  // namespace
}  // namespace portalkey::moving_test
