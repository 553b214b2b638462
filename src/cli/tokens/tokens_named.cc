#include "cli/tokens/tokens_named.h"

#include "cli/tokens/seed_options.h"

namespace portalkey {

void add_named_tokens(Command command, NamedTokens& named) {
  command.option("SERIAL", named.serials, "Serial numbers");
  command.option("--list", named.list, "Many of them: a file with a column serial number, and perhaps upn; or of UPNs only")
      .type_name("FILE");
  add_list_columns_option(command, named.columns);
  command.option("--user", named.user, "Refuse tokens that are not this user's; alone: this user's token").type_name("UPN");
  command.flag("--all", named.all, "With --user alone, or a list of UPNs only: every token of these users");
}

void check_named_tokens(const std::string& command, const NamedTokens& named) {
  const bool by_user = named.serials.empty() && named.list.empty();
  if ((by_user && named.user.empty()) || (!named.serials.empty() && !named.list.empty()))
    throw WrongUsage(command, "give either serial numbers or a --list, or a --user");
  if (named.all && !named.serials.empty())
    throw WrongUsage("--all", "takes every token of a user: name no serial numbers beside it");
}

}  // namespace portalkey
