// Every file in tests/data/seeds, compared with what expected.json says a reader must make of it.

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <set>

#include "reading.h"

namespace portalkey {
namespace {

namespace json = boost::json;

std::string seed_path(std::string_view name) { return TEST_DATA "/seeds/" + std::string(name); }

json::object expectations() { return json::parse(file_text(seed_path("expected.json"))).as_object(); }

Reading read_sample(std::string_view name) {
  Reading reading;
  reading.summary = read_seed_file(seed_path(name), {}, reading);
  return reading;
}

void compare(const TokenSeed& token, const json::object& expected) {
  EXPECT_EQ(token.serial, expected.at("serial").as_string());
  EXPECT_EQ(token.upn, expected.at("upn").as_string());
  EXPECT_EQ(token.manufacturer, expected.at("manufacturer").as_string());
  EXPECT_EQ(token.model, expected.at("model").as_string());
  EXPECT_EQ(token.step.value_or(0), expected.at("step").as_int64());
  EXPECT_EQ(text_of(token.key()), from_hex(expected.at("secretHex").as_string()));
  EXPECT_EQ(why_not_portal(token).empty(), expected.at("portal").as_bool()) << why_not_portal(token);
  EXPECT_EQ(why_not_graph(token).empty(), expected.at("graph").as_bool()) << why_not_graph(token);
  // Left-over bits are kept as the file has them, so only the last character may differ from the canonical form.
  const std::string canonical(expected.at("secretBase32").as_string());
  const auto read = text_of(token.base32);
  ASSERT_EQ(read.size(), canonical.size());
  EXPECT_EQ(read.substr(0, read.size() - 1), canonical.substr(0, canonical.size() - 1));
}

TEST(SampleFiles, AreReadAsExpected) {
  const auto all = expectations();
  ASSERT_GE(all.size(), 42U);
  for (const auto& item : all) {
    SCOPED_TRACE(std::string(item.key()));
    const auto& expected = item.value().as_object();
    const auto reading = read_sample(item.key());
    const auto& outcome = expected.at("outcome").as_string();
    if (outcome == "error") {
      ASSERT_FALSE(reading.summary);
      EXPECT_EQ(reading.summary.error().code, Errc::invalid_input);
      EXPECT_FALSE(reading.summary.error().remedy.empty());
      continue;
    }
    ASSERT_TRUE(reading.summary) << reading.summary.error().what;
    EXPECT_EQ(reading.summary->format, "entra-csv");
    const auto tokens = reading.good();
    const auto& wanted = expected.at("tokens").as_array();
    ASSERT_EQ(tokens.size(), wanted.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) compare(*tokens[i], wanted[i].as_object());
    std::set<std::int64_t> lines, wanted_lines;
    for (const auto& problem : reading.problems) lines.insert(problem.line);
    if (const auto* errors = expected.if_contains("errors")) {
      for (const auto& line : errors->as_array()) wanted_lines.insert(line.as_int64());
    }
    EXPECT_EQ(lines, wanted_lines);
    EXPECT_EQ(reading.summary->tokens, static_cast<std::int64_t>(tokens.size()));
    EXPECT_EQ(reading.summary->problems, static_cast<std::int64_t>(reading.problems.size()));
  }
}

TEST(SampleFiles, CutAtEveryByteNeverInventsAToken) {
  for (const auto& item : expectations()) {
    const auto text = file_text(seed_path(item.key()));
    const auto whole = read_text(text);
    std::set<std::string> serials;
    for (const auto& token : whole.tokens) serials.insert(token.serial);
    for (std::size_t n = 0; n < text.size(); ++n) {
      const auto reading = read_text(std::string_view(text).substr(0, n), SecretEncoding::detect, 4096 + n % 7, 1 + n % 61);
      if (!reading.summary || !whole.summary) continue;
      for (std::size_t i = 0; i + 1 < reading.tokens.size(); ++i) {
        EXPECT_TRUE(serials.contains(reading.tokens[i].serial)) << item.key() << " cut at " << n;
      }
    }
  }
}

TEST(SampleFiles, NoKeyInAnyMessage) {
  for (const auto& item : expectations()) {
    const auto said = read_sample(item.key()).said();
    for (const auto& token : item.value().as_object().at("tokens").as_array()) {
      const std::string key(token.as_object().at("secretBase32").as_string());
      EXPECT_EQ(said.find(key.substr(0, 8)), std::string::npos) << item.key();
    }
  }
}

TEST(SampleFiles, Demo) {
  const auto reading = read_sample("demo/contoso-tokens.csv");
  ASSERT_TRUE(reading.summary);
  EXPECT_EQ(reading.summary->rows, 159);
  EXPECT_EQ(reading.summary->tokens, 152);
  EXPECT_EQ(reading.summary->problems, 7);
  EXPECT_TRUE(reading.summary->withdrawn.empty());
  EXPECT_TRUE(reading.warnings.empty());
  std::set<std::string> fields;
  for (const auto& problem : reading.problems) fields.insert(problem.field);
  EXPECT_EQ(fields, (std::set<std::string>{"serial number", "time interval", "secret key", "upn", "row"}));
}

}  // namespace
}  // namespace portalkey
