#pragma once
// What the members of a key in JSON mean, wherever the format has it.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/said.h"
#include "seeds/model/seed_file.h"

namespace portalkey::seed_json {

enum Member {
  secret,
  serial,
  manufacturer,
  model,
  interval,
  hash,
  assign_to,
  upn,
  type,
  digits,
  counter,
  issuer,
  label,
  key_id,
  friendly_name,
  issue_no,
  user_id,
  suite,
  algorithm,
  not_before,
  not_after,
  drift,
  device_time,
  made,
  kMembers
};

/// One key as it is being read. Its texts may hold a secret: wiped.
struct JsonKey {
  struct Value {
    std::string text;
    std::int64_t line = 0;
    int column = 0;
    bool given = false, twice = false, too_long = false, wrong_kind = false;
    bool rounded = false;  ///< a number with an exponent or a fraction
  };

  JsonKey() = default;
  JsonKey(const JsonKey&) = delete;
  JsonKey& operator=(const JsonKey&) = delete;
  ~JsonKey() { clear(); }
  void clear() {
    for (auto& value : values) {
      wipe(value.text);
      value = {.text = std::move(value.text)};
    }
    wipe(uri.text);
    uri = {.text = std::move(uri.text)};
    users.clear();
    said = {};
    own_key_name = true;
  }
  bool any() const { return std::ranges::any_of(values, &Value::given); }

  Value uri;  ///< an otpauth URI, whatever the member is called
  /// What members of other names have that is a user principal name: the name and the value.
  std::vector<std::pair<std::string, std::string>> users;
  SaidOfToken said;          ///< by members that the format does not have
  bool own_key_name = true;  ///< the key's member is called what the format calls it, which says how it is written

  std::int64_t line = 0;
  std::array<Value, kMembers> values;
};

/// How a member is named in problems.
std::string_view field_name(Member member);

/// Makes tokens of keys, and hands them on.
class JsonKeys {
 public:
  JsonKeys(SeedFormat format, const SeedFileOptions& options, SeedSink& sink)
      : format_(format),
        encoding_(options.encoding == SecretEncoding::detect ? SecretEncoding::base32 : options.encoding),
        asked_(options.encoding != SecretEncoding::detect),
        time_interval_(options.time_interval),
        tokens_(sink, options) {}

  /// A token, or a problem. Wipes the key.
  void take(JsonKey& record);
  /// An Error if there have been no keys, unless `empty_list`.
  Result<SeedFileSummary> finish();

  bool empty_list = false;  // the list of keys is there

 private:
  std::optional<RowProblem> read(JsonKey& record, TokenSeed& token) const;
  std::optional<RowProblem> read_uri(JsonKey& record, TokenSeed& token) const;
  static std::optional<RowProblem> said_beside(const JsonKey& record, TokenSeed& token);
  void read_type(std::string_view name, std::string_view named, TokenSeed& token) const;
  std::optional<RowProblem> read_numbers(const JsonKey& record, TokenSeed& token) const;

  SeedFormat format_;
  SecretEncoding encoding_;
  bool asked_;
  const std::optional<int> time_interval_;
  CheckedTokens tokens_;
};

}  // namespace portalkey::seed_json
