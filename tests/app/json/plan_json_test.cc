#include "app/json/plan_json.h"

#include <gtest/gtest.h>

namespace portalkey::plan_json_test {
namespace {

TEST(PlanJson, EachChangeHasWhatThereIsToSay) {
  TokenPlan plan;
  PlannedChange created, assigned, removed;
  created.line = 2;
  created.serial = "T1";
  created.upn = "anna@contoso.com";
  created.with_key = true;
  assigned.change = TokenChange::assign;
  assigned.line = 3;
  assigned.serial = "T2";
  assigned.upn = "bela@contoso.com";
  removed.change = TokenChange::remove;
  removed.serial = "T3";
  removed.from = "anna@contoso.com";
  removed.replaced_by = "T1";
  plan.changes = {created, assigned, removed};
  TokenOutcome row;
  row.line = 4;
  row.serial = "T4";
  row.reason = "not base32";
  row.remedy = "[[validate|FILE]]";
  plan.impossible.push_back(row);
  plan.unchanged.resize(2);
  EXPECT_EQ(json_of(plan, [](std::string_view text) { return "<" + std::string(text) + ">"; }),
            R"({"changes":[{"change":"create","serial":"T1","line":2,"upn":"anna@contoso.com"},)"
            R"({"change":"assign","serial":"T2","line":3,"upn":"bela@contoso.com","activates":false},)"
            R"({"change":"delete","serial":"T3","from":"anna@contoso.com","replacedBy":"T1"}],)"
            R"("impossible":[{"line":4,"serial":"T4","upn":"","reason":"not base32","remedy":"<[[validate|FILE]]>"}],)"
            R"("unchanged":2})");
}

}  // namespace
}  // namespace portalkey::plan_json_test
