// Any bytes, with the key and the passphrase of the corpus: the reader must end, keep its counts, and hand out only keys that
// decode. The way the bytes arrive must not change the answer.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "seeds/formats/pskc/pskc_reader.h"

namespace {

using namespace portalkey;

void require(bool promise) {
  if (!promise) std::abort();
}

struct Checker final : SeedSink {
  void on_token(TokenSeed&& token) override {
    require(token.line > 0 && token.nth > 0);
    if (!token.base32.empty()) require(!token.key().empty());
    serials.push_back(token.serial);
  }
  void on_problem(RowProblem&& problem) override {
    require(!problem.what.empty());
    problems += problem.warning ? 0 : 1;
  }
  bool operator==(const Checker& o) const { return serials == o.serials && problems == o.problems && ok == o.ok; }

  std::vector<std::string> serials;
  std::int64_t problems = 0;
  bool ok = false;
};

Checker read(std::string_view text, std::size_t at_once) {
  static const Secret key("\x12\x34\x56\x78\x90\x12\x34\x56\x78\x90\x12\x34\x56\x78\x90\x12");
  static const Secret passphrase("qwerty");
  Checker checker;
  MemorySource source(text, at_once);
  SeedFileOptions options;
  options.key = &key;
  options.passphrase = &passphrase;
  options.today = "2026-01-01";
  options.most_pbkdf2_rounds = 1000;
  const auto summary = read_pskc(source, options, checker);
  checker.ok = summary.has_value();
  if (!summary) {
    require(!summary.error().what.empty() && !summary.error().remedy.empty());
  } else {
    require(summary->problems == checker.problems);
    require(summary->tokens + static_cast<std::int64_t>(summary->withdrawn.size()) ==
            static_cast<std::int64_t>(checker.serials.size()));
  }
  return checker;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = read(text, std::string_view::npos);
  require(whole == read(text, 1 + size % 13));
  return 0;
}
