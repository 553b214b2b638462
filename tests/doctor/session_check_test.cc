#include "doctor/session_check.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace portalkey::session_check_test {
namespace {

const auto kNow = from_unix_seconds(1'767'225'600);

Finding finding(const Findings& findings, std::string_view check) {
  for (const auto& one : findings) {
    if (one.check == check) return one;
  }
  ADD_FAILURE() << "no finding " << check;
  return {};
}

SessionStatus rotated_before(std::chrono::days age) {
  SecretVersion stored;
  stored.created = kNow - age;
  stored.tags = {{"portalkey-account", "svc@contoso.com"}, {"portalkey-rotated", iso_time(kNow - age)}};
  return describe_session(stored, kNow);
}

TEST(SessionCheck, AgeOfTheRefreshToken) {
  const struct {
    int days;
    Outcome token, schedule;
  } rows[] = {{0, Outcome::ok, Outcome::ok},
              {15, Outcome::ok, Outcome::ok},
              {16, Outcome::ok, Outcome::warning},
              {76, Outcome::ok, Outcome::warning},
              {77, Outcome::warning, Outcome::warning},
              {89, Outcome::warning, Outcome::warning},
              {90, Outcome::failure, Outcome::warning}};
  for (const auto& row : rows) {
    const auto findings = judge_session(rotated_before(std::chrono::days(row.days)), "", kNow);
    EXPECT_EQ(finding(findings, "refresh token").outcome, row.token) << row.days;
    EXPECT_EQ(finding(findings, "schedule").outcome, row.schedule) << row.days;
  }
}

TEST(SessionCheck, WhatAnotherToolStoredHasNoKnownDays) {
  SecretVersion stored;
  stored.created = kNow;
  const auto told = [&](const char* rotated) {
    stored.tags = {{"portalkey-rotated", rotated}};
    return describe_session(stored, kNow).days_left;
  };
  EXPECT_EQ(describe_session(stored, kNow).days_left, std::nullopt) << "a token may be old that was stored today";
  EXPECT_EQ(describe_session(stored, kNow).rotated, std::nullopt);
  EXPECT_EQ(told(""), std::nullopt);
  EXPECT_EQ(told("yesterday"), std::nullopt);
  EXPECT_EQ(told(iso_time(kNow + std::chrono::days(2)).c_str()), std::nullopt) << "days to come";
  EXPECT_EQ(told(iso_time(kNow - std::chrono::days(80)).c_str()), std::chrono::days(10)) << "put back today";
  EXPECT_EQ(told(iso_time(kNow - std::chrono::days(200)).c_str()), std::chrono::days(0));
  stored.created = kNow - std::chrono::days(30);
  EXPECT_EQ(told(iso_time(kNow - std::chrono::days(1)).c_str()), std::nullopt) << "written into the tags of an older version";
  stored.tags.clear();
  const auto findings = judge_session(describe_session(stored, kNow), "", kNow);
  EXPECT_EQ(finding(findings, "refresh token").outcome, Outcome::warning);
  EXPECT_NE(finding(findings, "refresh token").what.find("not known"), std::string::npos);
  EXPECT_EQ(finding(findings, "schedule").outcome, Outcome::warning);
  EXPECT_NE(finding(findings, "schedule").what.find("no newer refresh token was stored"), std::string::npos);
}

TEST(SessionCheck, WhoseItIs) {
  auto status = rotated_before(std::chrono::days(1));
  EXPECT_EQ(finding(judge_session(status, "SVC@contoso.com", kNow), "account").outcome, Outcome::ok);
  EXPECT_EQ(finding(judge_session(status, "other@contoso.com", kNow), "account").outcome, Outcome::failure);
  status.account.clear();
  EXPECT_EQ(finding(judge_session(status, "", kNow), "account").outcome, Outcome::warning);
}

TEST(SessionCheck, Roles) {
  EXPECT_EQ(judge_roles("Global Administrator, x", "").outcome, Outcome::ok);
  EXPECT_EQ(judge_roles("Privileged Authentication Administrator", "").outcome, Outcome::warning);
  EXPECT_EQ(judge_roles("Reader", "").outcome, Outcome::failure);
  EXPECT_EQ(judge_roles("", "").outcome, Outcome::not_checked);
}

TEST(SessionCheck, Versions) {
  std::vector<SecretVersion> versions(501);
  versions[0].enabled = false;
  EXPECT_EQ(judge_versions(versions).outcome, Outcome::warning);
  versions.pop_back();
  EXPECT_EQ(judge_versions(versions).outcome, Outcome::ok);
  EXPECT_EQ(judge_versions(versions).what, "499 of 500 versions are enabled");
}

TEST(Findings, WhatWasNotCheckedIsNoFailure) {
  EXPECT_EQ(worst({}), Outcome::ok);
  EXPECT_EQ(worst({not_checked("x", "y"), {"z", Outcome::warning, "", ""}}), Outcome::warning);
  EXPECT_EQ(worst({failed("x", Error{Errc::internal, "", "", {}}), not_checked("x", "y")}), Outcome::failure);
}

}  // namespace
}  // namespace portalkey::session_check_test
