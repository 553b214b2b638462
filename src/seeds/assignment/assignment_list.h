#pragma once
// Who gets which token: a second file beside the vendor's. Delimited text with a column of serial numbers and one of UPNs, in
// any order and by any of their usual names, among others; or UPNs only, which are taken in the order of the seed file's
// tokens. Where a command says so, a list may also do without users, or have a column of the tokens that the new ones replace.
//
// A list is kept in memory whole, in some 90 bytes a row; one that is too long, or no list at all, is refused (kMostRows,
// kMostProblems). What of it cannot be used is among its problems, never guessed.

#include <filesystem>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "seeds/assignment/assignment_entries.h"
#include "seeds/input/byte_source.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

class AssignmentList {
 public:
  using Entry = AssignmentEntry;

  enum class Users { needed, optional };
  static constexpr std::size_t kMostRows = 10'000'000;
  static constexpr std::size_t kMostProblems = 100'000;

  /// `name` is what problems call the file. An Error means that the file is no list, or that it does not say clearly which
  /// column is which.
  /// `columns`: what the caller calls the serial numbers, UPNs and replaced tokens; they go before the usual names.
  static Result<AssignmentList> read(const std::filesystem::path& path, Users users = Users::needed,
                                     std::span<const ColumnName> columns = {});
  static Result<AssignmentList> read(ByteSource& source, std::string name, Users users = Users::needed,
                                     std::span<const ColumnName> columns = {});

  /// Those of `columns`, of a seed file or of this list, that name a column in the list's first line. Empty for what is read
  /// only once, such as a pipe.
  static std::vector<ColumnName> columns_named(const std::filesystem::path& path, std::span<const ColumnName> columns);

  /// Whether a file is a list of tokens and people, and no seed file: delimited text that names users or serial numbers and has
  /// neither a column of secret keys nor values that look like some. False for what is read only once, and for what cannot be
  /// read: its reader says why. `columns` as in `read`.
  static bool is_one(const std::filesystem::path& path, std::span<const ColumnName> columns = {});

  /// The list has no serial numbers.
  bool in_order() const { return in_order_; }
  const std::string& name() const { return name_; }
  std::size_t size() const { return entries_.size(); }
  Entry operator[](std::size_t place) const { return entries_[place]; }
  /// One after the other.
  auto entries() const {
    return std::views::iota(std::size_t{0}, size()) |
           std::views::transform([this](std::size_t place) { return entries_[place]; });
  }
  const std::vector<RowProblem>& problems() const { return problems_; }
  const std::vector<std::string>& notes() const { return notes_; }

  /// The place of the entry with exactly this serial number.
  std::optional<std::size_t> find(std::string_view serial) const { return entries_.find(serial); }
  /// Of one whose serial number differs only in leading zeros, blanks or letter case.
  std::optional<std::size_t> find_alike(std::string_view serial) const { return entries_.find_alike(serial); }

 private:
  void add(const Entry& entry);

  std::string name_;
  bool in_order_ = false;
  AssignmentEntries entries_;
  std::vector<RowProblem> problems_;
  std::vector<std::string> notes_;
};

}  // namespace portalkey
