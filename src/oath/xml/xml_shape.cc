#include "oath/xml/xml_shape.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/ascii.h"
#include "oath/xml/line_ends.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostValueBytes = 1024;  // a longer one is the parser's, and its bounds'
constexpr std::size_t kMostShapes = 8;
constexpr std::int64_t kMostUnknown = 16;  // more than known ones

enum Plain : std::uint8_t { in_text = 1, in_attribute = 2, line_end = 4 };

constexpr auto kPlain = [] {
  std::array<std::uint8_t, 256> plain{};
  for (unsigned c = 0x20; c < 0x7F; ++c) plain[c] = in_text | in_attribute;
  for (const unsigned char c : {'<', '>', '&'}) plain[c] = 0;
  for (const unsigned char c : {'"', '\''}) plain[c] = in_text;
  plain['\t'] = in_text;
  plain['\n'] = in_text | line_end;
  return plain;
}();

bool is_plain(std::string_view text, Plain where) {
  return std::ranges::all_of(text, [&](char c) { return (kPlain[static_cast<unsigned char>(c)] & where) != 0; });
}

bool is_blank(std::string_view text) { return trimmed(text).empty(); }

/// The name that ends before the `=` with which `text` ends.
std::string_view name_before_equals(std::string_view text) {
  text = trimmed(text);
  if (text.ends_with('=')) text.remove_suffix(1);
  text = trimmed(text);
  return text.substr(text.find_last_of(" \t\r\n") + 1);
}

}  // namespace

bool XmlRecording::keep(std::size_t bytes) {
  kept_ += std::min(bytes, kMostBytes + 1);
  return fits();
}

void XmlRecording::add_bytes(std::string_view bytes) {
  if (keep(bytes.size())) bytes_ += bytes;
}

void XmlRecording::add_text(std::string_view piece) {
  if (keep(piece.size())) text_ += piece;
}

void XmlRecording::add_start(const XmlElement& element, std::size_t begin, std::size_t end) {
  std::size_t size = sizeof(Tag) + element.ns.size() + element.name.size();
  for (const auto& a : element.attributes) size += sizeof(Attribute) + a.ns.size() + a.name.size() + a.value.size();
  if (!keep(size)) return;
  Tag tag{true, begin, end, std::string(element.ns), std::string(element.name), {}, std::exchange(text_, {})};
  for (const auto& a : element.attributes) {
    tag.attributes.push_back({std::string(a.ns), std::string(a.name), std::string(a.value)});
  }
  tags_.push_back(std::move(tag));
}

void XmlRecording::add_end(std::size_t begin, std::size_t end) {
  if (keep(sizeof(Tag))) tags_.push_back({false, begin, end, {}, {}, {}, std::exchange(text_, {})});
}

std::int64_t XmlPlaceInText::line() const {
  line_ += count_line_ends(text_.substr(counted_to_, at_ - counted_to_));
  counted_to_ = at_;
  return line_;
}

std::int64_t XmlPlaceInText::characters_before() const {
  const auto before = text_.substr(0, at_);
  const auto line_end = before.find_last_of("\r\n");
  const auto in_line = before.substr(line_end == std::string_view::npos ? 0 : line_end + 1);
  const auto characters = std::ranges::count_if(in_line, [&](char c) { return !utf8_ || (c & 0xC0) != 0x80; });
  return line_end == std::string_view::npos ? column_ + characters : characters;
}

