#include "seeds/input/text_lines.h"

#include <fmt/format.h>

#include <cstring>

namespace portalkey {

TextLines::~TextLines() { explicit_bzero(buffer_.data(), buffer_.size()); }

Result<bool> TextLines::more() {
  if (ended_) return false;
  std::memmove(buffer_.data(), buffer_.data() + at_, filled_ - at_);
  filled_ -= at_;
  at_ = 0;
  if (filled_ == buffer_.size()) {
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("a line of more than {} bytes", kMostLineBytes),
                                 "Check that the file is what its name says, and that its line ends are not lost.",
                                 {{"line", fmt::format("{}", line_ + 1)}}});
  }
  const auto read = source_.read(std::span(buffer_).subspan(filled_));
  if (!read) return std::unexpected(read.error());
  filled_ += *read;
  ended_ = *read == 0;
  return !ended_;
}

Result<std::optional<std::string_view>> TextLines::next() {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::size_t seen = 0;
  for (;;) {
    std::string_view rest(buffer_.data() + at_, filled_ - at_);
    if (after_cr_ && !rest.empty()) {
      after_cr_ = false;
      if (rest.front() == '\n') {
        ++at_;
        rest.remove_prefix(1);
      }
    }
    const auto end = rest.find_first_of("\r\n", seen);
    if (end == std::string_view::npos) {
      seen = rest.size();
      auto grown = more();
      if (!grown) return pass(grown);
      if (*grown) continue;
      if (rest.empty()) return std::nullopt;
    }
    auto text = std::string_view(buffer_.data() + at_, std::min(end, filled_ - at_));
    after_cr_ = end != std::string_view::npos && rest[end] == '\r';
    at_ += text.size() + (end != std::string_view::npos ? 1 : 0);
    if (++line_ == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    return text;
  }
}

}  // namespace portalkey
