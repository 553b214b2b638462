#include "cli/terminal/pasteable.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include "cli/terminal/references.h"
#include "cli/terminal/shell_word.h"

namespace portalkey {
namespace {

constexpr std::string_view kProgram = "portalkey ";
/// Those that take the options. `portalkey sandbox run` takes the folder its own way.
constexpr std::array<std::string_view, 9> kWithOptions{"tokens", "users", "jobs", "session", "login",
                                                       "doctor", "setup", "api",  "skus"};

GivenOptions& options() {
  static GivenOptions given;
  return given;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '/'; }

}  // namespace

void remember_options(GivenOptions given) { options() = std::move(given); }

std::string pasteable(std::string_view with_references) {
  const std::string words = in_commands(with_references);
  const std::string_view text = words;
  std::string out;
  std::size_t done = 0;
  for (auto at = text.find(kProgram); at != std::string_view::npos; at = text.find(kProgram, at + 1)) {
    const auto after = at + kProgram.size();
    const auto end = std::ranges::find_if_not(text.substr(after), is_word) - text.begin();
    const auto command = text.substr(after, static_cast<std::size_t>(end) - after);
    if ((at > 0 && is_word(text[at - 1])) || std::ranges::find(kWithOptions, command) == kWithOptions.end()) continue;
    const auto rest = text.substr(after, text.find(kProgram, after) - after);
    out += text.substr(done, after - done);
    for (const auto& [name, value] : options()) {
      if (!rest.contains(name + " ")) out += name + " " + shell_word(value) + " ";
    }
    done = after;
  }
  out += text.substr(done);
  constexpr std::string_view kFolder = "portalkey sandbox run --dir DIR";
  const auto sandbox = std::ranges::find(options(), "--sandbox", [](const auto& option) { return option.first; });
  if (const auto at = out.find(kFolder); at != std::string::npos && sandbox != options().end())
    out.replace(at + kFolder.size() - 3, 3, shell_word(sandbox->second));
  return out;
}

}  // namespace portalkey
