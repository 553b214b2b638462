#pragma once
// Between a reader and the sink: what has to do with several tokens of a file, or with any format. Readers of delimited text
// with a header do the same on their own, faster (csv/entra_csv.cc).

#include <optional>
#include <string>
#include <string_view>

#include "seeds/input/duplicate_serials.h"
#include "seeds/input/secret_key.h"
#include "seeds/input/tokens_per_user.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

class CheckedTokens {
 public:
  /// `sink` is kept by reference. Of the options `time_interval` and `allow_short_keys` matter.
  CheckedTokens(SeedSink& sink, const SeedFileOptions& options);

  /// Takes the file's next key; sets `nth` (and leaves `line` as it is), and the time interval that the file does not say.
  /// Words that stand for nothing are taken out of its texts. A time-based token whose serial number the file has had before is
  /// reported and dropped, and the first one too if the two differ. Refused are one whose secret key protects nothing or whose
  /// UPN nobody can have, and a key whose texts hold control characters. Warns of short and long keys, and of serial numbers
  /// that are merely alike.
  void add(TokenSeed&& token);
  /// The file's next key cannot be used. `row` is set here.
  void refuse(RowProblem&& problem);
  /// About the key that was added last, or about nothing that is a key.
  void warn(RowProblem&& problem);
  void note(std::string text) { summary_.notes.push_back(std::move(text)); }

  /// How many keys there have been, good and bad.
  std::int64_t keys() const { return summary_.rows; }

  SeedFileSummary finish();

 private:
  bool is_new(const TokenSeed& token, std::uint64_t user);

  SeedSink& sink_;
  const std::optional<int> time_interval_;
  const bool allow_short_keys_;
  std::int64_t unsaid_intervals_ = 0;
  SeedFileSummary summary_;
  DuplicateSerials seen_;
  TokensPerUser users_;
};

/// The note about tokens that got their time interval from the caller.
std::string note_of_unsaid_intervals(std::int64_t tokens, int time_interval);

inline constexpr std::string_view kTooMany = "the file has more than five tokens for this user";

/// The warning that a serial number differs from that of `other` (`line 3`, `key 3 of the file`) only in what people and
/// services may overlook, though the two tokens have different keys.
FieldProblem warning_of_alike_serials(std::string_view other);

/// Whether a key of so many base32 characters is one that `warning_of_key_size` says nothing about.
bool is_usual_key_size(std::size_t base32_characters);
/// A problem of the key that `token` is.
RowProblem problem_of(const TokenSeed& token, std::string_view field, std::string what, std::string remedy);
RowProblem problem_of(const TokenSeed& token, std::string_view field, FieldProblem&& why);

/// The warning about a key that is shorter than RFC 4226 allows (128 bits) or longer than the portal takes, if it is.
std::optional<RowProblem> warning_of_key_size(const TokenSeed& token);

}  // namespace portalkey
