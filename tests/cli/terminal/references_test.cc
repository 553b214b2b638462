#include "cli/terminal/references.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "cli/terminal/pasteable.h"

namespace portalkey::references_test {
namespace {

const std::filesystem::path kSources = std::filesystem::path(TEST_DATA) / "../../src";

/// The string literals of C++ text, those that stand side by side as one.
std::vector<std::string> literals_of(const std::string& text) {
  static const std::regex token(R"re(//[^\n]*|#include[^\n]*|'(?:[^'\\\n]|\\.)'|"((?:[^"\\\n]|\\.)*)"|[^\s"'/#]+|\S)re");
  std::vector<std::string> all;
  bool beside = false;
  for (std::sregex_iterator at(text.begin(), text.end(), token), end; at != end; ++at) {
    const bool literal = (*at)[0].str().starts_with('"');
    if (literal && beside) {
      all.back() += (*at)[1].str();
    } else if (literal) {
      all.push_back((*at)[1].str());
    }
    if (!(*at)[0].str().starts_with("//")) beside = literal;
  }
  return all;
}

/// Calls `look` with each literal below the faces, and the file it stands in.
template <class Look>
void each_literal(Look&& look) {
  std::size_t files = 0;
  for (const char* part :
       {"base", "http", "otp", "seeds", "vault", "entra", "azure", "directory", "jobs", "provision", "doctor", "app"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kSources / part)) {
      const auto kind = entry.path().extension();
      if (kind != ".cc" && kind != ".h") continue;
      ++files;
      std::ifstream file(entry.path());
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      for (const auto& literal : literals_of(text)) look(literal, entry.path().lexically_relative(kSources).string());
    }
  }
  EXPECT_GT(files, 100u);
}

/// Other programs' command lines are words like any other: az, curl, gpg, openssl.
bool of_another_program(const std::string& literal, const std::string& file) {
  static const std::regex another(R"((^|[^a-z])(az|curl|gpg|openssl|timedatectl) )");
  return std::regex_search(literal, another) || file.starts_with("provision/export") ||
         file == "entra/credentials/azure_cli_credential.cc";
}

TEST(References, ATextBelowTheFacesNamesNoCommandAndNoOption) {
  static const std::regex command(R"((portalkey (tokens|users|jobs|session|login|doctor|setup|api|skus|sandbox|--)))");
  static const std::regex option(R"((^|[^\w-])--[a-z])");
  each_literal([](const std::string& literal, const std::string& file) {
    EXPECT_FALSE(std::regex_search(literal, command)) << file << ": " << literal;
    if (!of_another_program(literal, file)) {
      EXPECT_FALSE(std::regex_search(literal, option)) << file << ": " << literal;
    }
  });
}

TEST(References, EveryOneThatIsUsedHasItsWords) {
  static const std::regex reference(R"(\[\[[a-z-]+(\|[^\]]*)?\]\])");
  std::size_t used = 0;
  each_literal([&](const std::string& literal, const std::string& file) {
    for (std::sregex_iterator at(literal.begin(), literal.end(), reference), end; at != end; ++at) {
      ++used;
      const std::string words = in_commands((*at)[0].str());
      EXPECT_TRUE(words.starts_with("portalkey ") || words.starts_with("--") || words.starts_with("tokens "))
          << file << ": " << (*at)[0].str();
    }
  });
  EXPECT_GT(used, 100u);
}

TEST(References, AreCommandsAndOptions) {
  EXPECT_EQ(in_commands("Start over: [[sign-in]]"), "Start over: portalkey login");
  EXPECT_EQ(in_commands("[[assign-to|0012|UPN]]"), "portalkey tokens assign 0012 --user UPN");
  EXPECT_EQ(in_commands("run [[import]] or [[import|FILE]]"), "run portalkey tokens import or portalkey tokens import FILE");
  EXPECT_EQ(in_commands("[[setting|map|upn=COLUMN]], [[setting|again]]"), "--map upn=COLUMN, --again");
  EXPECT_EQ(in_commands("[[start-sandbox|/tmp/my box]]"), "portalkey sandbox run --dir '/tmp/my box'");
  EXPECT_EQ(pasteable("Run [[examine]]."), "Run portalkey doctor.");
}

}  // namespace
}  // namespace portalkey::references_test
