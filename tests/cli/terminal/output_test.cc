#include "cli/terminal/output.h"

#include <gtest/gtest.h>

namespace portalkey::output_test {
namespace {

TEST(Harmless, LeavesTerminalsNothingToObey) {
  EXPECT_EQ(harmless("a\x1b[2Jb\x7f\r"), "a?[2Jb??");
  EXPECT_EQ(harmless("a\xc2\x9b"
                     "2Jb"),
            "a?2Jb");
  EXPECT_EQ(harmless("Zoë ¡Hola! \xc2\xa0"), "Zoë ¡Hola! \xc2\xa0");
}

TEST(Table, ColumnsLineUpAlsoWithNonAsciiText) {
  Table table({"SERIAL", "UPN", "STATE"});
  table.add({"0012", "j\xc3\xb6rg@contoso.com", "active"});
  table.add({"1", "a@b.c", ""});
  EXPECT_EQ(table.text(), "SERIAL  UPN               STATE\n0012    j\xc3\xb6rg@contoso.com  active\n1       a@b.c\n");
}

TEST(Table, EscapeSequencesFromFilesDoNotReachTheTerminal) {
  Table table({"X"});
  table.add({"\033[2Jevil\nline"});
  EXPECT_EQ(table.text(), "X\n?[2Jevil line\n");
}

}  // namespace
}  // namespace portalkey::output_test
