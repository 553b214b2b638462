#include "seeds/formats/csv/csv_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace portalkey {

std::size_t count_of_values(std::string_view line, char separator) {
  std::size_t values = 1;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == separator && !quoted) ++values;
  }
  return values;
}

CsvRows::CsvRows(ByteSource& source, std::size_t buffer_bytes)
    : source_(source), capacity_(buffer_bytes), buffer_(std::make_unique_for_overwrite<char[]>(buffer_bytes)) {}

CsvRows::~CsvRows() { explicit_bzero(buffer_.get(), most_filled_); }

/// Reads more behind what is there. False if the file has ended; an error if there is no room.
Result<bool> CsvRows::more() {
  if (ended_) return false;
  if (at_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + at_, filled_ - at_);
    filled_ -= at_;
    at_ = 0;
  }
  next_lf_ = next_cr_ = next_quote_ = kUnknown;
  if (filled_ == capacity_) {
    return fail(Errc::invalid_input,
                fmt::format("line {} is longer than {} bytes: this is no seed file", next_line_, capacity_),
                "Check that this is the right file.");
  }
  constexpr std::size_t kAtOnce = std::size_t{128}
                                  << 10;  // so that the bytes are still in the processor's cache when looked at
  const auto n = source_.read({buffer_.get() + filled_, std::min(capacity_ - filled_, kAtOnce)});
  if (!n) return std::unexpected(n.error());
  filled_ += *n;
  most_filled_ = std::max(most_filled_, filled_);
  ended_ = *n == 0;
  return !ended_;
}

Result<std::string_view> CsvRows::start(std::size_t most) {
  while (filled_ - at_ < most && filled_ - at_ < capacity_) {
    const auto grown = more();
    if (!grown) return std::unexpected(grown.error());
    if (!*grown) break;
  }
  return std::string_view(buffer_.get() + at_, std::min(most, filled_ - at_));
}

/// Where `c` is next, or `filled_`. `known` remembers the answer until the row has passed it.
std::size_t CsvRows::find(char c, std::size_t& known) const {
  if (known == kUnknown || known < at_) {
    const void* found = std::memchr(buffer_.get() + at_, c, filled_ - at_);
    known = found == nullptr ? filled_ : static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.get());
  }
  return known;
}

/// Sets `line_end_` and `line_next_`, if the line's end is in the buffer.
bool CsvRows::find_line_end() {
  line_end_ = std::min(find('\n', next_lf_), find('\r', next_cr_));
  if (line_end_ == filled_) return false;
  const bool cr = buffer_[line_end_] == '\r';
  if (cr && line_end_ + 1 == filled_ && !ended_) return false;  // a line feed may follow
  line_next_ = line_end_ + (cr && line_end_ + 1 < filled_ && buffer_[line_end_ + 1] == '\n' ? 2 : 1);
  return true;
}

/// The same, reading on as far as needed. False if nothing is left.
Result<bool> CsvRows::complete_line() {
  while (!find_line_end()) {
    if (ended_) {
      line_next_ = line_end_ = filled_;
      return at_ < filled_;
    }
    if (const auto grown = more(); !grown) return std::unexpected(grown.error());
  }
  return true;
}

Result<std::optional<std::string_view>> CsvRows::peek_line() {
  const auto there = complete_line();
  if (!there) return std::unexpected(there.error());
  if (!*there) return std::nullopt;
  return std::string_view(buffer_.get() + at_, line_end_ - at_);
}

void CsvRows::skip_line() {
  at_ = line_next_;
  ++next_line_;
}

Result<bool> CsvRows::next() {
  broken_ = Broken::no;
  for (;;) {
    if (!find_line_end()) {  // a Result for each line would cost as much as finding it
      const auto there = complete_line();
      if (!there || !*there) return there;
    }
    line_ = next_line_;
    const bool comment =
        buffer_[at_] == '#' && (width_ < 2 || count_of_values({buffer_.get() + at_, line_end_ - at_}, separator_) != width_);
    if (line_end_ == at_ || comment) {
      skip_line();
      continue;
    }
    if (find('"', next_quote_) >= line_end_) {
      row_ = buffer_.get() + at_;
      split_plain({row_, line_end_ - at_});
      skip_line();
      return true;
    }
    for (;;) {
      const Scan scan = split_quoted();
      if (scan == Scan::complete) return true;
      if (scan == Scan::needs_more && !ended_ && (at_ > 0 || filled_ < capacity_)) {
        if (const auto grown = more(); !grown) return std::unexpected(grown.error());
        continue;
      }
      broken_ = scan == Scan::text_after_quote ? Broken::text_after_quote : Broken::unclosed_quote;
      if (const auto again = complete_line(); !again) return again;  // `more` has moved the line
      fields_found_ = 0;
      skip_line();
      return true;
    }
  }
}

