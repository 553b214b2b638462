#include "cli/tokens/tokens_command.h"

namespace portalkey {

void add_tokens_command(Command app, const Globals& globals, Run& run) {
  const auto tokens =
      app.subcommand("tokens", "Hardware OATH tokens: check and convert seed files, import, activate, list, remove");
  tokens.require_subcommand();
  add_tokens_validate(tokens, globals, run);
  add_tokens_convert(tokens, run);
  add_tokens_code(tokens, run);
  add_tokens_check(tokens, run);
  add_tokens_import(tokens, globals, run);
  add_tokens_activate(tokens, globals, run);
  add_tokens_assign(tokens, globals, run);
  add_tokens_unassign(tokens, globals, run);
  add_tokens_replace(tokens, globals, run);
  add_tokens_plan(tokens, globals, run);
  add_tokens_apply(tokens, globals, run);
  add_tokens_list(tokens, globals, run);
  add_tokens_show(tokens, globals, run);
  add_tokens_report(tokens, globals, run);
  add_tokens_remove(tokens, globals, run);
  add_tokens_leave(tokens, globals, run);
  add_tokens_move(tokens, globals, run);
}

}  // namespace portalkey
