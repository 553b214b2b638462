#pragma once
// What of the portal's backend API is known to read and change nothing, by name. From the recordings of nathanmcnulty/nodoc
// (specifications/nodoc-ibiza-iam, Apache-2.0, 24afc230); names, paths and summaries are theirs. Left out are reads whose
// answer is a credential (activation credentials and licence key of the old MFA server, passwords for single sign-on) and one
// that creates what it does not find.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace portalkey {

struct ReadOperation {
  std::string_view name;   ///< unique whatever its case: `Group.list`
  std::string_view path;   ///< below /api, with its parameters in braces: `/Groups/{groupId}`
  std::string_view query;  ///< names of its query parameters, blanks between; those that must be there end with `!`
  std::string_view what;
  std::string_view answer;  ///< as recorded: `list of {name, code}`; the names of the first members
};

/// By name.
std::span<const ReadOperation> read_operations();

struct OperationParameter {
  std::string_view name;
  bool in_path = false;
  bool required = false;
  bool paging = false;  ///< names the next page; not for people to give
};

/// Those of its path first.
std::vector<OperationParameter> parameters_of(const ReadOperation& operation);

}  // namespace portalkey
