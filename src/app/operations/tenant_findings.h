#pragma once
// What only the tenant knows of the tokens in a seed file. Reads the tenant, changes nothing.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"
#include "app/tenant/tenant_users.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// A token of the file, without its secret.
struct TokenInFile {
  std::int64_t line = 0, nth = 0;
  std::string serial, upn;
  bool taken = true;      ///< the backend's import takes such tokens, whoever gets them
  bool left_out = false;  ///< by an import, for a reason that the file alone tells

  explicit TokenInFile(const TokenSeed& token) : line(token.line), nth(token.nth), serial(token.serial), upn(token.upn) {}
  std::int64_t place() const { return nth != 0 ? nth : line; }
};

struct TenantFindings {
  struct Held {
    std::string upn;
    bool active = false;
  };

  std::size_t tokens_in_tenant = 0;
  std::vector<std::optional<Held>> held;  ///< per token of the file: whose it is in the tenant, if it is there
  std::vector<RowProblem> problems;       ///< in the file's order, warnings included
  std::int64_t errors = 0;                ///< of the problems
  std::int64_t unusable = 0;              ///< tokens with one error or more that are not left out anyway
  std::optional<bool> premium;            ///< has the tenant Entra ID P1 or P2? nullopt: not checked
  std::vector<std::string> checked;
  std::vector<NotChecked> not_checked;
};

/// An Error: the tenant's tokens could not be read. What else cannot be is in `not_checked`.
Result<TenantFindings> check_against_tenant(Tenant& tenant, const std::vector<TokenInFile>& tokens);

}  // namespace portalkey
