#include "base/spreadsheet_text.h"

#include <gtest/gtest.h>

namespace portalkey::spreadsheet_text_test {
namespace {

constexpr std::string_view kSigns[] = {"=", "+", "-", "@", "\t", "\r", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20", "\u2212"};
constexpr std::string_view kBefore[] = {"",       " ",      "\"",     "'",      "\u00A0", "\u200B", "\uFEFF",
                                        "\u202E", "\u3000", " \" \"", "\u201C", "\n",     "\x01",   "\u00AD"};

TEST(SpreadsheetText, NoCellBeginsAFormula) {
  for (const auto sign : kSigns) {
    for (const auto before : kBefore) {
      for (const std::string_view ahead : {"", "x;", "x; ", ";;", "\"x\";"}) {
        const std::string field = std::string(ahead) + std::string(before) + std::string(sign) + "cmd|' /C calc'!A0";
        EXPECT_TRUE(has_formula(field)) << field;
        const std::string text = spreadsheet_text(field);
        EXPECT_EQ(text,
                  std::string(ahead.substr(0, ahead.find_last_of(';') + 1)) + "'" + field.substr(ahead.find_last_of(';') + 1));
        EXPECT_FALSE(has_formula(without_formulas(field))) << field;
      }
    }
  }
}

TEST(SpreadsheetText, WhatIsNoFormulaStays) {
  for (const std::string_view field :
       {"", "2308123", "a=b", "a-b; c@d.e", "J\u00F6rg", ";", "x; y", "1+1", "not \xff UTF-8 ="}) {
    EXPECT_FALSE(has_formula(field)) << field;
    EXPECT_EQ(spreadsheet_text(field), field);
    EXPECT_EQ(without_formulas(field), field);
  }
}

TEST(SpreadsheetText, FormulasCanBeTakenOut) {
  EXPECT_EQ(without_formulas("=1+1"), "1+1");
  EXPECT_EQ(without_formulas(" =+-@ x"), "x");
  EXPECT_EQ(without_formulas("Feitian;=1;\uFF1D2"), "Feitian;1;2");
}

}  // namespace
}  // namespace portalkey::spreadsheet_text_test
