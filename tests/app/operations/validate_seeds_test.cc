#include "app/operations/validate_seeds.h"

#include "tests/app/jobs_world.h"

namespace portalkey::validate_seeds_test {
namespace {

struct Noted final : ValidationSink {
  void on_token(TokenSeed&& token, const Rejection* rejection) override {
    serials.push_back(token.serial);
    if (rejection != nullptr) rejected.emplace(token.serial, *rejection);
  }
  void on_problem(RowProblem&& problem) override { problems.push_back(std::move(problem)); }

  std::vector<std::string> serials;
  std::map<std::string, Rejection> rejected;
  std::vector<RowProblem> problems;
};

struct ValidateSeeds : testing::Test, JobsWorld {
  Result<ValidatedSeeds> validate(std::initializer_list<std::string> rows, Tenant* asked = nullptr) {
    wanted.seeds.file = seeds(rows);
    const auto opened = OpenedSeeds::open(wanted.seeds);
    if (!opened) return std::unexpected(opened.error());
    return validate_seeds(*opened, wanted, asked, noted);
  }
  static std::string guest() { return "gast_fabrikam.com#EXT#@contoso.com,T0009,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQABQ,30,SHA1"; }

  SeedValidation wanted;
  Noted noted;
};

TEST_F(ValidateSeeds, AGoodFileIsImportable) {
  const auto found = validate({row(1), row(2)});
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(found->importable, 2);
  EXPECT_TRUE(found->all_importable());
  EXPECT_FALSE(found->findings);
  EXPECT_EQ(noted.serials, (std::vector<std::string>{"T0001", "T0002"}));
  EXPECT_TRUE(noted.rejected.empty());
}

TEST_F(ValidateSeeds, WhatAnImportWouldLeaveOutIsNotCounted) {
  wanted.backend = Backend::portal;
  const auto found = validate({row(1), row(2, false), guest(), "bad@contoso.com,T0004,not base32!,30,SHA1"});
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(found->importable, 1);
  EXPECT_FALSE(found->all_importable());
  EXPECT_EQ(noted.rejected.at("T0002").code, OutcomeCode::no_user);
  EXPECT_EQ(noted.rejected.at("T0009").code, OutcomeCode::guest);
  EXPECT_NE(noted.rejected.at("T0009").remedy.find("[[setting|against-tenant]]"), std::string::npos);
  EXPECT_EQ(found->summary.problems, 1);
}

TEST_F(ValidateSeeds, ASixthTokenOfAUserIsNotCounted) {
  std::string six = "user1@contoso.com";
  const auto row = [&](int n) {
    return fmt::format("{},S{},GEZDGNBVGY3TQOJQGEZDGNBVGY3TQA{}Q,30,SHA1", six, n, static_cast<char>('A' + n));
  };
  const auto found = validate({row(1), row(2), row(3), row(4), row(5), row(6)});
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(found->importable, 5);
}

TEST_F(ValidateSeeds, ATenantThatIsAskedJudgesSerialNumbersAndTheirUsers) {
  wanted.backend = Backend::portal;
  portal.tokens.push_back({"T0001", "bela@contoso.com", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQABQ", "oath-1", 30, true});
  const auto found = validate({row(1), row(2), guest()}, &tenant);
  ASSERT_TRUE(found) << found.error().what;
  ASSERT_TRUE(found->findings);
  EXPECT_EQ(found->findings->tokens_in_tenant, 1u);
  EXPECT_EQ(found->findings->held.size(), 3u);
  EXPECT_EQ(found->importable, 1);
  EXPECT_TRUE(noted.rejected.empty()) << "guests are the tenant's to judge";
  EXPECT_EQ(std::ranges::count(noted.problems, false, &RowProblem::warning), 2);
  EXPECT_TRUE(found->findings->problems.empty()) << "they were handed on";
}

TEST_F(ValidateSeeds, NothingIsChanged) {
  ASSERT_TRUE(validate({row(1)}, &tenant));
  EXPECT_EQ(portal.uploads, 0);
  EXPECT_TRUE(journal().empty());
}

}  // namespace
}  // namespace portalkey::validate_seeds_test
