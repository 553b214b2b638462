// From a seed file to active tokens with a real journal and a network that answers at once: import_journal COUNT FOLDER.
// Prints seconds, and how they divide, as JSON.

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

#include "base/random.h"
#include "jobs/run/journal_record.h"
#include "jobs/run/run_job.h"
#include "jobs/store/sqlite/sqlite_job_store.h"
#include "otp/base32.h"
#include "seeds/formats/read_seed_file.h"
#include "seeds/model/seed_file.h"

namespace portalkey {
namespace {

constexpr std::size_t kFirstSerial = 1'000'000'000;

/// A tenant that finds a token by its number and holds next to nothing of it, so that what is measured is the program.
class Instant final : public TokenDirectory, public TokenInventory {
 public:
  Instant(Clock& clock, std::size_t count) : server_clock_(clock), states_(count) {}
  std::string_view name() const override { return "memory"; }
  std::string why_not(const TokenSeed&) const override { return {}; }
  Result<void> each(const TokenFilter& filter, const Deadline&, const std::function<void(TenantToken)>& take) override {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      const auto state = states_[i];
      if (state != State::absent && (!filter.active || *filter.active == (state == State::active))) take(token(i));
    }
    return {};
  }
  Result<std::optional<TenantToken>> again(const TenantToken& of, const Deadline&) override { return token(number(of.serial)); }
  Result<void> activate(const TenantToken& of, const std::function<std::string()>& code, const Deadline&) override {
    if (code().size() != 6) return fail(Errc::internal, "no code");
    states_.at(number(of.serial)) = State::active;
    return {};
  }
  Result<void> remove(const TenantToken& of, const Deadline&) override {
    states_.at(number(of.serial)) = State::absent;
    return {};
  }
  std::vector<Result<TenantToken>> create(std::span<const TokenSeed* const> seeds, const Deadline&) override {
    std::vector<Result<TenantToken>> out;
    for (const auto* seed : seeds) {
      states_.at(number(seed->serial)) = State::created;
      out.emplace_back(token(number(seed->serial)));
    }
    return out;
  }
  Result<TenantToken> assign(const TenantToken& of, const std::string&, const Deadline&) override { return of; }
  Result<void> unassign(const TenantToken&, const Deadline&) override { return {}; }
  const ServerClock& server_clock() const override { return server_clock_; }
  TokenInventory* inventory() override { return this; }
  std::size_t active() const { return static_cast<std::size_t>(std::ranges::count(states_, State::active)); }

 private:
  enum class State : char { absent, created, active };
  static std::size_t number(const std::string& serial) { return std::stoul(serial) - kFirstSerial; }
  /// Its ids are as long as real ones.
  TenantToken token(std::size_t i) const {
    TenantToken out;
    out.serial = std::to_string(kFirstSerial + i);
    out.oath_id = fmt::format("6f9619ff-8b86-4d01-b42d-{:012}", i);
    out.user_id = fmt::format("0b0e6f5a-8b86-4d01-b42d-{:012}", i);
    out.upn = fmt::format("user.{}@contoso.com", i);
    out.step = 30;
    out.active = states_.at(i) == State::active;
    return out;
  }

  ServerClock server_clock_;
  std::vector<State> states_;
};

struct Silent final : Progress {
  void phase(std::string_view) override {}
  void step(std::size_t, std::size_t, std::chrono::seconds, std::string_view) override {}
};

/// Rows of a file become rows of a job as they are read.
struct Journal final : SeedSink {
  explicit Journal(const JobStore::AddToken& to) : add(to) {}
  void on_token(TokenSeed&& seed) override {
    JobToken token;
    token.outcome.state = TokenOutcome::State::not_done;
    token.outcome.line = seed.line;
    token.outcome.serial = seed.serial;
    token.outcome.upn = seed.upn;
    token.seed = std::move(seed);
    if (auto added = add(token); !added) failed = std::move(added);
  }
  void on_problem(RowProblem&&) override { failed = fail(Errc::invalid_input, "a row that is wrong"); }
  const JobStore::AddToken& add;
  Result<void> failed;
};

int run(std::size_t count, const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto file = folder / "seeds.csv";
  Random random(1);
  {
    std::ofstream out(file);
    out << "upn,serial number,secret key,time interval,manufacturer,model\r\n";
    for (std::size_t i = 0; i < count; ++i) {
      std::string key;
      for (int k = 0; k < 20; ++k) key += static_cast<char>(random.next());
      const Secret base32 = encode_base32(key);
      base32.reveal([&](std::string_view text) {
        out << fmt::format("user.{}@contoso.com,{},{},30,Contoso,C100\r\n", i, kFirstSerial + i, text);
      });
    }
  }
  SystemClock clock;
  using Now = std::chrono::steady_clock;
  const auto begun = Now::now();
  auto store = open_job_store(folder / "jobs", std::nullopt, clock);
  Job job;
  job.id = random.guid();
  const auto journaled_rows = [&](const JobStore::AddToken& add) -> Result<void> {
    Journal journal(add);
    if (auto read = read_seed_file(file, {}, journal); !read) return std::unexpected(read.error());
    return journal.failed;
  };
  if (!store || !(*store)->create(job, journaled_rows)) return 1;
  const auto journaled = Now::now();
  const auto lease = (*store)->claim(job.id);
  if (!lease) return 1;
  Instant tenant(clock, count);
  OwnPace pace({.count = 0}, clock);
  JobOptions options;
  options.pace = &pace;
  Silent progress;
  JournalRecord record(**store, *lease, count, clock, {});
  const auto end = run_job(record, tenant, options, clock, random, progress, record.stop());
  if (end.stopped || !(*store)->finish(*lease, Job::State::done)) return 1;
  const auto done = Now::now();
  const auto found = (*store)->find(job.id);
  if (!found || found->good != count || tenant.active() != count) return 1;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](auto from, auto to) { return std::chrono::duration<double>(to - from).count(); };
  fmt::print(R"({{"seconds": {}, "journaling": {}, "importing": {}, "memory": {}}})", seconds(begun, done),
             seconds(begun, journaled), seconds(journaled, done), usage.ru_maxrss / 1000);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace portalkey

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return portalkey::run(std::stoul(argv[1]), argv[2]);
}
