#include "cli/terminal/manual_page.h"

#include <gtest/gtest.h>

namespace portalkey::manual_page_test {
namespace {

TEST(ManualPage, IsMadeOfWhatTheHelpSays) {
  CommandLine line("prog", "Does things", "1");
  std::string profile, file, how;
  line.program().option("--profile", profile, "Whose").type_name("NAME");
  const Command group = line.program().subcommand("group", "Several");
  const Command show = group.subcommand("show", "Shows a file");
  show.option("FILE", file, "Which").required();
  show.option("-o,--output", how, "How").one_of({"a", "b"}).type_name("FORMAT");
  show.footer(".begins with a dot\n'and \\ a backslash");
  const std::string page = manual_page({line.program(), group, show}, "prog 1");
  for (const char* part : {
           ".TH \"PROG\\-GROUP\\-SHOW\" 1 \"\" \"prog 1\" \"User Commands\"\n",
           ".SH NAME\nprog\\-group\\-show \\- Shows a file\n",
           ".SH SYNOPSIS\n\\fBprog group show\\fR [\\fIoptions\\fR] \\fIFILE\\fR\n",
           ".SH ARGUMENTS\n.TP\n\\fIFILE\\fR\nWhich\n",
           ".TP\n\\fB\\-o\\fR, \\fB\\-\\-output\\fR \\fIFORMAT\\fR\nHow (a, b)\n",
           ".SH \"OPTIONS OF EVERY COMMAND\"\n",
           ".SH NOTES\n.nf\n\\&.begins with a dot\n\\&'and \\e a backslash\n.fi\n",
           ".SH \"SEE ALSO\"\n\\fBprog\\-group\\fR(1)\n",
       }) {
    EXPECT_TRUE(page.contains(part)) << part << "\nin\n" << page;
  }
  EXPECT_TRUE(manual_page({line.program()}, "prog 1").contains("\\fBprog\\-group\\fR(1)\n"));
  EXPECT_EQ(manual_name({line.program(), group, show}), "prog-group-show");
}

}  // namespace
}  // namespace portalkey::manual_page_test