int CsvRows::column_of(std::string_view field) const {
  const char* const begin = field.data();
  if (begin < row_ || begin >= buffer_.get() + filled_) return 0;
  if (std::any_of(row_, begin, [](char c) { return c == '\n' || c == '\r'; })) return 0;
  const auto is_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return 1 + static_cast<int>(std::count_if(row_, begin, is_character));
}

void CsvRows::split_plain(std::string_view row) {
  fields_found_ = 0;
  while (fields_found_ + 1 < kMaxFields) {
    const auto end = row.find(separator_);
    if (end == std::string_view::npos) break;
    fields_[fields_found_++] = row.substr(0, end);
    row.remove_prefix(end + 1);
  }
  fields_[fields_found_++] = row;
}

void CsvRows::add_field(std::size_t from, std::size_t to) {
  if (fields_found_ < kMaxFields) {
    fields_[fields_found_++] = {buffer_.get() + from, to - from};
  } else {
    const char* const begin = fields_.back().data();
    fields_.back() = {begin, static_cast<std::size_t>(buffer_.get() + to - begin)};
  }
}

/// Splits the row at `at_` and passes it. Changes nothing but `fields_` unless the row is complete: doubled quotes are
/// undoubled in the buffer, and that can be done only once.
CsvRows::Scan CsvRows::split_quoted() {
  fields_found_ = 0;
  const char* const text = buffer_.get();
  const auto blank = [&](char c) { return c == ' ' || (c == '\t' && separator_ != '\t'); };
  std::uint64_t doubled = 0;
  static_assert(kMaxFields <= 64);
  std::int64_t lines = 1;
  std::size_t p = at_;
  for (;;) {
    std::size_t q = p;
    while (q < filled_ && blank(text[q])) ++q;
    if (q < filled_ && text[q] == '"') {
      const std::size_t from = q + 1;
      std::size_t close = from;
      bool undouble = false;
      for (;; close += 2) {
        const void* found = std::memchr(text + close, '"', filled_ - close);
        if (found == nullptr) return Scan::needs_more;
        close = static_cast<std::size_t>(static_cast<const char*>(found) - text);
        if (close + 1 == filled_ && !ended_) return Scan::needs_more;
        if (close + 1 == filled_ || text[close + 1] != '"') break;
        undouble = true;
      }
      for (std::size_t i = from; i < close; ++i) {
        if (text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n')) ++lines;
      }
      for (q = close + 1; q < filled_ && blank(text[q]);) ++q;
      if (q == filled_ && !ended_) return Scan::needs_more;
      if (q < filled_ && text[q] != separator_ && text[q] != '\n' && text[q] != '\r') return Scan::text_after_quote;
      if (undouble && fields_found_ < kMaxFields) doubled |= std::uint64_t{1} << fields_found_;
      add_field(from, close);
    } else {
      while (q < filled_ && text[q] != separator_ && text[q] != '\n' && text[q] != '\r') ++q;
      if (q == filled_ && !ended_) return Scan::needs_more;
      add_field(p, q);
    }
    if (q < filled_ && text[q] == separator_) {
      p = q + 1;
      continue;
    }
    if (q + 1 == filled_ && text[q] == '\r' && !ended_) return Scan::needs_more;
    row_ = text + at_;
    at_ = q == filled_ ? q : q + (text[q] == '\r' && q + 1 < filled_ && text[q + 1] == '\n' ? 2 : 1);
    break;
  }
  next_line_ += lines;
  for (std::size_t i = 0; doubled != 0; ++i, doubled >>= 1) {
    if ((doubled & 1) == 0) continue;
    char* const begin = buffer_.get() + (fields_[i].data() - buffer_.get());
    char* out = begin;
    for (std::size_t k = 0; k < fields_[i].size(); ++k) {
      *out++ = begin[k];
      if (begin[k] == '"') ++k;
    }
    fields_[i] = {begin, static_cast<std::size_t>(out - begin)};
  }
  return Scan::complete;
}

}  // namespace portalkey
