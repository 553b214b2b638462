#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace portalkey::sandbox {

struct OathToken {
  std::int64_t sequence = 0;  ///< grows with each token; the order of pages
  std::string id;
  std::string user;  ///< key of the user: UPN in lower case
  std::string serial;
  std::string base32;
  int interval = 30;
  std::string manufacturer;
  std::string model;
  bool enabled = false;
  bool activated = false;      ///< was enabled once
  std::int64_t last_step = 0;  ///< of the last code taken: a code is good once
};

/// The tenant's hardware tokens, in the order they came, found by id, serial number and user.
class OathTokens {
 public:
  /// `sequence` 0 means: next. False if the serial number or the id is taken.
  bool add(OathToken token);
  OathToken* find(std::string_view id);
  const OathToken* find_serial(std::string_view serial) const;
  bool remove(std::string_view id);
  int count_of_user(const std::string& user) const;
  const std::map<std::int64_t, OathToken>& all() const { return tokens_; }

 private:
  std::map<std::int64_t, OathToken> tokens_;
  std::unordered_map<std::string, std::int64_t> by_id_;
  std::unordered_map<std::string, std::int64_t> by_serial_;  ///< lower case
  std::unordered_map<std::string, int> per_user_;
};

}  // namespace portalkey::sandbox
