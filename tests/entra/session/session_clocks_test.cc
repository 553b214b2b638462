#include "entra/session/session_clocks.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "tests/temporary_folder.h"

namespace portalkey::session_clocks_test {
namespace {

using std::chrono::days;

const WallTime kNow = from_unix_seconds(1'767'225'600);

SessionStatus signed_in_before(days age, std::string_view flow = kByCode) {
  SessionStatus status;
  status.days_left = days(90);
  status.sign_in = {kNow - age, std::string(flow), {"pwd", "mfa"}};
  return status;
}

std::vector<std::string> causes(const std::vector<SessionWarning>& warnings) {
  std::vector<std::string> all;
  for (const auto& warning : warnings) all.push_back(warning.cause);
  return all;
}

TEST(SignInRecord, IsReadFromTheTagsItWasWrittenTo) {
  for (const SignInRecord& record : {SignInRecord{kNow, "code", {"pwd", "mfa"}}, SignInRecord{std::nullopt, "given", {}},
                                     SignInRecord{std::nullopt, "adopted", {"fido"}}, SignInRecord{}}) {
    std::map<std::string, std::string> tags;
    put_sign_in(tags, record);
    EXPECT_EQ(sign_in_in(tags, kNow), record);
    EXPECT_LE(tags.size(), 2u) << "Key Vault takes fifteen tags, and thirteen are in use";
  }
}

TEST(SignInRecord, OfTheFutureOrGarbledIsNotKnown) {
  EXPECT_FALSE(sign_in_in({{"portalkey-signed-in", "2030-01-01T00:00:00Z code"}}, kNow).at);
  EXPECT_EQ(sign_in_in({{"portalkey-signed-in", "yesterday by-magic"}}, kNow), SignInRecord{});
}

TEST(SessionClocks, TheMfaAgeCountsFromTheSignIn) {
  const auto clocks = clocks_of(signed_in_before(days(21)), days(30), kNow);
  EXPECT_EQ(clocks.since_sign_in, days(21));
  EXPECT_EQ(clocks.mfa_left, days(9));
  EXPECT_TRUE(warnings_of(clocks, days(7)).empty());
  EXPECT_EQ(causes(warnings_of(clocks, days(9))), std::vector<std::string>{"mfa-age"});
  EXPECT_EQ(clocks_of(signed_in_before(days(99)), days(30), kNow).mfa_left, days(0));
}

TEST(SessionClocks, AShortMfaAgeIsNotWarnedOfFromItsFirstDay) {
  EXPECT_TRUE(warnings_of(clocks_of(signed_in_before(days(0)), days(1), kNow), days(7)).empty());
  EXPECT_TRUE(warnings_of(clocks_of(signed_in_before(days(2)), days(7), kNow), days(7)).empty());
  EXPECT_FALSE(warnings_of(clocks_of(signed_in_before(days(4)), days(7), kNow), days(7)).empty());
}

TEST(SessionClocks, TheProfileGoesBeforeWhatWasLearnt) {
  auto status = signed_in_before(days(21));
  status.learnt_mfa_age = LearntMfaAge{days(22), days(29)};
  EXPECT_EQ(clocks_of(status, std::nullopt, kNow).mfa_age->limit, days(22)) << "the safe one";
  EXPECT_EQ(clocks_of(status, days(90), kNow).mfa_age->limit, days(90));
  status.learnt_mfa_age = LearntMfaAge{days(0), days(29)};
  EXPECT_EQ(clocks_of(status, std::nullopt, kNow).mfa_age->limit, days(29)) << "it was never seen to work";
}

TEST(SessionClocks, WhatIsNotKnownIsSaid) {
  SessionStatus status;
  status.days_left = days(90);
  const auto clocks = clocks_of(status, std::nullopt, kNow);
  EXPECT_TRUE(warnings_of(clocks, days(7)).empty());
  EXPECT_EQ(sign_in_text(clocks), "not recorded");
  EXPECT_TRUE(mfa_age_text(clocks).starts_with("unknown"));
  EXPECT_TRUE(mfa_age_text(clocks_of(status, days(30), kNow)).contains("how much is left is not known"));
}

TEST(SessionClocks, EachHasItsWarning) {
  auto status = signed_in_before(days(28), kByDeviceCode);
  status.days_left = days(13);
  EXPECT_EQ(causes(warnings_of(clocks_of(status, days(30), kNow), days(7))),
            (std::vector<std::string>{"idle", "mfa-age", "device-code"}));
}

TEST(LearntMfaAge, IsCorrectedByWhatWorksAndForgottenIfWrong) {
  const TemporaryFolder folder;
  EXPECT_FALSE(learnt_mfa_age(folder.path()));
  ASSERT_TRUE(keep_mfa_age(folder.path(), {days(22), days(29)}));
  taken_at(folder.path(), days(10));
  EXPECT_EQ(learnt_mfa_age(folder.path())->worked, days(22));
  taken_at(folder.path(), days(27));
  EXPECT_EQ(learnt_mfa_age(folder.path())->limit(), days(27));
  taken_at(folder.path(), days(29));
  EXPECT_FALSE(learnt_mfa_age(folder.path()));
}

TEST(LearntMfaAge, AFileThatIsNoneTellsNothing) {
  for (const char* text : {"", "x", "[]", R"({"workedDays":1})", R"({"workedDays":-1,"refusedDays":3})",
                           R"({"workedDays":1,"refusedDays":0})", R"({"workedDays":1,"refusedDays":99999999})"}) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_file_atomically(folder / "mfa-age.json", text));
    EXPECT_FALSE(learnt_mfa_age(folder.path())) << text;
  }
}

}  // namespace
}  // namespace portalkey::session_clocks_test
