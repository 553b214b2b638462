// Every file in tests/data/seeds, compared with what expected.json says a reader must make of it.

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "seeds/formats/read_seed_file.h"
#include "seeds/model/entra_takes.h"
#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

namespace json = boost::json;

const std::set<std::string, std::less<>> kReaders{// formats
                                                  "aegis-json", "andotp-json", "bitwarden-csv",     "entra-csv", "graph-json",
                                                  "oath-csv",   "otpauth",     "otpauth-migration", "pgp",       "pskc",
                                                  "rcdevs-csv", "safenet-xml", "safeword-dat",      "unknown",   "yubico-csv"};

std::string seed_path(std::string_view name) { return TEST_DATA "/seeds/" + std::string(name); }

/// What expected.json of every folder says, by file.
json::object expectations() {
  json::object all;
  for (const auto& folder : std::filesystem::directory_iterator(seed_path(""))) {
    const auto list = folder.path() / "expected.json";
    if (!std::filesystem::exists(list)) continue;
    const auto files = json::parse(file_text(list.string()));
    for (const auto& file : files.as_object()) {
      const auto& format = file.value().at("format").as_string();
      if (kReaders.contains(std::string_view(format))) {
        all[folder.path().filename().string() + "/" + std::string(file.key())] = file.value();
      }
    }
  }
  return all;
}

Reading read_sample(std::string_view name, const json::object& expected) {
  SeedFileOptions options;
  Secret key, passphrase;
  if (const auto* unlock = expected.if_contains("unlock")) {
    if (const auto* hex = unlock->as_object().if_contains("pskHex")) {
      key = Secret(from_hex(hex->as_string()));
      options.key = &key;
    }
    if (const auto* text = unlock->as_object().if_contains("passphrase")) {
      passphrase = Secret(std::string_view(text->as_string()));
      options.passphrase = &passphrase;
    }
  }
  Reading reading;
  reading.summary = read_seed_file(seed_path(name), options, reading);
  return reading;
}

/// The text of a member; empty if it is null or not there, as the members of a TokenSeed are.
std::string text_at(const json::object& object, std::string_view member) {
  const auto* value = object.if_contains(member);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}
std::optional<int> number_at(const json::object& object, std::string_view member) {
  const auto* value = object.if_contains(member);
  return value != nullptr && value->is_int64() ? std::optional(static_cast<int>(value->as_int64())) : std::nullopt;
}

void compare(const TokenSeed& token, const json::object& expected) {
  SCOPED_TRACE("serial number " + token.serial);
  EXPECT_EQ(token.serial, text_at(expected, "serial"));
  EXPECT_EQ(token.upn, text_at(expected, "upn"));
  EXPECT_EQ(token.manufacturer, text_at(expected, "manufacturer"));
  EXPECT_EQ(token.model, text_at(expected, "model"));
  EXPECT_EQ(name_of(token.type), text_at(expected, "type"));
  EXPECT_EQ(token.hash ? name_of(*token.hash) : "", text_at(expected, "hash"));
  EXPECT_EQ(token.digits, number_at(expected, "digits"));
  EXPECT_EQ(token.step, number_at(expected, "step"));
  EXPECT_EQ(text_of(token.key()), from_hex(text_at(expected, "secretHex")));
  const auto& entra = expected.at("entra").as_object();
  for (const auto& [backend, name] : {std::pair{Backend::portal, "portal"}, std::pair{Backend::graph, "graph"}}) {
    const auto refused = why_not(token, backend);
    EXPECT_EQ(!refused, entra.at(name).as_bool()) << name << ": " << (refused ? refused->why : "");
  }
  if (token.details) {
    EXPECT_EQ(token.details->issuer, text_at(expected, "issuer"));
    EXPECT_EQ(token.details->label, text_at(expected, "label"));
    EXPECT_EQ(token.details->key_id, text_at(expected, "keyId"));
    EXPECT_EQ(token.details->not_before, text_at(expected, "notBefore"));
    EXPECT_EQ(token.details->not_after, text_at(expected, "notAfter"));
    EXPECT_EQ(token.details->counter, number_at(expected, "counter"));
    EXPECT_EQ(token.details->drift, number_at(expected, "drift"));
  }
  // Left-over bits are kept as the file has them, so only the last character may differ from the canonical form.
  const std::string canonical = text_at(expected, "secretBase32");
  const auto read = text_of(token.base32);
  ASSERT_EQ(read.size(), canonical.size());
  if (!read.empty()) EXPECT_EQ(read.substr(0, read.size() - 1), canonical.substr(0, canonical.size() - 1));
}

TEST(SampleFiles, AreReadAsExpected) {
  const auto all = expectations();
  ASSERT_GE(all.size(), 100U);
  for (const auto& item : all) {
    SCOPED_TRACE(std::string(item.key()));
    const auto& expected = item.value().as_object();
    const auto reading = read_sample(item.key(), expected);
    const auto& outcome = expected.at("outcome").as_string();
    if (outcome == "error") {
      EXPECT_FALSE(reading.summary);
      if (reading.summary) continue;
      EXPECT_EQ(reading.summary.error().code, Errc::invalid_input);
      EXPECT_FALSE(reading.summary.error().remedy.empty());
      continue;
    }
    EXPECT_TRUE(reading.summary) << reading.summary.error().what;
    if (!reading.summary) continue;
    EXPECT_EQ(reading.summary->format, expected.at("format").as_string());
    const auto tokens = reading.good();
    const auto& wanted = expected.at("tokens").as_array();
    EXPECT_EQ(tokens.size(), wanted.size());
    for (std::size_t i = 0; i < std::min(tokens.size(), wanted.size()); ++i) compare(*tokens[i], wanted[i].as_object());
    std::set<std::string> refused, wanted_refused;  // by line, or by serial number where lines tell nothing
    if (const auto* errors = expected.if_contains("errors")) {
      for (const auto& error : errors->as_array()) {
        const auto& where = error.as_object();
        const bool by_line = where.contains("line");
        wanted_refused.insert(by_line ? std::to_string(where.at("line").as_int64()) : text_at(where, "serial"));
        for (const auto& problem : reading.problems) refused.insert(by_line ? std::to_string(problem.line) : problem.serial);
      }
    } else {
      for (const auto& problem : reading.problems) refused.insert(std::to_string(problem.line) + ": " + problem.what);
    }
    EXPECT_EQ(refused, wanted_refused);
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
    const auto& expected = item.value().as_object();
    const auto said = read_sample(item.key(), expected).said();
    if (!expected.contains("tokens")) continue;
    for (const auto& token : expected.at("tokens").as_array()) {
      const auto key = text_at(token.as_object(), "secretBase32");
      if (key.size() >= 16) EXPECT_EQ(said.find(key.substr(0, 8)), std::string::npos) << item.key();
    }
  }
}

TEST(SampleFiles, Demo) {
  const auto reading = read_sample("demo/contoso-tokens.csv", {});
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
