// Fills a mirror and measures it: mirror_queries FOLDER [TOKENS [readings]]. Prints what readings cost, how long put() waited
// meanwhile, and p50 and p95 of each kind of query; `readings`: not of queries.

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <thread>

#include "base/random.h"
#include "service/mirror/sqlite_mirror.h"

using namespace portalkey;

namespace {

class MadeUpDirectory final : public TokenDirectory {
 public:
  MadeUpDirectory(std::size_t count, std::uint64_t seed) : count_(count), seed_(seed) {}
  std::string_view name() const override { return "made up"; }
  Backend backend() const override { return {}; }
  Result<void> each(const TokenFilter&, const Deadline&, const std::function<void(TenantToken)>& take) override {
    Random random(seed_);
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
  std::uint64_t seed_;
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

/// Twenty pages, or those that are left.
bool measure_pages(Mirror& mirror, const std::string& what, MirrorQuery query) {
  std::vector<double> pages;
  for (int i = 0; i < 20; ++i) {
    const auto from = std::chrono::steady_clock::now();
    const auto page = mirror.page("one", query);
    pages.push_back(ms_since(from));
    if (!page) return fmt::print("{}: {}\n", what, page.error().what), false;
    query.after = page->next;
    if (query.after.empty()) break;
  }
  print_times(what, pages);
  return true;
}

void measure(Mirror& mirror, const std::string& what, const MirrorQuery& query, bool whole) {
  if (!measure_pages(mirror, what, query)) return;
  std::vector<double> counts;
  for (int i = 0; i < 5; ++i) {
    const auto from = std::chrono::steady_clock::now();
    (void)mirror.counts("one", query);
    counts.push_back(ms_since(from));
  }
  print_times("  its count", counts);
  if (!whole) return;
  auto walk = query;
  walk.most = 10'000;
  std::vector<std::string> ends;
  for (auto page = mirror.page("one", walk); page && !page->next.empty(); page = mirror.page("one", walk))
    ends.push_back(walk.after = page->next);
  if (ends.empty()) return;
  walk.most = query.most;
  walk.after = ends[ends.size() / 2];
  measure_pages(mirror, "  in the middle", walk);
  walk.after = ends.back();
  measure_pages(mirror, "  at the end", walk);
}

struct Asked {
  std::string name;
  MirrorQuery query;
};

std::vector<Asked> all_asked() {
  std::vector<Asked> out;
  const auto ask = [&](std::string name, const std::function<void(MirrorQuery&)>& set) {
    set(out.emplace_back(std::move(name), MirrorQuery{}).query);
  };
  ask("", [](auto&) {});
  ask("search T0009", [](auto& query) { query.search = "T0009"; });
  ask("search T000912345", [](auto& query) { query.search = "T000912345"; });
  ask("search ab", [](auto& query) { query.search = "ab"; });
  ask("search ab.person12", [](auto& query) { query.search = "ab.person12"; });
  ask("search nothing", [](auto& query) { query.search = "nothing"; });
  ask("serial *77777*", [](auto& query) { query.serial = "77777"; });
  ask("serial *99*", [](auto& query) { query.serial = "99"; });
  ask("serial *zz* (none)", [](auto& query) { query.serial = "zz"; });
  ask("serial *000* (most)", [](auto& query) { query.serial = "000"; });
  ask("of nobody", [](auto& query) { query.upn = "none"; });
  ask("of one user", [](auto& query) { query.upn = "ab.person12@contoso.example"; });
  ask("active", [](auto& query) { query.state = TokenState::active; });
  ask("model *l 2*", [](auto& query) { query.model = "l 2"; });
  ask("unassigned, maker *r 3*", [](auto& query) {
    query.manufacturer = "r 3";
    query.state = TokenState::unassigned;
  });
  return out;
}

void measure_all(Mirror& mirror) {
  for (int column = 0; column < 6; ++column)
    for (const bool descending : {false, true}) {
      const auto order = fmt::format("{}{}", token_column_names()[static_cast<std::size_t>(column)], descending ? ":desc" : "");
      // To walk through all of a million takes long: for each order as a whole, and with each filter in two.
      const bool chosen = (column == 0 && !descending) || (column == 1 && descending);
      for (auto& [name, query] : all_asked()) {
        query.order = {static_cast<TokenColumn>(column), descending};
        measure(mirror, order + " " + name, query, chosen || name.empty());
      }
    }
}

/// Puts a token now and then, as a job does, until it is destroyed; then prints how long that took.
class Putting {
 public:
  explicit Putting(Mirror& mirror)
      : thread_([this, &mirror](const std::stop_token& stop) {
          for (int i = 0; !stop.stop_requested(); ++i) {
            TenantToken token;
            token.serial = fmt::format("P{}", i % 100);
            const auto from = std::chrono::steady_clock::now();
            (void)mirror.put("one", token);
            took_.push_back(ms_since(from));
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
          }
        }) {}
  ~Putting() {
    thread_.request_stop();
    thread_.join();
    const auto longest = std::ranges::max(took_);
    print_times(fmt::format("  put() meanwhile, {} times, at most {:.1f} ms", took_.size(), longest), took_);
  }

 private:
  std::vector<double> took_;
  std::jthread thread_;
};

bool measure_reading(Mirror& mirror, Clock& clock, std::string_view which, MadeUpDirectory directory) {
  const auto base = peak_mib();
  const auto from = std::chrono::steady_clock::now();
  Result<void> done;
  std::size_t told = 0;
  {
    const Putting putting(mirror);
    done = mirror.refresh("one", directory, Deadline::in(std::chrono::hours(1), clock), [&](const auto&) { ++told; });
  }
  if (!done) return fmt::print("{}\n", done.error().what), false;
  fmt::print("{}: {:.1f} s, {} told, peak {} MiB, {} before\n", which, ms_since(from) / 1000, told, peak_mib(), base);
  std::fflush(stdout);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::size_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  SystemClock clock;
  auto mirror = open_mirror(argv[1], clock);
  if (!mirror) return fmt::print("{}\n", mirror.error().what), 1;
  if (!measure_reading(**mirror, clock, "first reading", {count, 1})) return 1;
  if (!measure_reading(**mirror, clock, "second reading, nothing new", {count, 1})) return 1;
  if (argc > 3) return measure_reading(**mirror, clock, "third reading, everything new", {count, 2}) ? 0 : 1;
  measure_all(**mirror);
  return 0;
}
