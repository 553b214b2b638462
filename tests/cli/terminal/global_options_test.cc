#include "cli/terminal/global_options.h"
#include "cli/terminal/pasteable.h"

#include <gtest/gtest.h>

#include "cli/terminal/command.h"
#include "cli/terminal/shell_word.h"

namespace portalkey::global_options_test {
namespace {

struct Pasteable : testing::Test {
  Globals globals;
  ~Pasteable() override { remember_global_options({}); }
};

TEST_F(Pasteable, AHintRepeatsWhereTheRunWorks) {
  globals.profile.sandbox = "/tmp/sand box";
  globals.profile.name = "prod";
  globals.profile.config = "my.toml";
  globals.profile.backend = Backend::graph;
  remember_global_options(globals);
  const std::string options = "--config my.toml --profile prod --sandbox '/tmp/sand box' --backend graph ";
  EXPECT_EQ(pasteable("Resume with: portalkey jobs resume A, or see portalkey jobs list."),
            "Resume with: portalkey " + options + "jobs resume A, or see portalkey " + options + "jobs list.");
  EXPECT_EQ(pasteable("(portalkey login)."), "(portalkey " + options + "login).");
  EXPECT_EQ(pasteable("Start it: portalkey sandbox run --dir DIR"), "Start it: portalkey sandbox run --dir '/tmp/sand box'");
}

TEST_F(Pasteable, WhatTheHintSaysItselfIsLeftToIt) {
  globals.profile.backend = Backend::graph;
  globals.profile.name = "p'q";
  remember_global_options(globals);
  EXPECT_EQ(pasteable("portalkey tokens remove 1 --backend portal"),
            "portalkey --profile 'p'\\''q' tokens remove 1 --backend portal");
  for (const char* text : {"portalkey sandbox run --dir DIR", "this portalkey knows tokens", "see portalkey --help",
                           "/usr/bin/myportalkey tokens list", "portalkey"}) {
    EXPECT_EQ(pasteable(text), text);
  }
}

TEST(ShellWord, IsOneWord) {
  const std::pair<const char*, const char*> rows[] = {{"", "''"},           {"plain/x-1.toml", "plain/x-1.toml"},
                                                      {"a b", "'a b'"},     {"it's", "'it'\\''s'"},
                                                      {"~/x", "'~/x'"},     {"a~b", "a~b"},
                                                      {"$HOME", "'$HOME'"}, {"a\"b", "'a\"b'"},
                                                      {"x;y", "'x;y'"},     {"\xC3\xA9", "'\xC3\xA9'"}};
  for (const auto& [text, word] : rows) EXPECT_EQ(shell_word(text), word);
}

TEST_F(Pasteable, NothingIsAddedWhereNothingWasGiven) {
  remember_global_options(globals);
  EXPECT_EQ(pasteable("portalkey jobs list"), "portalkey jobs list");
}

}  // namespace
}  // namespace portalkey::global_options_test
