// Fills a mirror and measures it: mirror_queries FOLDER [TOKENS]. Prints p50 and p95 of each kind of query, and what reading
// cost.

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "base/random.h"
#include "service/mirror/sqlite_mirror.h"

using namespace portalkey;

namespace {

class MadeUpDirectory final : public TokenDirectory {
 public:
  explicit MadeUpDirectory(std::size_t count) : count_(count) {}
  std::string_view name() const override { return "made up"; }
  Backend backend() const override { return {}; }
  Result<void> each(const TokenFilter&, const Deadline&, const std::function<void(TenantToken)>& take) override {
    Random random(1);
    for (std::size_t i = 0; i < count_; ++i) {
      const auto place = (i * 7919) % count_;  // in no order
      TenantToken token;
      token.oath_id = random.guid();
      token.serial = fmt::format("T{:09}", place);
      if (random.below(10) < 7) {
        token.user_id = random.guid();
        token.upn = fmt::format("{}{}.person{}@contoso.example", static_cast<char>('a' + random.below(26)),
                                static_cast<char>('a' + random.below(26)), random.below(1'000'000));
        token.active = random.below(2) == 0;
      }
      token.manufacturer = fmt::format("Maker {}", random.below(8));
      token.model = fmt::format("Model {}", random.below(4));
      token.step = random.below(4) == 0 ? 60 : 30;
      take(std::move(token));
    }
    return {};
  }
  Result<std::optional<TenantToken>> again(const TenantToken&, const Deadline&) override { std::abort(); }
  Result<void> activate(const TenantToken&, const std::function<std::string()>&, const Deadline&) override { std::abort(); }
  Result<void> remove(const TenantToken&, const Deadline&) override { std::abort(); }
  const ServerClock& server_clock() const override { std::abort(); }

 private:
  std::size_t count_;
};

double ms_since(std::chrono::steady_clock::time_point from) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - from).count();
}

long peak_mib() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss / 1024;
}

void print_times(const std::string& what, std::vector<double> times) {
  std::ranges::sort(times);
  fmt::print("{:46} p50 {:7.2f} ms  p95 {:7.2f} ms\n", what, times[times.size() / 2], times[times.size() * 95 / 100]);
  std::fflush(stdout);
}

void measure(Mirror& mirror, const std::string& what, MirrorQuery query) {
  std::vector<double> pages, counts;
  for (int i = 0; i < 20; ++i) {
    const auto from = std::chrono::steady_clock::now();
    const auto page = mirror.page("one", query);
    pages.push_back(ms_since(from));
    if (!page) return fmt::print("{}: {}\n", what, page.error().what);
    query.after = page->next;
  }
  query.after.clear();
  for (int i = 0; i < 5; ++i) {
    const auto from = std::chrono::steady_clock::now();
    (void)mirror.counts("one", query);
    counts.push_back(ms_since(from));
  }
  print_times(what, pages);
  print_times("  its count", counts);
}

void measure_all(Mirror& mirror) {
  for (int column = 0; column < 6; ++column)
    for (const bool descending : {false, true}) {
      MirrorQuery query;
      query.order = {static_cast<TokenColumn>(column), descending};
      const auto order = fmt::format("{}{}", token_column_names()[static_cast<std::size_t>(column)], descending ? ":desc" : "");
      measure(mirror, order, query);
      query.search = "T0009";
      measure(mirror, order + " search T0009", query);
      query.search = "ab";
      measure(mirror, order + " search ab", query);
      query.search.clear();
      query.serial = "77777";
      measure(mirror, order + " serial *77777*", query);
      query.serial = "99";
      measure(mirror, order + " serial *99*", query);
      query.serial.clear();
      query.manufacturer = "r 3";
      query.state = TokenState::unassigned;
      measure(mirror, order + " unassigned, maker *r 3*", query);
    }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::size_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  SystemClock clock;
  auto mirror = open_mirror(argv[1], clock);
  if (!mirror) return fmt::print("{}\n", mirror.error().what), 1;
  const auto base = peak_mib();
  for (const char* which : {"first reading", "second reading"}) {
    MadeUpDirectory directory(count);
    const auto from = std::chrono::steady_clock::now();
    const auto done = (*mirror)->refresh("one", directory, Deadline::in(std::chrono::hours(1), clock), {});
    if (!done) return fmt::print("{}\n", done.error().what), 1;
    fmt::print("{} of {}: {:.1f} s, peak {} MiB above {}\n", which, count, ms_since(from) / 1000, peak_mib() - base, base);
    std::fflush(stdout);
  }
  measure_all(**mirror);
  return 0;
}
