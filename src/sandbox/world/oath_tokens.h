#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace portalkey::sandbox {

/// How a token came into the tenant, and so who manages it.
enum class OathOrigin {
  portal,  ///< by CSV: Graph calls it legacy
  graph,   ///< an inventory device
};

struct OathToken {
  std::int64_t sequence = 0;  ///< grows with each token; the order of the portal's pages
  std::string id;             ///< of the device, and of the user's method
  OathOrigin origin = OathOrigin::portal;
  std::string user;  ///< key of the user: UPN in lower case; empty: unassigned
  std::string serial;
  std::string base32;
  int interval = 30;
  bool sha256 = false;  ///< HMAC-SHA-256 instead of HMAC-SHA-1
  std::string manufacturer;
  std::string model;
  std::string display_name;
  bool enabled = false;
  bool activated = false;          ///< was enabled once
  bool failed_activation = false;  ///< the last code tried at Graph was wrong
  std::int64_t assigned = 0;       ///< Unix seconds; 0: not known
  std::int64_t last_step = 0;      ///< of the last code taken: a code is good once
  std::int64_t drift_steps = 0;    ///< how far the device's clock is ahead, in steps, as its codes taught
  std::int64_t last_used = 0;      ///< Unix seconds of the last sign-in; 0: never
};

/// The tenant's hardware tokens, in the order they came, found by id, serial number and user. A serial number may occur
/// once in each world: the portal's and Graph's.
class OathTokens {
 public:
  /// `sequence` 0 means: next. False if the serial number or the id is taken.
  bool add(OathToken token);
  OathToken* find(std::string_view id);
  const OathToken* find_serial(std::string_view serial, OathOrigin origin) const;
  bool remove(std::string_view id);
  /// Gives the token to a user, or to nobody; it is then as if it had never been active.
  void assign(std::string_view id, std::string user, std::int64_t unix_seconds);
  int count_of_user(const std::string& user) const { return static_cast<int>(of_user(user).size()); }
  /// Sequence numbers.
  const std::set<std::int64_t>& of_user(const std::string& user) const;
  const std::map<std::int64_t, OathToken>& all() const { return tokens_; }
  /// Sequence numbers, in the order of ids.
  const std::map<std::string, std::int64_t, std::less<>>& by_id() const { return by_id_; }

 private:
  std::map<std::int64_t, OathToken> tokens_;
  std::map<std::string, std::int64_t, std::less<>> by_id_;
  std::unordered_map<std::string, std::int64_t> by_serial_[2];  ///< by origin; lower case
  std::unordered_map<std::string, std::set<std::int64_t>> per_user_;
};

}  // namespace portalkey::sandbox
