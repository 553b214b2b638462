// A stand-in for `portalkey sandbox run` while that does not exist: the same options, nothing else.
#include <CLI/CLI.hpp>
#include <functional>

#include "base/process_hardening.h"
#include "cli/sandbox_command.h"

int main(int argc, char** argv) {
  portalkey::harden_process();
  CLI::App app("portalkey sandbox, development build");
  std::function<int()> run = [] { return 2; };
  portalkey::add_sandbox_command(app, run);
  CLI11_PARSE(app, argc, argv);
  return run();
}
