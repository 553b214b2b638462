// Whatever a file holds, reading it in portions on several threads must say the same, in the same order, as reading it through.
#include <gtest/gtest.h>

#include <random>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

/// Everything the sink gets, in one text.
struct Log final : SeedSink {
  void on_token(TokenSeed&& token) override {
    text += std::to_string(token.line) + "|" + token.upn + "|" + token.serial + "|" + text_of(token.base32) + "|" +
            token.manufacturer + "|" + token.model + "|" + std::to_string(*token.step) + "\n";
  }
  void on_problem(RowProblem&& problem) override {
    text += std::to_string(problem.line) + "|" + problem.serial + "|" + problem.upn + "|" + problem.field + "|" + problem.what +
            "|" + problem.remedy + (problem.warning ? "|warning\n" : "\n");
  }
  std::string text;
};

std::string log_of(std::string_view file, const ReadingPlan& plan, std::size_t at_once = std::string_view::npos) {
  Log log;
  MemorySource source(file, at_once);
  const auto summary = read_seeds(source, {}, log, plan);
  if (!summary) {
    log.text += "error: " + summary.error().what + "|" + summary.error().remedy;
    for (const auto& [key, value] : summary.error().context) log.text += "|" + key + "=" + value;
    return log.text;
  }
  log.text += std::to_string(summary->rows) + " rows, " + std::to_string(summary->tokens) + " tokens, " +
              std::to_string(summary->problems) + " problems; withdrawn:";
  for (const auto line : summary->withdrawn) log.text += " " + std::to_string(line);
  for (const auto& note : summary->notes) log.text += "\n" + note;
  return log.text;
}

void expect_same(const std::string& file, std::mt19937& random) {
  const std::size_t buffer = 200 + random() % 300;
  const auto through = log_of(file, {.buffer_bytes = buffer, .threads = 1});
  EXPECT_EQ(log_of(file, {.buffer_bytes = buffer}, 1 + random() % 100), through);
  for (const unsigned threads : {2U, 3U}) {
    const std::size_t portion = 1 + random() % (random() % 2 == 0 ? 50 : 700);
    ASSERT_EQ(log_of(file, {.buffer_bytes = buffer, .threads = threads, .portion_bytes = portion, .alone_up_to = 0}), through)
        << threads << " threads, portions of " << portion << ", buffer of " << buffer << ":\n"
        << file;
  }
}

/// Rows as they are and as they are not meant to be, of few serial numbers and users.
std::string random_rows(std::mt19937& random) {
  const auto one_of = [&](std::initializer_list<const char*> texts) { return texts.begin()[random() % texts.size()]; };
  std::string file(kHeader);
  const std::size_t rows = random() % 120;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto n = std::to_string(random() % 150);
    const char* const quote = one_of({"", "", "", "\"", "\"", " \""});
    const char* const end = one_of({"\n", "\n", "\r\n", "\r", "\n\n", "\n# a \"comment\n", "\n,,,,,\n"});
    switch (random() % 16) {
      case 0: file += one_of({"\"", "a,\"", "\"a\nb", "a\"b", "\"a\" b,", "\"a\"\"\n\"\"b\"", "\r", "\"\r\n"}); break;
      case 1: file += "a@b.c,1,2," + std::string(random() % 600, 'x') + end; break;
      case 2: file += "a@b.c," + n + ",223344552233445522334455223344aa,30,either,way" + end; break;
      default:
        file += std::string("user.with.a.name") + std::to_string(random() % 20) + "@contoso.com," + quote + n +
                (*quote == 0 ? "" : "\"") + "," + one_of({kKey.data(), kKey.data(), "2P62KTLWBSVTYHHQ", "2P62"}) + "," +
                one_of({"30", "60", "30", "45"}) + "," + one_of({"Contoso", "\"Con,\ntoso\"", "\"C\"\"\r\no\"", "C\xC3\xB6"}) +
                ",M" + end;
    }
  }
  return file;
}

TEST(Portions, AsReadThrough) {
  std::mt19937 random(20'261'123);
  for (int i = 0; i < 300 && !HasFailure(); ++i) expect_same(random_rows(random), random);
}

TEST(Portions, AnyCharacters) {
  std::mt19937 random(7);
  for (int i = 0; i < 300 && !HasFailure(); ++i) {
    std::string file(kHeader);
    for (std::size_t n = random() % 400; n > 0; --n) file += "\n\r\"\",,a1 #=@."[random() % 13];
    expect_same(file, random);
  }
}

TEST(Portions, ALargeFileWithTheUsualPlan) {
  std::mt19937 random(3);
  std::string file(kHeader);
  for (int i = 0; i < 30'000; ++i) {
    const auto n = std::to_string(random() % 25'000);
    file += "user.with.a.name" + n + "@contoso.com," + n + "," + std::string(kKey) + ",30,\"Con\ntoso\",M\r\n";
  }
  ASSERT_GT(file.size(), std::size_t{2} << 20);
  EXPECT_EQ(log_of(file, {.threads = 2}), log_of(file, {.threads = 1}));
}

// The first row is read before anybody knows how many there are.
TEST(Portions, TheFirstRowOfALargeFileWithoutAHeaderComesAgain) {
  std::string file;
  const auto add = [&](int serial, std::string_view model) {
    file += "user.with.a.name" + std::to_string(serial) + "@contoso.com," + std::to_string(serial) + "," + std::string(kKey) +
            ",30,Contoso," + std::string(model) + "\n";
  };
  for (int serial = 100'000; serial < 180'000; ++serial) add(serial, "C200");
  add(100'000, "C300");
  const auto said = log_of(file, {.threads = 2});
  EXPECT_EQ(said, log_of(file, {.threads = 1}));
  EXPECT_NE(said.find("80001 rows, 79999 tokens, 2 problems; withdrawn: 1\n"), std::string::npos)
      << said.substr(said.rfind(" rows,") - 10);
}

}  // namespace
}  // namespace portalkey
