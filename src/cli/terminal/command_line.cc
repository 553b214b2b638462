#include "cli/terminal/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

namespace portalkey {

Option Option::required(bool is) const {
  option_->required(is);
  return *this;
}

Option Option::description(const std::string& what) const {
  option_->description(what);
  return *this;
}

Option Option::type_name(const std::string& name) const {
  option_->type_name(name);
  return *this;
}

Option Option::group(const std::string& heading) const {
  option_->group(heading);
  return *this;
}

Option Option::shows_default() const {
  option_->capture_default_str();
  return *this;
}

Option Option::envname(const std::string& variable) const {
  option_->envname(variable);
  return *this;
}

Option Option::excludes(Option other) const {
  option_->excludes(other.option_);
  return *this;
}

Option Option::one_of(const std::vector<std::string>& values) const {
  option_->check(CLI::IsMember(values));
  return *this;
}

Option Option::within(int least, int most) const {
  option_->check(CLI::Range(least, most));
  return *this;
}

Option Option::positive() const {
  option_->check(CLI::PositiveNumber);
  return *this;
}

Option Option::not_negative() const {
  option_->check(CLI::NonNegativeNumber);
  return *this;
}

Option Option::existing_file() const {
  option_->check(CLI::ExistingFile);
  return *this;
}

Option Option::check(const std::function<std::string(const std::string&)>& why_not, const std::string& form) const {
  option_->check(why_not, form);
  return *this;
}

Option Option::each(const std::function<void(const std::string&)>& look) const {
  option_->each(look);
  return *this;
}

Option Option::transform(const std::function<std::string(std::string)>& change) const {
  option_->transform(change);
  return *this;
}

Option Option::repeatable() const {
  option_->take_all()->allow_extra_args(false);
  return *this;
}

Command Command::subcommand(const std::string& name, const std::string& what) const {
  return Command(*app_->add_subcommand(name, what));
}

void Command::require_subcommand() const { app_->require_subcommand(1); }

template <OptionValue Value>
Option Command::option(const std::string& names, Value& target, const std::string& what) const {
  return Option(*app_->add_option(names, target, what));
}

template Option Command::option(const std::string&, std::string&, const std::string&) const;
template Option Command::option(const std::string&, std::filesystem::path&, const std::string&) const;
template Option Command::option(const std::string&, std::vector<std::string>&, const std::string&) const;
template Option Command::option(const std::string&, int&, const std::string&) const;
template Option Command::option(const std::string&, std::int64_t&, const std::string&) const;
template Option Command::option(const std::string&, std::uint16_t&, const std::string&) const;
template Option Command::option(const std::string&, std::uint32_t&, const std::string&) const;
template Option Command::option(const std::string&, std::uint64_t&, const std::string&) const;
template Option Command::option(const std::string&, std::optional<int>&, const std::string&) const;
template Option Command::option(const std::string&, std::optional<std::uint64_t>&, const std::string&) const;

Option Command::option(const std::string& names, const std::function<void(const std::string&)>& take,
                       const std::string& what) const {
  return Option(*app_->add_option_function<std::string>(names, take, what));
}

Option Command::option(const std::string& names, const std::function<void(const std::vector<std::string>&)>& take,
                       const std::string& what) const {
  return Option(*app_->add_option_function<std::vector<std::string>>(names, take, what));
}

Option Command::flag(const std::string& names, bool& target, const std::string& what) const {
  return Option(*app_->add_flag(names, target, what));
}

Option Command::flag(const std::string& names, int& target, const std::string& what) const {
  return Option(*app_->add_flag(names, target, what));
}

Option Command::flag(const std::string& names, const std::function<void()>& take, const std::string& what) const {
  return Option(*app_->add_flag_callback(names, take, what));
}

void Command::footer(const std::string& text) const { app_->footer(text); }

void Command::callback(const std::function<void()>& chosen) const { app_->callback(chosen); }

bool Command::given(const std::string& option) const { return app_->count(option) > 0; }

const std::string& Command::name() const { return app_->get_name(); }

std::vector<Command> Command::subcommands() const {
  std::vector<Command> commands;
  for (auto* app : app_->get_subcommands([](const CLI::App*) { return true; })) commands.emplace_back(*app);
  return commands;
}

bool Command::has(const std::string& option) const { return app_->get_option_no_throw(option) != nullptr; }

Command Command::chosen() const {
  const auto found = app_->get_subcommands();
  return found.empty() ? *this : Command(*found.front()).chosen();
}

std::string Command::what() const { return app_->get_description(); }
std::string Command::footer() const { return app_->get_footer(); }

std::vector<OptionFacts> Command::options() const {
  std::vector<OptionFacts> out;
  for (const auto* one : app_->get_options([](const CLI::Option* option) { return !option->get_group().empty(); })) {
    OptionFacts facts;
    for (const auto& name : one->get_snames()) facts.names.push_back("-" + name);
    for (const auto& name : one->get_lnames()) facts.names.push_back("--" + name);
    if (one->get_type_size() != 0) {
      facts.value = one->get_type_name();
      // A list of what it may be is a check, which CLI11 keeps in the name: `NAME:{a,b}`.
      const auto from = facts.value.find(":{");
      if (from != std::string::npos && facts.value.ends_with('}')) {
        facts.values = CLI::detail::split(facts.value.substr(from + 2, facts.value.size() - from - 3), ',');
        facts.value.resize(from);
      } else {
        facts.value.resize(std::min(facts.value.find(':'), facts.value.size()));
      }
    }
    if (facts.names.empty()) facts.value = one->get_single_name();
    facts.what = one->get_description();
    facts.heading = one->get_group();
    facts.variable = one->get_envname();
    facts.standard = one->get_default_str();
    facts.required = one->get_required();
    facts.several = one->get_items_expected_max() > 1;
    out.push_back(std::move(facts));
  }
  std::ranges::stable_partition(out, [](const OptionFacts& one) { return one.names.empty(); });
  return out;
}

CommandLine::CommandLine(const std::string& program, const std::string& what, const std::string& version)
    : app_(std::make_unique<CLI::App>(what, program)) {
  app_->set_version_flag("--version", version);
  app_->fallthrough();
}

CommandLine::~CommandLine() = default;

bool CommandLine::parse(int argc, const char* const* argv) {
  try {
    app_->parse(argc, argv);
    return true;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) throw WrongUsage(error.what());
    app_->exit(error);  // prints it
    return false;
  }
}

}  // namespace portalkey
