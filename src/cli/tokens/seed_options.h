#pragma once
// The options of whatever reads a seed file.

#include "app/operations/seed_rows.h"
#include "cli/terminal/command.h"

namespace portalkey {

/// Adds --serial, for formats that have no serial numbers.
void add_serial_option(Command command, SeedInput& input);

/// Adds --clocks, for what activates tokens.
Option add_clocks_option(Command command, std::string& clocks);

/// Adds --map for a list of tokens and users.
void add_list_columns_option(Command command, std::vector<ColumnName>& columns);

/// Adds the FILE argument, which it returns, and the options of SeedInput.
Option add_seed_file_options(Command command, SeedInput& input);

}  // namespace portalkey
