// Names that journals and scripts have: a test that fails here has changed one.

#include <gtest/gtest.h>

#include "jobs/model/job.h"
#include "jobs/model/outcome_code.h"
#include "jobs/model/token_change.h"
#include "jobs/model/token_outcome.h"

namespace portalkey::names_test {
namespace {

TEST(Names, OfStatesChangesAndCodesStay) {
  const char* jobs[] = {"open", "done", "cancelled", "planned"};
  const char* outcomes[] = {"active",     "already active", "uploaded",     "already uploaded", "assigned",
                            "unassigned", "removed",        "would import", "rejected",         "not done",
                            "failed",     "would be done",  "nothing to do"};
  const char* changes[] = {"create", "assign", "activate", "reassign", "unassign", "delete", "move out"};
  const char* codes[] = {"",        "unusable_row",      "unsupported_token", "no_user",         "invalid_user",
                         "guest",   "taken_away",        "assigned_to_other", "too_many_tokens", "not_in_tenant",
                         "nobodys", "upload_unfinished", "upload_refused",    "not_assigned",    "not_activated",
                         "kept",    "service_refused",   "run_ended"};
  // Their numbers are bound in journals, so their order stays, too.
  const auto all = [](const auto& names, auto of_name) {
    int number = 0;
    for (const std::string_view name : names) {
      const auto value = of_name(name);
      ASSERT_TRUE(value) << name;
      EXPECT_EQ(static_cast<int>(*value), number++) << name;
      EXPECT_EQ(name_of(*value), name);
    }
    EXPECT_FALSE(of_name("no such name"));
  };
  all(jobs, job_state_of);
  all(outcomes, outcome_state_of);
  all(changes, token_change_of);
  all(codes, outcome_code_of);
  const char* deeds[] = {"", "put in", "gave"};
  all(deeds, outcome_did_of);
}

}  // namespace
}  // namespace portalkey::names_test
