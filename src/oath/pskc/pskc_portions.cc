#include "oath/pskc/pskc_portions.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>
#include <vector>

#include "oath/xml/xml_reader.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostHeadBytes = 64 * 1024;
constexpr std::uint64_t kFarthestEnd = 1024 * 1024;

bool is_package(std::string_view local_name) { return local_name == "KeyPackage" || local_name == "Device"; }

/// Stops at the container's first child.
class FirstPackage final : public XmlHandler {
 public:
  Result<void> on_start(const XmlElement& element, const XmlPlace& place) override {
    if (root_ < 0) {
      root_ = place.offset();
      return {};
    }
    if (is_package(element.name)) {
      package_ = place.offset();
      line_ = place.line();
    }
    return fail(Errc::invalid_input, "that is enough");
  }
  Result<void> on_text(std::string_view, const XmlPlace&) override { return {}; }
  Result<void> on_end(const XmlPlace&) override { return {}; }

  std::int64_t root() const { return root_; }
  std::int64_t package() const { return package_; }
  std::int64_t line() const { return line_; }

 private:
  std::int64_t root_ = -1, package_ = -1, line_ = 0;
};

/// The bytes from `offset` on, as many as there are room for and there.
Result<std::string_view> bytes_at(const RandomAccess& bytes, std::uint64_t offset, std::span<char> room) {
  std::size_t size = 0;
  while (size < room.size()) {
    const auto n = bytes.read_at(offset + size, room.subspan(size));
    if (!n) return std::unexpected(n.error());
    if (*n == 0) break;
    size += *n;
  }
  return std::string_view(room.data(), size);
}

/// The size of the end tag of a package with which `text` begins; 0 if it begins with anything else. `text` begins with `</`.
std::size_t package_end_tag(std::string_view text) {
  const auto end = text.find('>');
  if (end == std::string_view::npos) return 0;
  auto name = text.substr(2, end - 2);
  name = name.substr(0, name.find_last_not_of(" \t\r\n") + 1);
  if (const auto colon = name.find(':'); colon != std::string_view::npos) name.remove_prefix(colon + 1);
  return is_package(name) ? end + 1 : 0;
}

}  // namespace

std::optional<PskcHead> head_of_pskc(const RandomAccess& bytes) {
  std::vector<char> room(kMostHeadBytes);
  const auto start = bytes_at(bytes, 0, room);
  if (!start) return std::nullopt;
  MemorySource source(*start);
  FirstPackage first;
  std::ignore = read_xml(source, first);
  if (first.package() < 0) return std::nullopt;
  PskcHead head{std::string(start->substr(0, static_cast<std::size_t>(first.package()))), first.line(), {}};
  if (head.text.find('\0') != std::string::npos) return std::nullopt;  // UTF-16
  const auto root = std::string_view(head.text).substr(static_cast<std::size_t>(first.root()) + 1);
  head.closing_tag = "</" + std::string(root.substr(0, root.find_first_of(" \t\r\n/>"))) + ">";
  return head;
}

std::optional<std::uint64_t> end_of_package(const RandomAccess& bytes, std::uint64_t offset) {
  constexpr std::size_t kLongestTag = 256;
  std::array<char, 4096> room;
  std::optional<std::uint64_t> end;
  for (const std::uint64_t from = offset; !end && offset - from < kFarthestEnd;) {
    const auto text = bytes_at(bytes, offset, room);
    if (!text) break;
    const bool last = text->size() < room.size();
    std::size_t at = 0;
    while ((at = text->find("</", at)) != std::string_view::npos && (last || at + kLongestTag <= text->size())) {
      if (const auto size = package_end_tag(text->substr(at, kLongestTag)); size != 0) {
        end = offset + at + size;
        break;
      }
      at += 2;
    }
    if (!end && last) end = bytes.size();
    offset += room.size() - kLongestTag;
  }
  explicit_bzero(room.data(), room.size());
  return end;
}

Result<std::size_t> PskcPortion::read(std::span<char> room) {
  const auto from = [&](std::string_view& text) {
    const std::size_t n = text.copy(room.data(), room.size());
    text.remove_prefix(n);
    return n;
  };
  if (!before_.empty()) return from(before_);
  if (at_ == end_) return from(after_);
  const auto n = bytes_.read_at(at_, room.first(std::min<std::uint64_t>(room.size(), end_ - at_)));
  if (!n) return n;
  at_ = *n == 0 ? end_ : at_ + *n;  // the file has become shorter
  return n;
}

}  // namespace portalkey
