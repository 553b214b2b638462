#pragma once
// Who gets which token: a second file beside the vendor's. Delimited text with a column of serial numbers and one of UPNs, in
// any order and by any of their usual names, among others; or UPNs only, which are taken in the order of the seed file's
// tokens. Where a command says so, a list may also do without users, or have a column of the tokens that the new ones replace.
//
// A list is written by people and kept in memory whole. What of it cannot be used is among its problems, never guessed.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "oath/byte_source.h"
#include "oath/seed_file.h"

namespace portalkey {

class AssignmentList {
 public:
  struct Entry {
    std::int64_t line = 0;
    std::string serial;           ///< empty if the list is taken in order
    std::string upn;              ///< empty if the list has no users
    std::string replaces;         ///< the serial number of the user's token that goes; empty: none
    std::int64_t other_line = 0;  ///< where the list gives the same token to another user; 0 if nowhere
    bool used = false;            ///< for whoever joins the list with tokens
  };

  enum class Users { needed, optional };

  /// `name` is what problems call the file. An Error means that the file is no list, or that it does not say clearly which
  /// column is which.
  /// `columns`: what the caller calls the serial numbers and UPNs; they go before the usual names.
  static Result<AssignmentList> read(const std::filesystem::path& path, Users users = Users::needed,
                                     std::span<const ColumnName> columns = {});
  static Result<AssignmentList> read(ByteSource& source, std::string name, Users users = Users::needed,
                                     std::span<const ColumnName> columns = {});

  /// The list has no serial numbers.
  bool in_order() const { return in_order_; }
  const std::string& name() const { return name_; }
  std::vector<Entry>& entries() { return entries_; }
  const std::vector<RowProblem>& problems() const { return problems_; }
  const std::vector<std::string>& notes() const { return notes_; }

  /// The entry with exactly this serial number; null if there is none.
  Entry* find(std::string_view serial);
  /// One whose serial number differs only in leading zeros, blanks or letter case; null if there is none.
  Entry* find_alike(std::string_view serial);

 private:
  void add(Entry entry);

  std::string name_;
  bool in_order_ = false;
  std::vector<Entry> entries_;
  std::vector<RowProblem> problems_;
  std::vector<std::string> notes_;
  std::unordered_map<std::string, std::size_t> by_serial_;
  std::unordered_map<std::string, std::size_t> alike_;
};

}  // namespace portalkey
