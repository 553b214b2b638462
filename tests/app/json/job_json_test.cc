#include "app/json/job_json.h"

#include <gtest/gtest.h>

namespace portalkey::job_json_test {
namespace {

std::string loud(std::string_view text) { return "<" + std::string(text) + ">"; }

Job job() {
  Job job;
  job.id = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
  job.tenant = "contoso.com";
  job.backend = "portal";
  job.file = "seeds.csv";
  job.created = from_unix_seconds(1'767'225'600);
  job.updated = from_unix_seconds(1'767'225'660);
  job.tokens = 3;
  job.good = 2;
  job.failed = 1;
  return job;
}

std::vector<TokenOutcome> outcomes() {
  TokenOutcome active, failed;
  active.state = TokenOutcome::State::active;
  active.line = 2;
  active.serial = "T1";
  active.upn = "anna@contoso.com";
  failed.serial = "T2";
  failed.reason = "the service said no";
  failed.remedy = "[[resume-job|x]]";
  return {active, failed};
}

TEST(JobJson, AListHasEachJobsMembers) {
  EXPECT_EQ(json_of(std::vector<Job>{job()}),
            R"([{"id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","kind":"import","state":"finished with failures",)"
            R"("file":"seeds.csv","tenant":"contoso.com","backend":"portal","until":"active","tokens":3,"good":2,)"
            R"("begunBy":"","created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:01:00Z"}])");
  EXPECT_EQ(json_of(std::vector<Job>{}), "[]");
}

TEST(JobJson, WhatWasPruned) {
  PrunedJobs pruned;
  pruned.forgotten = {job()};
  pruned.kept_removals = 2;
  pruned.dry_run = true;
  EXPECT_EQ(json_of(pruned), R"({"forgotten":["6f9619ff-8b86-4d01-b42d-00cf4fc964ff"],"keptUnfinished":0,)"
                             R"("keptRemovals":2,"dryRun":true})");
}

TEST(JobJson, OutcomesSayWhatTheyCameOfInTheFacesWords) {
  EXPECT_EQ(json_of(outcomes(), {"seeds.csv", "", "dry run", {}}, loud),
            R"({"tokens":[{"serial":"T1","upn":"anna@contoso.com","state":"active","line":2},)"
            R"({"serial":"T2","upn":"","state":"failed","reason":"<the service said no>","remedy":"<[[resume-job|x]]>"}],)"
            R"("summary":{"tokens":2,"good":1,"active":1,"failed":1},"file":"seeds.csv","job":null,"ended":"dry run"})");
  const auto alone = json_of(outcomes(), {}, loud);
  for (const char* member : {"\"file\"", "\"job\"", "\"ended\""}) EXPECT_EQ(alone.find(member), std::string::npos) << alone;
}

TEST(JobJson, HowAJobEnded) {
  JobOutcome done;
  done.job = job();
  done.kept = true;
  EXPECT_EQ(outcomes_of(done).job, job().id);
  EXPECT_EQ(outcomes_of(done).ended, "finished with failures");
  done.kept = false;
  EXPECT_EQ(outcomes_of(done).job, "") << "the journal has none";
  done.job.state = Job::State::done;
  EXPECT_EQ(outcomes_of(done).ended, "nothing changed");
  done.dry_run = true;
  EXPECT_EQ(outcomes_of(done).ended, "dry run");
}

}  // namespace
}  // namespace portalkey::job_json_test
