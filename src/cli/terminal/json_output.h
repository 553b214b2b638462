#pragma once
// Results as JSON on standard output: indented for a person on a terminal, on one line for a program, and through jq if --jq
// was given. jq is the program that is installed: its language is what people know from gh, and no library for it or for
// JMESPath is in Debian 12.

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/terminal/command_line.h"
#include "cli/terminal/exit_code.h"
#include "cli/terminal/output.h"

namespace portalkey {

/// Adds --jq to the program. It makes all formats JSON; options of commands are taken after those of the program.
void add_jq_option(Command program);
/// A command has --output, so that its result can be JSON.
void gives_json(const std::shared_ptr<OutputFormat>& format);
/// Whether --jq was given; known once the command line is parsed.
bool jq_wanted();
/// Before anything is done: not_found: jq is not installed; invalid_input: it does not understand the expression.
Result<void> check_jq();

/// One document, in pieces: without jq and a terminal each is written at once.
class JsonOutput {
 public:
  void add(std::string_view piece);
  /// The document is whole.
  void end();

 private:
  std::string held_;
};

/// A whole document.
void print_json(std::string_view document);

/// `code`, or that of a failure if it was 0 and jq could not make of a result what it was asked to.
int after_jq(int code);

}  // namespace portalkey
