#include "cli/terminal/rows.h"

#include <gtest/gtest.h>

namespace portalkey::rows_test {
namespace {

Rows two_rows() {
  Rows rows({"serial number", "upn", "interval"});
  rows.add({"0012", "j\xc3\xb6rg@contoso.com", Cell::number(30, "30 s")});
  rows.add({"=1+1", "a,b \"c\"", Cell::nothing()});
  return rows;
}

TEST(Rows, AsATableHasWordsForPeople) {
  EXPECT_EQ(two_rows().text(OutputFormat::table),
            "SERIAL NUMBER  UPN               INTERVAL\n0012           j\xc3\xb6rg@contoso.com  30 s\n=1+1           a,b \"c\""
            "           -\n");
}

TEST(Rows, AsCsvAreQuotedWhereTheyNeedItAndNoFormulas) {
  EXPECT_EQ(two_rows().text(OutputFormat::csv),
            "serial number,upn,interval\r\n0012,j\xc3\xb6rg@contoso.com,30\r\n'=1+1,\"a,b \"\"c\"\"\",\r\n");
}

TEST(Rows, AsTsvHaveNoTabsOrLineEndsInAField) {
  Rows rows({"a", "b"});
  rows.add({"x\ty\r\nz", "@SUM(1)"});
  EXPECT_EQ(rows.text(OutputFormat::tsv), "a\tb\nx y  z\t'@SUM(1)\n");
}

TEST(Rows, BeginWithAByteOrderMarkOnRequest) {
  Rows rows({"a"});
  EXPECT_EQ(rows.text(OutputFormat::csv_with_mark),
            "\xef\xbb\xbf"
            "a\r\n");
  EXPECT_EQ(rows.text(OutputFormat::tsv_with_mark),
            "\xef\xbb\xbf"
            "a\n");
}

TEST(Rows, ANegativeNumberIsNoFormulaAndAFormulaBehindASemicolonIsOne) {
  Rows rows({"a", "b"});
  rows.add({Cell::number(-45), "x;=cmd"});
  EXPECT_EQ(rows.text(OutputFormat::csv), "a,b\r\n-45,\"x;'=cmd\"\r\n");
}

TEST(Rows, WhatATerminalWouldObeyIsNotPrinted) {
  Rows rows({"a"});
  rows.add({"\033[2Jevil"});
  EXPECT_EQ(rows.text(OutputFormat::csv), "a\r\n\" [2Jevil\"\r\n");
}

}  // namespace
}  // namespace portalkey::rows_test
