#pragma once
// Calls of Azure Resource Manager and Microsoft Graph: JSON out, JSON in, errors in the administrator's terms.

#include <boost/json/value.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "entra/credentials/credential.h"
#include "entra/oauth/cloud.h"
#include "http/http.h"

namespace portalkey {

/// An administrator at work: who calls, through what, in which cloud.
struct Azure {
  Http& http;
  Credential& admin;
  Clock& clock;
  Cloud cloud;
  Deadline deadline;
};

/// A complete answer, whatever its status. `json` is null if there was no JSON in it.
struct Reply {
  int status = 0;
  std::multimap<std::string, std::string> headers;  ///< names in lower case
  boost::json::value json;
  std::size_t bytes = 0;  ///< of the body
  std::string service;    ///< its name, for words
  std::string came;       ///< what came, if a refusal is not in the service's shape (http/another_answer.h); else empty

  bool ok() const { return status >= 200 && status < 300; }
  std::string header(std::string_view name) const;
  /// The service's own code, e.g. `RoleAssignmentExists`; empty in an answer without one.
  std::string error_code() const;
  std::string error_message() const;
};

/// One call with the administrator's token for `resource`. POST is not repeated when its answer was lost.
Result<Reply> call(const Azure& azure, const std::string& resource, std::string_view method, const Url& url,
                   const std::optional<boost::json::value>& body = {});

/// The `value` items of a list and of all its pages. `next_link`: the member that holds the next page's address. `doing`: as in
/// "cannot `doing`".
Result<boost::json::array> list_all(const Azure& azure, const std::string& resource, const Url& first,
                                    std::string_view next_link, std::string_view doing);

/// What an answer with an error status means here, and what to do; `doing` as in "cannot `doing`".
Error explain(const Reply& reply, std::string_view doing);

/// `Key Vault Secrets Officer` in words people can hand on: which role on which scope, and the command that grants it.
std::string grant_command(std::string_view principal, std::string_view role, std::string_view scope);

/// Reads text at a path of object members; empty if anything is missing or is not text. What nobody sees in it is left out.
std::string text_at(const boost::json::value& json, std::initializer_list<std::string_view> path);
/// The same as it came: for addresses and ids, which are judged by every byte of them, and not shown.
std::string raw_text_at(const boost::json::value& json, std::initializer_list<std::string_view> path);
/// The value at a path of object members; nullptr if anything is missing.
const boost::json::value* find_at(const boost::json::value& json, std::initializer_list<std::string_view> path);

}  // namespace portalkey
