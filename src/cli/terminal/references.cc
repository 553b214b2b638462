#include "cli/terminal/references.h"

#include <algorithm>
#include <optional>

#include "base/remedy.h"
#include "cli/terminal/shell_word.h"

namespace portalkey {
namespace {

struct Words {
  std::string_view code;
  std::string_view command;  ///< `{}` stands for the first parameter, and so on; what is not given leaves nothing
};

// Each code that a text below the command line may use. What a service says to each is its own table.
constexpr Words kCommands[] = {
    {"sign-in", "portalkey login"},
    {"sign-in-by-device-code", "portalkey login --device-code"},
    {"refresh-session", "portalkey session refresh"},
    {"reset-session", "portalkey session reset"},
    {"examine", "portalkey doctor"},
    {"examine-and-redeem", "portalkey doctor --redeem"},
    {"list-tokens", "portalkey tokens list"},
    {"import", "portalkey tokens import{}"},
    {"activate", "portalkey tokens activate{}"},
    {"assign", "portalkey tokens assign{}"},
    {"assign-to", "portalkey tokens assign{} --user{}"},
    {"unassign", "portalkey tokens unassign{}"},
    {"remove", "portalkey tokens remove{}"},
    {"leave-through", "portalkey tokens leave{} --backend{}"},
    {"remove-through", "portalkey tokens remove{} --backend{}"},
    {"validate", "portalkey tokens validate{}"},
    {"plan-tokens", "tokens plan"},
    {"plan-pruning", "portalkey tokens plan{} --prune"},
    {"apply", "portalkey tokens apply{}"},
    {"replace-by-list", "portalkey tokens replace{} --list{}"},
    {"check-code", "portalkey tokens check"},
    {"list-jobs", "portalkey jobs list"},
    {"resume-job", "portalkey jobs resume{}"},
    {"show-job", "portalkey jobs show{}"},
    {"cancel-job", "portalkey jobs cancel{}"},
    {"forget-job", "portalkey jobs forget{}"},
    {"set-up", "portalkey setup"},
    {"plan-set-up", "portalkey setup plan"},
    {"apply-set-up", "portalkey setup apply"},
    {"export-set-up", "portalkey setup export"},
    {"licences", "portalkey api GET /api/AccountSkus -o raw"},
    {"portal-operations", "portalkey portal operations"},
    {"call-portal", "portalkey api GET /api/…"},
    {"through-standard-input", "portalkey … -"},
};

std::string filled(std::string_view command, const std::vector<std::string>& parameters) {
  std::string out;
  std::size_t next = 0;
  for (auto at = command.find("{}"); at != std::string_view::npos; at = command.find("{}")) {
    out += command.substr(0, at);
    if (next < parameters.size()) out += " " + parameters[next++];
    command.remove_prefix(at + 2);
  }
  return out + std::string(command);
}

std::optional<std::string> words_of(const Reference& reference) {
  const auto& [code, parameters] = reference;
  if (code == "start-sandbox" && parameters.size() == 1) return "portalkey sandbox run --dir " + shell_word(parameters[0]);
  if (code == "setting" && !parameters.empty()) {  // of the request, by its name and, if it is to have one, its value
    std::string out = "--" + parameters[0];
    for (std::size_t i = 1; i < parameters.size(); ++i) out += " " + parameters[i];
    return out;
  }
  const auto known = std::ranges::find(kCommands, code, &Words::code);
  if (known == std::end(kCommands)) return std::nullopt;
  return filled(known->command, parameters);
}

}  // namespace

std::string in_commands(std::string_view text) { return with_words(text, words_of); }

}  // namespace portalkey