int XmlPlaceInText::column() const { return static_cast<int>(std::min<std::int64_t>(characters_before(), 1'000'000'000)) + 1; }

/// Cuts the recorded bytes into literals and values.
class XmlShape::Builder {
 public:
  explicit Builder(XmlShape& shape) : shape_(shape) {}

  void literal(std::string_view bytes) {
    shape_.literals_ += bytes;
    place_.behind += bytes.size();
    shape_.lines_in_literals_ += count_line_ends(bytes);
  }
  std::size_t value(Until until) {
    shape_.parts_.push_back({std::exchange(place_.behind, 0), until});
    return place_.values++;
  }
  void finish() {
    shape_.parts_.push_back({place_.behind, Until::end});
    shape_.values_.resize(place_.values);
  }
  const Place& place() const { return place_; }

  Text text(std::string_view bytes, const std::string& read) {
    if (bytes == read && !is_blank(bytes) && bytes.size() <= kMostValueBytes && is_plain(bytes, in_text)) {
      return {{}, value(Until::tag)};
    }
    literal(bytes);
    return {read, {}};
  }

  /// The attributes of a start tag; false if they are not those that were read.
  bool attributes(std::string_view tag, const std::vector<XmlRecording::Attribute>& read, std::vector<Attribute>& to) {
    for (;;) {
      const auto quote = tag.find_first_of("\"'");
      if (quote == std::string_view::npos) break;
      const auto size = tag.substr(quote + 1).find(tag[quote]);
      if (size == std::string_view::npos) return false;
      const auto name = name_before_equals(tag.substr(0, quote));
      const auto bytes = tag.substr(quote + 1, size);
      literal(tag.substr(0, quote + 1));
      tag.remove_prefix(quote + 1 + size);  // its closing quote stays, and is passed over
      if (name == "xmlns" || name.starts_with("xmlns:")) {
        literal(bytes);
      } else {
        if (to.size() == read.size()) return false;
        const auto& a = read[to.size()];
        Text text{a.value, {}};
        if (bytes == a.value && bytes.size() <= kMostValueBytes && is_plain(bytes, in_attribute)) {
          text = {{}, value(Until::quote)};
        } else {
          literal(bytes);
        }
        to.push_back({a.ns, a.name, std::move(text)});
      }
      literal(tag.substr(0, 1));
      tag.remove_prefix(1);
    }
    literal(tag);
    return to.size() == read.size();
  }

 private:
  XmlShape& shape_;
  Place place_;
};

std::optional<XmlShape> XmlShape::of(const XmlRecording& recording) {
  const std::string_view bytes = recording.bytes_;
  if (!recording.fits() || recording.tags_.empty() || !recording.tags_.front().start ||
      recording.tags_.back().end != bytes.size())
    return std::nullopt;
  XmlShape shape;
  Builder builder(shape);
  std::size_t at = recording.tags_.front().begin;  // what stands before it may differ
  for (const auto& read : recording.tags_) {
    if (read.begin < at || read.end < read.begin || read.end > bytes.size()) return std::nullopt;
    Tag tag{read.start, read.ns, read.name, {}, {}, builder.place(), {}};
    if (&read != &recording.tags_.front()) tag.text_before = builder.text(bytes.substr(at, read.begin - at), read.text_before);
    tag.place = builder.place();
    const auto text = bytes.substr(read.begin, read.end - read.begin);
    if (!builder.attributes(text, read.attributes, tag.attributes)) return std::nullopt;
    at = read.end;
    shape.tags_.push_back(std::move(tag));
  }
  builder.finish();
  return shape;
}

std::size_t XmlShape::match(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const char* literal = literals_.data();
  std::size_t value = 0;
  std::uint8_t seen = 0;
  for (const Part& part : parts_) {
    if (static_cast<std::size_t>(end - at) < part.literal_size || std::memcmp(at, literal, part.literal_size) != 0) return 0;
    at += part.literal_size;
    literal += part.literal_size;
    if (part.until == Until::end) break;
    const auto plain = part.until == Until::tag ? in_text : in_attribute;
    const char* const begin = at;
    for (; at != end; ++at) {
      const auto c = kPlain[static_cast<unsigned char>(*at)];
      if ((c & plain) == 0) break;
      seen |= c;
    }
    if (at - begin > static_cast<std::ptrdiff_t>(kMostValueBytes)) return 0;
    values_[value++] = {begin, at};
  }
  matched_ = text.data();
  lines_in_values_ = (seen & line_end) != 0;
  return static_cast<std::size_t>(at - text.data());
}

std::size_t XmlShape::offset_of(const Place& place) const {
  const char* const base = place.values == 0 ? matched_ : values_[place.values - 1].data() + values_[place.values - 1].size();
  return static_cast<std::size_t>(base - matched_) + place.behind;
}

std::int64_t XmlShape::line_ends() const {
  std::int64_t lines = lines_in_literals_;
  if (!lines_in_values_) return lines;
  for (const auto value : values_) lines += count_line_ends(value);
  return lines;
}

Result<void> XmlShape::replay(XmlHandler& handler, std::size_t at, XmlPlaceInText& place) {
  for (const Tag& tag : tags_) {
    if (const auto text = of(tag.text_before); !text.empty() && handler.wants_text()) {
      place.move_to(at + offset_of(tag.text_place));
      if (auto done = handler.on_text(text, place); !done) return done;
    }
    place.move_to(at + offset_of(tag.place));
    Result<void> done;
    if (tag.start) {
      attributes_.clear();
      for (const auto& a : tag.attributes) attributes_.push_back({a.ns, a.name, of(a.text)});
      done = handler.on_start({tag.ns, tag.name, attributes_}, place);
    } else {
      done = handler.on_end(place);
    }
    if (!done) return done;
  }
  return {};
}

XmlShape* XmlShapes::match(std::string_view text, std::size_t& size) {
  for (auto shape = shapes_.begin(); shape != shapes_.end(); ++shape) {
    size = shape->match(text);
    if (size == 0) continue;
    ++known_;
    if (shape != shapes_.begin()) std::rotate(shapes_.begin(), shape, shape + 1);
    return &shapes_.front();
  }
  return nullptr;
}

void XmlShapes::learn(const XmlRecording& recording) {
  if (auto shape = XmlShape::of(recording)) {
    if (shapes_.size() == kMostShapes) shapes_.pop_back();
    shapes_.insert(shapes_.begin(), std::move(*shape));
  }
  worthwhile_ = ++unknown_ < known_ + kMostUnknown;
}

}  // namespace portalkey
