#pragma once
// The commands below `portalkey tokens`, one file each.

#include "cli/terminal/command.h"

namespace portalkey {

void add_tokens_validate(Command tokens, const Globals& globals, Run& run);
void add_tokens_convert(Command tokens, Run& run);
void add_tokens_code(Command tokens, Run& run);
void add_tokens_check(Command tokens, Run& run);
void add_tokens_import(Command tokens, const Globals& globals, Run& run);
void add_tokens_activate(Command tokens, const Globals& globals, Run& run);
void add_tokens_assign(Command tokens, const Globals& globals, Run& run);
void add_tokens_unassign(Command tokens, const Globals& globals, Run& run);
void add_tokens_replace(Command tokens, const Globals& globals, Run& run);
void add_tokens_plan(Command tokens, const Globals& globals, Run& run);
void add_tokens_apply(Command tokens, const Globals& globals, Run& run);
void add_tokens_list(Command tokens, const Globals& globals, Run& run);
void add_tokens_show(Command tokens, const Globals& globals, Run& run);
void add_tokens_report(Command tokens, const Globals& globals, Run& run);
void add_tokens_move(Command tokens, const Globals& globals, Run& run);
void add_tokens_leave(Command tokens, const Globals& globals, Run& run);
void add_tokens_remove(Command tokens, const Globals& globals, Run& run);

}  // namespace portalkey
