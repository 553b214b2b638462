#pragma once
// Expected failures are values. Exceptions are for broken promises (out of memory, a bug) and are caught in main only.

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portalkey {

/// What a program may branch on: the exit code, an HTTP status, whether to retry.
enum class Errc {
  invalid_input,    ///< the user's file, option or setting
  unauthenticated,  ///< a credential was refused; settings must change
  needs_person,     ///< somebody must sign in again; never retried unattended
  forbidden,        ///< signed in, but not allowed
  not_found,
  conflict,
  throttled,    ///< the service asked to come back later
  unavailable,  ///< the service or the network did not answer properly
  cancelled,
  corrupt,  ///< a local file is damaged
  internal,
};

/// The stable name of a code, as it appears in JSON output.
std::string_view name_of(Errc code);

struct Error {
  Errc code = Errc::internal;
  std::string what;                                          ///< one sentence for a person; never a payload, never a secret
  std::string remedy;                                        ///< what to do next; empty if nothing helps
  std::vector<std::pair<std::string, std::string>> context;  ///< file, row, field, host, status, correlation id …

  Error with(std::string key, std::string value) && {
    context.emplace_back(std::move(key), std::move(value));
    return std::move(*this);
  }
};

template <class T>
using Result = std::expected<T, Error>;

/// `return fail(Errc::not_found, "…", "…");` from any function that returns a Result.
inline std::unexpected<Error> fail(Errc code, std::string what, std::string remedy = {}) {
  return std::unexpected(Error{code, std::move(what), std::move(remedy), {}});
}

/// Hands an error on unchanged: `if (!x) return pass(x);`.
template <class T>
std::unexpected<Error> pass(Result<T>& result) {
  return std::unexpected(std::move(result).error());
}

}  // namespace portalkey
