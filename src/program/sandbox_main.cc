#include <fmt/format.h>

#include <exception>
#include <functional>

#include "base/log.h"
#include "cli/terminal/command_line.h"
#include "cli/terminal/exit_code.h"
#include "cli/terminal/output.h"
#include "cli/terminal/usage.h"
#include "program/process_hardening.h"
#include "program/sandbox_command.h"
#include "program/start_sandbox.h"

/// The program `portalkey-sandbox`, which `portalkey sandbox` becomes.
int main(int argc, char** argv) {
  using namespace portalkey;
  harden_process();
  try {
    CommandLine line("portalkey sandbox", kSandboxIs, "portalkey-sandbox " PORTALKEY_VERSION);
    const Command program = line.program();
    program.require_subcommand();
    int verbosity = 0;
    program.flag("-v,--verbose", verbosity, "Log to standard error; twice for more");
    std::function<int()> run;
    add_sandbox_run(program, run);
    try {
      if (!line.parse(argc, argv)) return 0;
    } catch (const WrongUsage& error) {
      return report_usage(program, error, argc, argv);
    }
    set_log_level(verbosity >= 2 ? LogLevel::debug : verbosity == 1 ? LogLevel::info : LogLevel::warning);
    return run();
  } catch (const std::exception& error) {
    say(fmt::format("error: the sandbox failed unexpectedly ({})\n  what to do: please report this\n", error.what()));
    return static_cast<int>(ExitCode::failed);
  }
}
