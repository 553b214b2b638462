#pragma once
// Accounts of a large tenant (`--generate-users N`): `employee.000001@contoso.com` and so on, computed from their numbers and
// kept by nobody until somebody does something with one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/world/state.h"

namespace portalkey::sandbox {

class GeneratedUsers {
 public:
  GeneratedUsers(std::uint64_t seed, std::uint32_t count);

  std::uint32_t count() const { return count_; }
  /// Numbers begin with 1. Every fiftieth account is disabled.
  SandboxUser user(std::uint32_t number) const;
  /// The number of the account with this UPN, in lower case.
  std::optional<std::uint32_t> by_upn(std::string_view key) const;
  std::optional<std::uint32_t> by_oid(std::string_view oid) const;
  /// At most `most` of them, those whose object ids come after `oid` (empty: all), in the order of their object ids.
  std::vector<std::uint32_t> after(std::string_view oid, std::size_t most) const;

 private:
  std::string oid(std::uint32_t number) const;

  std::uint32_t count_;
  std::uint32_t salt_;
  std::string tail_;  ///< of every object id
  mutable std::vector<std::pair<std::uint32_t, std::uint32_t>>
      order_;  ///< beginnings of object ids and numbers, sorted when first asked for
};

}  // namespace portalkey::sandbox
