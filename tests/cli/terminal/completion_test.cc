#include "cli/terminal/completion.h"

#include <gtest/gtest.h>

namespace portalkey::completion_test {
namespace {

/// A program of two commands, as ours are declared.
struct Program {
  CommandLine line{"prog", "what", "1"};
  std::string text, format, profile;
  std::vector<std::string> jobs;
  bool yes = false;
  Program() {
    const Command app = line.program();
    app.option("--profile", profile, "Whose").type_name("NAME");
    app.flag("-y,--yes", yes, "Do not ask");
    const Command show = app.subcommand("show", "Shows");
    show.option("-o,--output", format, "How").one_of({"table", "json"}).type_name("FORMAT");
    show.option("--report", text, "Where to").type_name("FILE");
    show.option("--dir", text, "Where to").type_name("DIR");
    show.option("JOB", jobs, "Which");
    const Command send = app.subcommand("send", "Sends");
    send.subcommand("all", "Everything");
    send.subcommand("also", "More");
  }
  std::vector<std::string> words(const std::vector<std::string>& typed) { return words_of(completed(typed)); }
  Completion completed(const std::vector<std::string>& typed) {
    return complete(line.program(), typed, [](std::string_view value, const std::vector<std::string>&) {
      if (value == "JOB") return std::vector<Candidate>{{"ab12", "an import"}, {"cd34", ""}};
      if (value == "--profile") return std::vector<Candidate>{{"prod", ""}, {"test", ""}};
      return std::vector<Candidate>{};
    });
  }
  static std::vector<std::string> words_of(const Completion& found) {
    std::vector<std::string> out;
    for (const auto& one : found.candidates) out.push_back(one.word);
    return out;
  }
};

using Words = std::vector<std::string>;

TEST(Completion, OffersCommands) {
  Program program;
  EXPECT_EQ(program.words({"s"}), (Words{"show", "send"}));
  EXPECT_EQ(program.words({"se"}), Words{"send"});
  EXPECT_EQ(program.words({"send", "al"}), (Words{"all", "also"}));
  EXPECT_EQ(program.words({"send", "all", ""}), Words{});
  EXPECT_EQ(program.words({}), (Words{"show", "send"}));
}

TEST(Completion, OffersTheOptionsOfTheCommandAndOfTheProgramOnce) {
  Program program;
  EXPECT_EQ(program.words({"--y"}), Words{"--yes"});
  EXPECT_EQ(program.words({"show", "--"}),
            (Words{"--help", "--version", "--profile", "--yes", "--help", "--output", "--report", "--dir"}));
  EXPECT_EQ(program.words({"show", "-o", "json", "--o"}), Words{}) << "it was given by its short name";
}

TEST(Completion, OffersAnOptionsValues) {
  Program program;
  EXPECT_EQ(program.words({"show", "-o", ""}), (Words{"table", "json"}));
  EXPECT_EQ(program.words({"show", "--output", "j"}), Words{"json"});
  EXPECT_EQ(program.words({"show", "--profile", "p"}), Words{"prod"});
  EXPECT_EQ(program.words({"--profile", ""}), (Words{"prod", "test"}));
}

TEST(Completion, LeavesFilesAndFoldersToTheShell) {
  Program program;
  EXPECT_EQ(program.completed({"show", "--report", ""}).others, Completion::Others::files);
  EXPECT_EQ(program.completed({"show", "--dir", ""}).others, Completion::Others::folders);
  EXPECT_EQ(program.completed({"show", ""}).others, Completion::Others::none);
}

TEST(Completion, OffersWhatAnArgumentMayBe) {
  Program program;
  EXPECT_EQ(program.words({"show", ""}), (Words{"ab12", "cd34"}));
  EXPECT_EQ(program.words({"show", "ab12", "c"}), Words{"cd34"}) << "it takes several";
  EXPECT_EQ(program.words({"show", "--", "a"}), Words{"ab12"});
  EXPECT_EQ(program.words({"--profile", "show", "sh"}), Words{"show"}) << "the first show is a profile's name";
}

}  // namespace
}  // namespace portalkey::completion_test
