#include "cli/terminal/completion.h"

#include <algorithm>
#include <optional>

namespace portalkey {
namespace {

/// Where a command line has come to.
struct Place {
  Command command;
  std::vector<OptionFacts> options;    ///< its own and those of the commands above it
  std::size_t arguments = 0;           ///< seen so far
  std::optional<OptionFacts> wanting;  ///< an option whose value comes next
  bool only_arguments = false;         ///< after --
};

std::optional<OptionFacts> option_named(const std::vector<OptionFacts>& options, std::string_view name) {
  const auto found =
      std::ranges::find_if(options, [&](const auto& one) { return std::ranges::find(one.names, name) != one.names.end(); });
  return found == options.end() ? std::nullopt : std::optional(*found);
}

void step(Place& place, const std::string& word) {
  if (place.wanting) {
    place.wanting.reset();
  } else if (word == "--" && !place.only_arguments) {
    place.only_arguments = true;
  } else if (word.starts_with('-') && word.size() > 1 && !place.only_arguments) {
    const auto option = option_named(place.options, word);
    if (option && !option->value.empty()) place.wanting = option;
  } else {
    const auto commands = place.command.subcommands();
    const auto next = std::ranges::find(commands, word, &Command::name);
    if (next == commands.end()) {
      ++place.arguments;
      return;
    }
    place.command = *next;
    std::ranges::move(next->options(), std::back_inserter(place.options));
    place.arguments = 0;
  }
}

/// The argument that the next word would be.
std::optional<OptionFacts> next_argument(const Place& place) {
  std::size_t at = 0;
  for (const auto& one : place.command.options()) {
    if (!one.names.empty()) continue;
    if (at++ == place.arguments || one.several) return one;
  }
  return std::nullopt;
}

void offer(Completion& out, const OptionFacts& option, std::string_view begun, const std::vector<std::string>& words,
           const NamesOf& names_of) {
  const auto fits = [&](std::string_view text) { return text.starts_with(begun); };
  for (const auto& value : option.values) {
    if (fits(value)) out.candidates.push_back({value, {}});
  }
  const bool profile = std::ranges::find(option.names, "--profile") != option.names.end();
  for (auto& one : names_of(profile ? "--profile" : std::string_view(option.value), words)) {
    if (fits(one.word)) out.candidates.push_back(std::move(one));
  }
  if (option.value.contains("FILE")) out.others = Completion::Others::files;
  if (option.value == "DIR") out.others = Completion::Others::folders;
}

}  // namespace

Completion complete(Command program, const std::vector<std::string>& words, const NamesOf& names_of) {
  Place place{program, program.options(), 0, std::nullopt, false};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) step(place, words[i]);
  const std::string begun = words.empty() ? "" : words.back();
  Completion out;
  if (place.wanting) {
    offer(out, *place.wanting, begun, words, names_of);
    return out;
  }
  if (begun.starts_with('-') && !place.only_arguments) {
    for (const auto& one : place.options) {
      const auto given = [&](const std::string& name) {
        return std::find(words.begin(), words.end() - 1, name) != words.end() - 1;
      };
      if (!one.several && std::ranges::any_of(one.names, given)) continue;
      for (const auto& name : one.names) {
        if (name.starts_with("--") && name.starts_with(begun)) out.candidates.push_back({name, one.what});
      }
    }
    return out;
  }
  for (const auto& one : place.command.subcommands()) {
    if (one.name().starts_with(begun)) out.candidates.push_back({one.name(), one.what()});
  }
  if (const auto argument = next_argument(place)) offer(out, *argument, begun, words, names_of);
  return out;
}

}  // namespace portalkey
