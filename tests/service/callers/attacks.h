#pragma once
// What is tried at the door that Entra's access tokens open. entra_tokens_attack_test.cc tries it, and the tables of
// docs/security-service.md are written from it.

#include <functional>
#include <string>
#include <vector>

#include "tests/service/callers/made_tokens.h"

namespace portalkey::attacks {

/// What cjose says of the signature, by Entra's key set as it is then. `right`, `wrong`: of all that is
/// sent. `laxer`: it accepts some of what is refused here for its form or algorithm.
enum class Cjose { right, wrong, laxer };

struct Attack {
  std::string name;      ///< in Markdown
  std::string expected;  ///< `accepted`, or the code and the reason that the log has; each for its own reason, and no other
  Cjose cjose;
  /// What is sent, one after the other: each must come to what is expected. May alter what Entra serves, and the time.
  std::function<std::vector<std::string>(made_tokens::Entra&)> sent;
};
struct Group {
  std::string title;
  std::vector<Attack> attacks;
};

Group on_algorithm();
Group on_key();
Group on_signature();
Group on_form();
Group on_key_set();
Group on_lifetime();
Group on_issuer();
Group on_audience();
Group on_kind();
Group on_rights();

inline std::vector<Group> all_groups() {
  return {on_algorithm(), on_key(),    on_signature(), on_form(), on_key_set(),
          on_lifetime(),  on_issuer(), on_audience(),  on_kind(), on_rights()};
}

using Change = std::function<void(boost::json::object&)>;

/// A token, right but for one change, for each of the changes.
inline auto with_header(std::vector<Change> changes, made_tokens::RsaKey key = made_tokens::entra_key()) {
  return [changes = std::move(changes), key = std::move(key)](made_tokens::Entra&) {
    std::vector<std::string> tokens;
    for (const auto& change : changes) {
      made_tokens::Draft draft;
      change(draft.header);
      tokens.push_back(draft.token(key));
    }
    return tokens;
  };
}
inline auto with_claims(std::vector<Change> changes, made_tokens::Draft base = {}) {
  return [changes = std::move(changes), base = std::move(base)](made_tokens::Entra&) {
    std::vector<std::string> tokens;
    for (const auto& change : changes) {
      auto draft = base;
      change(draft.claims);
      tokens.push_back(draft.token());
    }
    return tokens;
  };
}

/// A member set to each of the values.
inline std::vector<Change> set(const std::string& member, const boost::json::array& values) {
  std::vector<Change> changes;
  for (const auto& value : values) changes.emplace_back([=](boost::json::object& object) { object[member] = value; });
  return changes;
}
inline Change unset(const std::string& member) {
  return [=](boost::json::object& object) { object.erase(member); };
}
inline std::vector<Change> both(std::vector<Change> some, Change another) {
  some.push_back(std::move(another));
  return some;
}

}  // namespace portalkey::attacks
