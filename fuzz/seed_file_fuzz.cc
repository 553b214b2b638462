// Any bytes: the reader must end, keep its counts, and hand out only tokens whose key decodes. The size of the
// pieces in which the bytes arrive must not change the answer. The first byte chooses the encoding of the keys, how the bytes
// arrive, and whether the caller says the time interval, the second one the format.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "seeds/formats/read_seed_file.h"

namespace {

using namespace portalkey;

void require(bool promise) {
  if (!promise) std::abort();
}

/// What the second byte chooses from; nullopt: the reader finds out.
constexpr std::array<std::optional<SeedFormat>, 10> kFormats{
    std::nullopt,           SeedFormat::entra_csv,         SeedFormat::oath_csv,
    SeedFormat::yubico_csv, SeedFormat::rcdevs_csv,        SeedFormat::bitwarden_csv,
    SeedFormat::otpauth,    SeedFormat::otpauth_migration, SeedFormat::safeword_dat,
    SeedFormat::graph_json};

struct Checker final : SeedSink {
  void on_token(TokenSeed&& token) override {
    // Of PSKC and XML a key may have been left out, and types other than these need none. Only rows have lines.
    if (token.type == OtpType::totp || token.type == OtpType::hotp) require(token.base32.empty() || !token.key().empty());
    require(token.place() > 0);
    tokens.push_back(token.place());
  }
  void on_problem(RowProblem&& problem) override {
    require(!problem.what.empty());
    problems += problem.warning ? 0 : 1;
  }
  bool operator==(const Checker& o) const { return tokens == o.tokens && problems == o.problems && ok == o.ok; }

  std::vector<std::int64_t> tokens;
  std::int64_t problems = 0;
  bool ok = false;
};

Checker read(std::string_view text, const SeedFileOptions& options, std::size_t at_once) {
  constexpr std::size_t kMostRow = 8192;
  Checker checker;
  MemorySource source(text, at_once);
  const auto summary = read_seeds(source, options, checker, kMostRow);
  checker.ok = summary.has_value();
  if (!summary) {
    require(!summary.error().what.empty());
    return checker;
  }
  require(summary->problems == checker.problems);
  require(summary->tokens + static_cast<std::int64_t>(summary->withdrawn.size()) ==
          static_cast<std::int64_t>(checker.tokens.size()));
  require(std::ranges::is_sorted(summary->withdrawn));
  for (const auto place : summary->withdrawn) require(std::ranges::count(checker.tokens, place) == 1);
  return checker;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  SeedFileOptions options;
  options.encoding = static_cast<SecretEncoding>(data[0] % 4);
  options.format = kFormats[data[1] % kFormats.size()];
  if (data[0] >= 0x80) options.time_interval = 30;
  options.today = "2026-01-01";
  options.most_pbkdf2_rounds = 1000;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  require(read(text, options, 1 + data[0] % 16U) == read(text, options, std::string_view::npos));
  return 0;
}
