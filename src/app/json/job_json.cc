#include "app/json/job_json.h"

#include <boost/json.hpp>

#include "app/json/clocks_json.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "jobs/report/outcomes_json.h"

namespace portalkey {

namespace json = boost::json;

std::string json_of(const std::vector<Job>& jobs) {
  json::array out;
  for (const auto& job : jobs) {
    out.push_back({{"id", job.id},
                   {"kind", job.kind},
                   {"state", state_text(job)},
                   {"file", job.file},
                   {"tenant", job.tenant},
                   {"backend", job.backend},
                   {"until", job.activate ? "active" : "uploaded"},
                   {"tokens", job.tokens},
                   {"good", job.good},
                   {"begunBy", job.begun_by},
                   {"created", iso_time(job.created)},
                   {"updated", iso_time(job.updated)}});
  }
  return json_text(out);
}

std::string json_of(const PrunedJobs& pruned) {
  json::array ids;
  for (const auto& job : pruned.forgotten) ids.emplace_back(job.id);
  return json_text(json::object{{"forgotten", std::move(ids)},
                                {"keptUnfinished", pruned.kept_unfinished},
                                {"keptRemovals", pruned.kept_removals},
                                {"dryRun", pruned.dry_run}});
}

OutcomesOf outcomes_of(const JobOutcome& done) {
  OutcomesOf of;
  of.file = done.job.file;
  if (done.kept) of.job = done.job.id;
  if (const auto clocks = activation_clocks(done); clocks.computed + clocks.own != 0) of.clocks = clocks;
  of.ended = done.dry_run ? "dry run" : !done.kept && done.all_settled() ? "nothing changed" : state_text(done.job);
  return of;
}

OutcomesOf outcomes_of(const ShownJob& shown) { return {shown.job.file, shown.job.id, state_text(shown.job), {}}; }

std::string json_of(const std::vector<TokenOutcome>& tokens, const OutcomesOf& of, const Words& words) {
  json::object document = outcomes_json(tokens);
  for (auto& token : document["tokens"].get_array()) {
    for (const char* text : {"reason", "remedy"}) {
      if (auto* member = token.get_object().if_contains(text)) *member = words(member->get_string());
    }
  }
  if (!of.file.empty()) document["file"] = of.file;
  if (!of.ended.empty()) {
    document["job"] = of.job.empty() ? json::value(nullptr) : json::value(of.job);
    document["ended"] = of.ended;
  }
  if (of.clocks) document["clocks"] = clocks_json(*of.clocks);
  return json_text(document);
}

}  // namespace portalkey
