#include "app/operations/seed_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/key_file.h"
#include "base/secret_file.h"
#include "seeds/assignment/assigned_tokens.h"
#include "seeds/formats/read_seed_file.h"

namespace portalkey {
namespace {

struct Collect final : SeedSink {
  explicit Collect(SeedRows& rows) : to(rows) {}
  void on_token(TokenSeed&& token) override { to.tokens.push_back(std::move(token)); }
  void on_problem(RowProblem&& problem) override { to.problems.push_back(std::move(problem)); }
  SeedRows& to;
};

/// Gives the token that has no serial number the one that the caller says.
class GivenSerial final : public SeedSink {
 public:
  GivenSerial(const std::string& serial, SeedSink& next) : serial_(serial), next_(next) {}
  void on_token(TokenSeed&& token) override {
    if (!serial_.empty() && token.serial.empty() && token.type == OtpType::totp && ++count_ == 1) token.serial = serial_;
    next_.on_token(std::move(token));
  }
  void on_problem(RowProblem&& problem) override { next_.on_problem(std::move(problem)); }

  /// An Error unless it was one token's.
  Result<void> fits(const std::string& file) const {
    if (serial_.empty() || count_ == 1) return {};
    return std::unexpected(Error{
        Errc::invalid_input,
        count_ == 0 ? "[[setting|serial]] is for a file whose token has no serial number, and there is no such token"
                    : fmt::format("[[setting|serial]] is for one token, and {} of the file have no serial number", count_),
        count_ == 0 ? "Leave it out."
                    : "Write each one's into the file: a column serial number, or &serial=NUMBER in an otpauth URI.",
        {{"file", file}}});
  }

 private:
  const std::string& serial_;
  SeedSink& next_;
  int count_ = 0;
};

struct CollectPlaces final : SeedSink {
  void on_token(TokenSeed&& token) override { places.push_back(token.place()); }
  void on_problem(RowProblem&&) override {}
  std::vector<std::int64_t> places;
};

/// A list in order is worth nothing if tokens are missing between the others: who comes after a gap would get the wrong device.
Result<std::vector<std::int64_t>> places_of_tokens(const OpenedSeeds& seeds) {
  constexpr const char* kRemedy = "Use a list with two columns: serial number,upn";
  if (!seeds.can_be_read_again()) {
    return fail(Errc::invalid_input,
                "a list without serial numbers needs the seed file as a file, not on standard input or through a pipe",
                kRemedy);
  }
  CollectPlaces sink;
  auto summary = seeds.read(sink);
  if (!summary) return pass(summary);
  if (summary->problems != 0) {
    return fail(
        Errc::invalid_input,
        fmt::format(
            "the list has no serial numbers, and {} rows of the seed file cannot be used: nobody can tell which user has "
            "which of the other devices",
            summary->problems),
        fmt::format("{}; [[validate|FILE]] shows what is wrong with the seed file.", kRemedy));
  }
  std::ranges::sort(sink.places);
  return std::move(sink.places);
}

}  // namespace

Result<OpenedSeeds> OpenedSeeds::open(const SeedInput& input) {
  constexpr std::size_t kLongestPassphrase = 4096;
  OpenedSeeds seeds(input);
  if (!input.key_file.empty()) {
    auto read = read_key_file(input.key_file, "[[setting|key-file]]");
    if (!read) return pass(read);
    seeds.key_ = std::move(*read);
  }
  if (!input.passphrase_file.empty()) {
    auto read = read_secret_file(input.passphrase_file, kLongestPassphrase, "[[setting|passphrase-file]]", FileUse::key);
    if (!read) return pass(read);
    seeds.passphrase_ = std::move(*read);
  }
  seeds.state_ = FileState::of(input.file);
  if (input.assign.empty()) return seeds;
  // A column that --map names may be the list's, the seed file's, or one of each.
  const auto of_list = AssignmentList::columns_named(input.assign, input.options.columns);
  for (std::size_t i = 0; i < seeds.columns_.size(); ++i)
    seeds.columns_[i].of_list = std::ranges::find(of_list, seeds.columns_[i].header, &ColumnName::header) != of_list.end();
  auto list = AssignmentList::read(input.assign, AssignmentList::Users::needed, of_list);
  if (!list) return pass(list);
  if (list->in_order()) {
    auto found = places_of_tokens(seeds);
    if (!found) return pass(found);
    seeds.places_ = std::move(*found);
  }
  seeds.list_ = std::move(*list);
  return seeds;
}

SeedFileOptions OpenedSeeds::options() const {
  SeedFileOptions options = input_.options;
  options.columns = columns_;
  if (!input_.key_file.empty()) options.key = &key_;
  if (!input_.passphrase_file.empty()) options.passphrase = &passphrase_;
  return options;
}

Result<SeedFileSummary> OpenedSeeds::read(SeedSink& sink) const {
  static const AssignmentList kNone;
  AssignedTokens assigned(list_ ? *list_ : kNone, places_, sink);
  GivenSerial given(input_.serial, list_ ? static_cast<SeedSink&>(assigned) : sink);
  auto summary = read_seed_file(input_.file, options(), given);
  if (!summary) return summary;
  if (auto fits = given.fits(input_.file); !fits) return pass(fits);
  if (list_) assigned.finish(*summary);
  return summary;
}

bool OpenedSeeds::can_be_read_again() const {
  std::error_code ignored;
  const auto status = std::filesystem::status(input_.file, ignored);
  return input_.file != "-" && (std::filesystem::is_regular_file(status) || !std::filesystem::exists(status));
}

Result<SeedFileSummary> OpenedSeeds::read_again(SeedSink& sink) const {
  auto summary = read(sink);
  if (summary && state_ != FileState::of(input_.file)) {
    return fail(Errc::conflict, "the seed file changed while it was read", "Run the command again.");
  }
  return summary;
}

Result<SeedRows> read_seed_rows(const OpenedSeeds& seeds) {
  SeedRows rows;
  Collect sink(rows);
  auto summary = seeds.read(sink);
  if (!summary) return pass(summary);
  rows.summary = std::move(*summary);
  std::erase_if(rows.tokens,
                [&](const TokenSeed& token) { return std::ranges::binary_search(rows.summary.withdrawn, token.place()); });
  if (!std::ranges::is_sorted(rows.tokens, {}, &TokenSeed::place)) {
    std::ranges::stable_sort(rows.tokens, {}, &TokenSeed::place);
  }
  std::ranges::stable_sort(rows.problems, {}, &RowProblem::line);
  return rows;
}

Result<SeedRows> read_seed_rows(const SeedInput& input) {
  const auto seeds = OpenedSeeds::open(input);
  if (!seeds) return std::unexpected(seeds.error());
  return read_seed_rows(*seeds);
}

Result<SeedRows> read_seeds_to_send(const SeedInput& input) {
  auto rows = read_seed_rows(input);
  if (rows && rows->summary.rows == 0) {
    return std::unexpected(Error{Errc::invalid_input,
                                 "the file has a header and no tokens",
                                 "Check that the export was complete.",
                                 {{"file", input.file}}});
  }
  return rows;
}

}  // namespace portalkey
