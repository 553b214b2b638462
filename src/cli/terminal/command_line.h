#pragma once
// What may be typed: commands, their options and arguments, and where the values go. CLI11 reads the command line, behind
// command_line.cc: its headers and templates cost a file that includes them seven seconds, and there is a file a command.
//
// Everything is declared before the one CommandLine::parse, which fills the targets and then calls what was given to the
// chosen command. Targets must outlive it. Names are written as CLI11 wants them: "-y,--yes" is an option, "FILE" an argument.

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace portalkey {

/// What was typed means nothing; may be thrown by whatever is called while the command line is parsed, and by nothing else.
class WrongUsage : public std::runtime_error {
 public:
  using runtime_error::runtime_error;
  /// `about`: the option or command.
  WrongUsage(const std::string& about, const std::string& what) : runtime_error(about + ": " + what) {}
};

template <class Value, class... Values>
concept OneOf = (std::same_as<Value, Values> || ...);

/// What an option can fill. A vector takes several values, from one place or many. An optional stays empty without the option.
template <class Value>
concept OptionValue = OneOf<Value, std::string, std::filesystem::path, std::vector<std::string>, int, std::int64_t,
                            std::uint16_t, std::uint32_t, std::uint64_t, std::optional<int>, std::optional<std::uint64_t>>;

/// An option or argument of a command; a handle, to be copied. Each of the functions returns it again.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  Option required(bool is = true) const;
  Option description(const std::string& what) const;
  /// What the help calls the value: FILE.
  Option type_name(const std::string& name) const;
  /// The heading of the help that it stands under.
  Option group(const std::string& heading) const;
  /// The help tells what the target holds now.
  Option shows_default() const;
  /// Without the option the variable is read.
  Option envname(const std::string& variable) const;
  Option excludes(Option other) const;

  // Checks of each value, in the order given.
  Option one_of(const std::vector<std::string>& values) const;
  Option within(int least, int most) const;
  Option positive() const;
  Option not_negative() const;
  Option existing_file() const;
  /// `why_not` says what is wrong, or nothing; the help shows `form`.
  Option check(const std::function<std::string(const std::string&)>& why_not, const std::string& form) const;
  /// Is shown each value, once the checks before it are passed.
  Option each(const std::function<void(const std::string&)>& look) const;
  /// Makes another value of each, before all checks.
  Option transform(const std::function<std::string(std::string)>& change) const;
  /// The option may be given several times, each time with one value.
  Option repeatable() const;

 private:
  CLI::Option* option_;
};

/// What is known of an option or argument, for those who write about it.
struct OptionFacts {
  std::vector<std::string> names;   ///< `-y`, `--yes`; none: it is an argument
  std::string value;                ///< what the help calls it: `FILE`; empty: a flag
  std::vector<std::string> values;  ///< that it may have; none: any
  std::string what, heading, variable;
  std::string standard;  ///< what it is without the option, where the help tells
  bool required = false, several = false;
};

/// The program or one of its commands; a handle, to be copied.
class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}

  Command subcommand(const std::string& name, const std::string& what) const;
  /// It does nothing itself: one of its subcommands must be named.
  void require_subcommand() const;

  template <OptionValue Value>
  Option option(const std::string& names, Value& target, const std::string& what) const;
  Option option(const std::string& names, const std::function<void(const std::string&)>& take, const std::string& what) const;
  Option option(const std::string& names, const std::function<void(const std::vector<std::string>&)>& take,
                const std::string& what) const;
  Option flag(const std::string& names, bool& target, const std::string& what) const;
  /// Counts how often it is given.
  Option flag(const std::string& names, int& target, const std::string& what) const;
  Option flag(const std::string& names, const std::function<void()>& take, const std::string& what) const;

  /// What the help ends with.
  void footer(const std::string& text) const;
  /// Called if this is the command that was chosen, after all targets are filled.
  void callback(const std::function<void()>& chosen) const;

  /// Whether the option was given; to be asked in a callback.
  bool given(const std::string& option) const;
  const std::string& name() const;
  std::vector<Command> subcommands() const;
  /// Whether it has an option of the name: `--output`.
  bool has(const std::string& option) const;
  /// Of its subcommands the one that was chosen, or of that one's; itself if none was. To be asked once all is parsed.
  Command chosen() const;

  std::string what() const;
  std::string footer() const;
  /// Those that its help lists, its arguments first, in the order in which they were declared.
  std::vector<OptionFacts> options() const;

 private:
  CLI::App* app_;
};

class CommandLine {
 public:
  /// `version` is what --version prints. The options of the program itself may also follow its commands.
  CommandLine(const std::string& program, const std::string& what, const std::string& version);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Command program() const { return Command(*app_); }

  /// False: --help or --version was asked for, and is printed. Throws WrongUsage.
  bool parse(int argc, const char* const* argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace portalkey
