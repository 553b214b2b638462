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
#include "jobs/run/import.h"
#include "jobs/store/sqlite/sqlite_job_store.h"
#include "otp/base32.h"
#include "seeds/formats/read_seed_file.h"
#include "seeds/model/seed_file.h"

namespace portalkey {
namespace {

constexpr std::size_t kFirstSerial = 1'000'000'000;

/// A tenant in memory, which finds a token by its number and costs next to nothing.
class Instant final : public TokenDirectory, public TokenInventory {
 public:
  Instant(Clock& clock, std::size_t count) : server_clock_(clock), tokens_(count) {}
  std::string_view name() const override { return "memory"; }
  std::string why_not(const TokenSeed&) const override { return {}; }
  Result<void> each(const TokenFilter&, const Deadline&, const std::function<void(TenantToken)>& take) override {
    for (const auto& token : tokens_) {
      if (!token.serial.empty()) take(token);
    }
    return {};
  }
  Result<std::optional<TenantToken>> again(const TenantToken& token, const Deadline&) override { return at(token.serial); }
  Result<void> activate(const TenantToken& token, const std::function<std::string()>& code, const Deadline&) override {
    if (code().size() != 6) return fail(Errc::internal, "no code");
    at(token.serial).active = true;
    return {};
  }
  Result<void> remove(const TenantToken& token, const Deadline&) override {
    at(token.serial) = {};
    return {};
  }
  std::vector<Result<TenantToken>> create(std::span<const TokenSeed* const> seeds, const Deadline&) override {
    std::vector<Result<TenantToken>> out;
    for (const auto* seed : seeds) {
      TenantToken& token = at(seed->serial);
      token.oath_id = token.serial = seed->serial;
      token.user_id = token.upn = seed->upn;
      token.step = seed->step;
      out.emplace_back(token);
    }
    return out;
  }
  Result<TenantToken> assign(const TenantToken& token, const std::string&, const Deadline&) override { return token; }
  Result<void> unassign(const TenantToken&, const Deadline&) override { return {}; }
  const ServerClock& server_clock() const override { return server_clock_; }
  TokenInventory* inventory() override { return this; }

 private:
  TenantToken& at(const std::string& serial) { return tokens_.at(std::stoul(serial) - kFirstSerial); }

  ServerClock server_clock_;
  std::vector<TenantToken> tokens_;
};

struct Silent final : Progress {
  void phase(std::string_view) override {}
  void step(std::size_t, std::size_t, std::chrono::seconds, std::string_view) override {}
};

struct Recorder final : ImportRecorder {
  Recorder(JobStore& to, Lease held) : store(to), lease(std::move(held)) {}
  Result<void> uploading(const std::string& name) override { return store.uploading(lease, name); }
  Result<void> uploaded(const std::string& name) override { return store.uploaded(lease, name); }
  Result<void> settled(std::size_t token, const TokenOutcome& outcome) override { return store.settle(lease, token, outcome); }
  Result<void> flush() override { return store.flush(lease); }
  JobStore& store;
  Lease lease;
};

struct Collect final : SeedSink {
  void on_token(TokenSeed&& seed) override {
    TokenOutcome outcome;
    outcome.state = TokenOutcome::State::not_done;
    outcome.line = seed.line;
    outcome.serial = seed.serial;
    outcome.upn = seed.upn;
    tokens.push_back({std::move(seed), std::move(outcome)});
  }
  void on_problem(RowProblem&&) override { ++problems; }
  std::vector<JobToken> tokens;
  std::size_t problems = 0;
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
  Collect collect;
  if (!read_seed_file(file, {}, collect) || collect.problems != 0) return 1;
  const auto read = Now::now();
  auto store = open_job_store(folder / "jobs", std::nullopt, clock);
  Job job;
  job.id = "bench";
  if (!store || !(*store)->create(job, collect.tokens)) return 1;
  const auto journaled = Now::now();
  std::vector<TokenSeed> seeds;
  seeds.reserve(count);
  for (auto& token : collect.tokens) seeds.push_back(std::move(token.seed));
  Instant tenant(clock, count);
  const auto lease = (*store)->claim("bench");
  if (!lease) return 1;
  Recorder recorder(**store, *lease);
  OwnPace pace({.count = 0}, clock);
  ImportOptions options;
  options.recorder = &recorder;
  options.pace = &pace;
  Silent progress;
  const auto report = import_tokens(seeds, tenant, options, clock, random, progress, {});
  if (report.stopped || !(*store)->finish(*lease, Job::State::done)) return 1;
  const auto done = Now::now();
  const auto found = (*store)->find("bench");
  if (!found || found->good != count) return 1;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](auto from, auto to) { return std::chrono::duration<double>(to - from).count(); };
  fmt::print(R"({{"seconds": {}, "reading": {}, "journaling": {}, "importing": {}, "memory": {}}})", seconds(begun, done),
             seconds(begun, read), seconds(read, journaled), seconds(journaled, done), usage.ru_maxrss / 1000);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace portalkey

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return portalkey::run(std::stoul(argv[1]), argv[2]);
}
