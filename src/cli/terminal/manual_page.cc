#include "cli/terminal/manual_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/ascii.h"

namespace portalkey {
namespace {

/// As it is read, whatever it is to roff: its escapes, and a control line's first letter.
std::string text(std::string_view plain) {
  std::string out;
  bool begins = true;
  for (const char c : plain) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    begins = c == '\n';
  }
  return out;
}

std::string in_quotes(std::string_view plain) {
  std::string out = text(plain);
  for (auto at = out.find('"'); at != std::string::npos; at = out.find('"', at + 2)) out.replace(at, 1, "\"\"");
  return "\"" + out + "\"";
}

std::string full_name(const std::vector<Command>& path, std::string_view between) {
  std::string out;
  for (const auto& one : path) out += (out.empty() ? "" : std::string(between)) + one.name();
  return out;
}

std::string synopsis(const std::vector<Command>& path) {
  std::string out = fmt::format("\\fB{}\\fR", text(full_name(path, " ")));
  bool options = false;
  for (const auto& one : path.back().options()) options |= !one.names.empty();
  if (options) out += " [\\fIoptions\\fR]";
  for (const auto& one : path.back().options()) {
    if (!one.names.empty()) continue;
    const std::string name = fmt::format("\\fI{}\\fR{}", text(one.value), one.several ? " ..." : "");
    out += one.required ? " " + name : " [" + name + "]";
  }
  if (!path.back().subcommands().empty()) out += " \\fIcommand\\fR";
  return out;
}

std::string entry(const OptionFacts& one) {
  std::string head;
  for (const auto& name : one.names) head += fmt::format("{}\\fB{}\\fR", head.empty() ? "" : ", ", text(name));
  if (!one.value.empty()) head += fmt::format("{}\\fI{}\\fR", head.empty() ? "" : " ", text(one.value));
  std::string what = one.what;
  std::string values;
  for (const auto& value : one.values) values += (values.empty() ? "" : ", ") + value;
  if (!values.empty() && !what.contains(one.values.front())) what += fmt::format(" ({})", values);
  if (!one.standard.empty()) what += fmt::format(" (default: {})", one.standard);
  if (!one.variable.empty()) what += fmt::format(" (environment: {})", one.variable);
  if (one.required && !one.names.empty()) what += " (required)";
  return fmt::format(".TP\n{}\n{}\n", head, text(what));
}

std::string entries(const std::vector<OptionFacts>& options, bool arguments) {
  std::string out;
  for (const auto& one : options) {
    if (one.names.empty() == arguments) out += entry(one);
  }
  return out;
}

std::string section(std::string_view title, std::string body) {
  return body.empty() ? "" : fmt::format(".SH {}\n{}", title, body);
}

/// A footer's examples stand as they are typed; other lines are prose.
std::string as_typed(std::string_view footer) {
  if (footer.empty()) return {};
  return fmt::format(".nf\n{}\n.fi\n", text(footer));
}

}  // namespace

std::string manual_name(const std::vector<Command>& path) { return full_name(path, "-"); }

std::string manual_page(const std::vector<Command>& path, const std::string& version) {
  const Command command = path.back();
  std::string name = manual_name(path), title = name;
  std::ranges::transform(title, title.begin(), to_upper);
  std::string out = fmt::format(".TH {} 1 \"\" {} \"User Commands\"\n", in_quotes(title), in_quotes(version));
  out += section("NAME", fmt::format("{} \\- {}\n", text(name), text(command.what())));
  out += section("SYNOPSIS", synopsis(path) + "\n");
  std::string commands;
  for (const auto& one : command.subcommands())
    commands += fmt::format(".TP\n\\fB{}\\fR\n{}\n", text(one.name()), text(one.what()));
  out += section("COMMANDS", commands);
  out += section("ARGUMENTS", entries(command.options(), true));
  out += section("OPTIONS", entries(command.options(), false));
  if (path.size() > 1) out += section(in_quotes("OPTIONS OF EVERY COMMAND"), entries(path.front().options(), false));
  out += section("NOTES", as_typed(command.footer()));
  std::string others;
  if (path.size() > 1) {
    const std::vector<Command> above(path.begin(), path.end() - 1);
    others = fmt::format("\\fB{}\\fR(1)", text(manual_name(above)));
  }
  for (const auto& one : command.subcommands())
    others += fmt::format("{}\\fB{}\\fR(1)", others.empty() ? "" : ",\n", text(name + "-" + one.name()));
  out += section(in_quotes("SEE ALSO"), others.empty() ? "" : others + "\n");
  return out;
}

}  // namespace portalkey
