#include "cli/import_job.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file_lock.h"
#include "base/time_text.h"
#include "cli/progress_line.h"
#include "cli/tokens_command.h"
#include "jobs/import.h"
#include "jobs/report/report.h"

namespace portalkey {
namespace {

using State = TokenOutcome::State;

class Recorder final : public ImportRecorder {
 public:
  Recorder(JobStore& store, const std::string& job, const std::vector<std::size_t>& places)
      : store_(store), job_(job), places_(places) {}
  Result<void> uploading(const std::string& name) override { return store_.uploading(job_, name); }
  Result<void> uploaded(const std::string& name) override { return store_.uploaded(job_, name); }
  Result<void> settled(std::size_t token, const TokenOutcome& outcome) override {
    return store_.settle(job_, places_[token], outcome);
  }
  Result<void> flush() override { return store_.flush(); }

 private:
  JobStore& store_;
  const std::string& job_;
  const std::vector<std::size_t>& places_;
};

}  // namespace

std::string new_job_id(Clock& clock, Random& random) {
  std::string day = iso_time(clock.now()).substr(0, 10);
  std::erase(day, '-');
  std::string id = day + "-";
  for (int i = 0; i < 4; ++i) id += static_cast<char>('a' + static_cast<char>(random.below(26)));
  return id;
}

Result<ExitCode> run_import_job(Services& services, JobStore& store, Job job, std::vector<JobToken> tokens, OutputFormat format,
                                const std::filesystem::path& report_file) {
  auto lock = FileLock::take(services.jobs_folder() / (job.id + ".lock"), std::chrono::milliseconds(0), services.clock(),
                             services.stop());
  if (!lock) {
    if (lock.error().code != Errc::conflict) return pass(lock);
    return fail(Errc::conflict, fmt::format("another process runs the job {}", job.id), "Wait until it is done, or end it.");
  }
  auto earlier = store.uploads(job.id);
  if (!earlier) return pass(earlier);

  std::vector<TokenSeed> seeds;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool left = tokens[i].outcome.state == State::not_done || tokens[i].outcome.state == State::failed;
    if (!left || tokens[i].seed.base32.empty()) continue;
    places.push_back(i);
    seeds.push_back(std::move(tokens[i].seed));
  }
  Recorder recorder(store, job.id, places);
  ImportOptions options;
  options.activate = job.activate;
  options.upload_patience = services.profile().upload_timeout;
  auto pace = services.pace();
  if (!pace) return pass(pace);
  options.pace = pace->get();
  options.recorder = &recorder;
  options.earlier_uploads = std::move(*earlier);
  ImportReport report;
  {
    ProgressLine progress(services.clock());
    report = import_tokens(seeds, services.tokens(), options, services.clock(), services.random(), progress, services.stop());
  }
  std::vector<TokenOutcome> outcomes;
  for (auto& token : tokens) outcomes.push_back(std::move(token.outcome));
  for (std::size_t k = 0; k < places.size(); ++k) outcomes[places[k]] = std::move(report.outcomes[k]);

  const bool settled =
      std::ranges::all_of(outcomes, [](const auto& o) { return o.state != State::not_done && o.state != State::failed; });
  auto finished = store.finish(job.id, settled ? Job::State::done : Job::State::open);
  if (!finished && !report.stopped) report.stopped = finished.error();

  std::ranges::stable_sort(outcomes, {}, &TokenOutcome::line);
  if (!report_file.empty()) {
    const ReportSubject subject{job.id, job.file, job.tenant, job.backend, services.clock().now()};
    if (auto written = write_report(report_file, subject, outcomes); !written && !report.stopped)
      report.stopped = std::move(written).error();
  }
  const bool begun =
      std::ranges::any_of(outcomes, [](const auto& o) { return o.state != State::not_done && o.state != State::rejected; });
  if (report.stopped && !begun) {  // a line per token would only bury it
    if (seeds.size() == outcomes.size() || !finished) say(fmt::format("Resume with: portalkey jobs resume {}\n", job.id));
    return std::unexpected(std::move(*report.stopped));
  }
  const ExitCode code = print_outcomes(outcomes, job.file, format);
  if (!settled) say(fmt::format("What is left can be done later: portalkey jobs resume {}\n", job.id));
  if (report.stopped) return std::unexpected(std::move(*report.stopped));
  const bool activated = std::ranges::any_of(outcomes, [](const auto& o) { return o.state == State::active; });
  if (activated && format == OutputFormat::table) {
    say("Activated with computed codes: the tenant holds the right seeds. Whether a device's own clock is right shows when its "
        "owner first signs in.\n");
  }
  return code;
}

}  // namespace portalkey
