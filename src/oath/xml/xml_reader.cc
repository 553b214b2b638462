#include "oath/xml/xml_reader.h"

#include <expat.h>
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "base/ascii.h"
#include "oath/xml/line_ends.h"
#include "oath/xml/xml_shape.h"

namespace portalkey {
namespace {

constexpr XML_Char kSeparator = '\n';  // cannot be in a namespace name: attribute values have no line breaks
constexpr std::size_t kChunk = 128 * 1024;
constexpr std::size_t kAhead = 32 * 1024;  // is there, unless the file ends, when an element's shape is looked for
constexpr int kMostStepsToRoot = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kAskAgain = "Fetch the file again, or ask the vendor for it once more.";

/// The parser's memory: bounded, because it keeps every name it has ever seen, and wiped, because it holds the keys' text.
/// Expat's functions have no argument of their own.
thread_local std::size_t memory_in_use = 0;

void* take(std::size_t size) {
  if (size > kXmlMostMemory || memory_in_use + size > kXmlMostMemory) return nullptr;
  void* block = std::malloc(size);
  if (block != nullptr) memory_in_use += ::malloc_usable_size(block);
  return block;
}

void give_back(void* block) {
  if (block == nullptr) return;
  const std::size_t size = ::malloc_usable_size(block);
  memory_in_use -= std::min(size, memory_in_use);
  explicit_bzero(block, size);
  std::free(block);
}

void* take_anew(void* block, std::size_t size) {
  void* other = take(size);
  if (other == nullptr || block == nullptr) return other;
  std::memcpy(other, block, std::min(size, ::malloc_usable_size(block)));
  give_back(block);
  return other;
}

constexpr XML_Memory_Handling_Suite kMemory{take, take_anew, give_back};

struct FreeParser {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

/// `urn:…\nname`, `urn:…\nname\nprefix` or `name`.
std::pair<std::string_view, std::string_view> parted(std::string_view name) {
  const auto end = name.find(kSeparator);
  if (end == std::string_view::npos) return {{}, name};
  return {name.substr(0, end), name.substr(end + 1)};
}

class Reading final : private XmlPlace {
 public:
  Reading(ByteSource& source, XmlHandler& handler) : source_(source), handler_(handler) {}
  Result<void> run();

 private:
  std::int64_t line() const override {
    count_lines();
    return skipped_lines_ + (wide_ ? static_cast<std::int64_t>(XML_GetCurrentLineNumber(parser_.get())) : lines_ + 1);
  }
  int column() const override { return static_cast<int>(std::min<std::int64_t>(characters_before(), 1'000'000'000)) + 1; }
  std::int64_t offset() const override { return skipped_bytes_ + XML_GetCurrentByteIndex(parser_.get()); }

  std::int64_t characters_before() const;

  Result<void> look_ahead();
  void skip_blanks();
  std::string_view next_piece();
  Result<void> parse(std::string_view piece, bool last);
  void count_lines() const;
  Error why_not_xml() const;

  bool between_children() const { return depth_ == 1 && last_tag_end_ == given_; }
  bool take_known_child();

  void stop(Error error) {
    if (error_) return;
    error_ = std::move(error);
    XML_StopParser(parser_.get(), XML_FALSE);
  }
  void go_on(const Result<void>& result) {
    if (!result) return stop(result.error());
    text_wanted_ = handler_.wants_text();
    // Most of what stands between tags is blank, and given out line by line.
    if (const bool heard = text_wanted_ || recording_; heard != text_heard_) {
      XML_SetCharacterDataHandler(parser_.get(), heard ? on_text : nullptr);
      text_heard_ = heard;
    }
  }
  /// Where the tag stands that a handler is being called for: begin and end, in bytes given to the parser.
  std::pair<std::int64_t, std::int64_t> tag() const {
    const std::int64_t begin = XML_GetCurrentByteIndex(parser_.get());
    return {begin, begin + XML_GetCurrentByteCount(parser_.get())};
  }
  std::size_t in_recording(std::int64_t offset) const { return static_cast<std::size_t>(offset - recording_from_); }
  static Reading& of(void* user) { return *static_cast<Reading*>(user); }
  static void on_start(void* user, const XML_Char* name, const XML_Char** attributes);
  static void on_end(void* user, const XML_Char* name);
  static void on_text(void* user, const XML_Char* text, int size);
  static void on_declaration(void* user, const XML_Char*, const XML_Char* encoding, int);
  static void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int);

  ByteSource& source_;
  XmlHandler& handler_;
  std::unique_ptr<XML_ParserStruct, FreeParser> parser_;
  std::optional<Error> error_;
  std::array<XmlAttribute, kXmlMostAttributes> attributes_;
  int depth_ = 0;
  std::size_t text_size_ = 0;
  std::int64_t skipped_lines_ = 0, skipped_bytes_ = 0;
  bool started_ = false, text_wanted_ = false, text_heard_ = false;
  bool wide_ = false;    // UTF-16
  bool latin1_ = false;  // a byte is a character
  mutable std::int64_t lines_ = 0, counted_to_ = 0;

  std::vector<char> room_;
  std::string_view left_;   // of the room
  bool ended_ = false;      // the source
  std::int64_t given_ = 0;  // to the parser
  int steps_to_root_ = 0;

  // Children of the root that need no parser, see xml_shape.h. What is skipped the parser never sees.
  XmlShapes shapes_;
  std::optional<XmlRecording> recording_;
  std::int64_t recording_from_ = 0, last_tag_end_ = -1;
  std::int64_t line_when_skipped_ = -1, characters_skipped_ = 0;  // in that line
};

void Reading::on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
  auto& self = of(user);
  if (self.error_) return;
  self.text_size_ = 0;
  if (++self.depth_ > kXmlMostDepth) {
    return self.stop(at(self, fmt::format("the XML is nested more than {} elements deep", kXmlMostDepth),
                        "No seed file needs that: ask where this file comes from."));
  }
  std::size_t count = 0;
  for (; *attributes != nullptr; attributes += 2) {
    if (count == kXmlMostAttributes) {
      return self.stop(at(self, fmt::format("an element has more than {} attributes", kXmlMostAttributes),
                          "No seed file needs that: ask where this file comes from."));
    }
    const auto [ns, local] = parted(attributes[0]);
    self.attributes_[count++] = {ns, local, attributes[1]};
  }
  const auto [ns, local] = parted(name);
  const XmlElement element{ns, local, std::span(self.attributes_).first(count)};
  if (self.depth_ == 1) self.last_tag_end_ = self.tag().second;
  if (self.recording_) {
    const auto [begin, end] = self.tag();
    self.recording_->add_start(element, self.in_recording(begin), self.in_recording(end));
  }
  self.go_on(self.handler_.on_start(element, self));
}

void Reading::on_end(void* user, const XML_Char*) {
  auto& self = of(user);
  if (self.error_) return;
  --self.depth_;
  self.text_size_ = 0;
  if (self.depth_ == 1) self.last_tag_end_ = self.tag().second;
  if (self.recording_) {
    const auto [begin, end] = self.tag();
    self.recording_->add_end(self.in_recording(begin), self.in_recording(end));
  }
  self.go_on(self.handler_.on_end(self));
}

void Reading::on_text(void* user, const XML_Char* text, int size) {
  auto& self = of(user);
  if (self.error_) return;
  if (self.recording_) self.recording_->add_text({text, static_cast<std::size_t>(size)});
  if (!self.text_wanted_) return;
  self.text_size_ += static_cast<std::size_t>(size);
  if (self.text_size_ > kXmlMostTextBytes) {
    return self.stop(at(self, fmt::format("an element has more than {} KiB of text", kXmlMostTextBytes / 1024),
                        "No seed file needs that: ask where this file comes from."));
  }
  if (const auto done = self.handler_.on_text({text, static_cast<std::size_t>(size)}, self); !done) self.stop(done.error());
}

void Reading::on_declaration(void* user, const XML_Char*, const XML_Char* encoding, int) {
  of(user).latin1_ = encoding != nullptr && same_ignoring_case(encoding, "iso-8859-1");
}

void Reading::on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  auto& self = of(user);
  self.stop(at(self, "the XML has a DOCTYPE, which is refused because it could name other files or grow without bound",
               "Remove the line that begins with <!DOCTYPE; no seed file needs it."));
}

/// In its line. Of what was skipped in the same line the parser does not know.
std::int64_t Reading::characters_before() const {
  const auto read = static_cast<std::int64_t>(XML_GetCurrentColumnNumber(parser_.get()));
  return line_when_skipped_ == line() ? read + characters_skipped_ : read;
}

/// Fills the room as far as the source goes: a parser that gets few bytes at a time looks at a long tag again and again.
Result<void> Reading::look_ahead() {
  if (ended_ || left_.size() >= kAhead) return {};
  std::size_t size = left_.size();
  std::memmove(room_.data(), left_.data(), size);
  while (size < room_.size()) {
    const auto n = source_.read(std::span(room_).subspan(size));
    if (!n) return std::unexpected(n.error());
    if (*n == 0) break;
    size += *n;
  }
  ended_ = size < room_.size();
  left_ = {room_.data(), size};
  if (!started_) skip_blanks();
  return {};
}

/// Blanks before the XML declaration, as some exports have them, and a mark that stands before them.
void Reading::skip_blanks() {
  const std::size_t size = left_.size();
  if (left_.starts_with(kByteOrderMark)) left_.remove_prefix(kByteOrderMark.size());
  while (!left_.empty() && (left_[0] == ' ' || left_[0] == '\t' || left_[0] == '\r' || left_[0] == '\n')) {
    skipped_lines_ += left_[0] == '\n' ? 1 : 0;
    left_.remove_prefix(1);
  }
  started_ = !left_.empty();
  wide_ = left_.size() > 1 &&
          (left_[0] == '\0' || left_[1] == '\0' || left_.starts_with("\xFE\xFF") || left_.starts_with("\xFF\xFE"));
  skipped_bytes_ += static_cast<std::int64_t>(size - left_.size());
}

/// A tag at a time while shapes are looked for, but never twice what the parser could not take: it would look at it again.
std::string_view Reading::next_piece() {
  const bool stepwise = !wide_ && shapes_.worthwhile() &&
                        (depth_ == 0 ? ++steps_to_root_ <= kMostStepsToRoot
                                     : (between_children() || recording_) && XML_GetCurrentByteIndex(parser_.get()) == given_);
  const auto end = stepwise ? left_.find('>') : std::string_view::npos;
  const auto piece = left_.substr(0, end == std::string_view::npos ? left_.size() : end + 1);
  left_.remove_prefix(piece.size());
  return piece;
}

Result<void> Reading::parse(std::string_view piece, bool last) {
  if (between_children() && shapes_.worthwhile() && !wide_) {
    recording_.emplace();
    recording_from_ = given_;
    go_on({});
  }
  if (recording_) recording_->add_bytes(piece);
  if (recording_ && !recording_->fits()) recording_.reset();
  given_ += static_cast<std::int64_t>(piece.size());
  const auto status = XML_Parse(parser_.get(), piece.data(), static_cast<int>(piece.size()), last ? 1 : 0);
  if (error_) return std::unexpected(std::move(*error_));
  if (status != XML_STATUS_OK) return std::unexpected(why_not_xml());
  if (last) return {};
  count_lines();  // what the parser has read it does not keep
  if (given_ - XML_GetCurrentByteIndex(parser_.get()) > static_cast<std::int64_t>(kXmlMostTagBytes)) {
    return std::unexpected(at(*this, fmt::format("a tag or comment is longer than {} KiB", kXmlMostTagBytes / 1024),
                              "No seed file needs that: ask where this file comes from."));
  }
  if (between_children() && recording_) {
    shapes_.learn(*recording_);
    recording_.reset();
  }
  return {};
}

/// Hands over the root's next child if its shape is known.
bool Reading::take_known_child() {
  const std::size_t blanks = std::min(left_.find_first_not_of(" \t\r\n"), left_.size());
  const auto before = left_.substr(0, blanks);
  if (text_wanted_ && before.find('\r') != std::string_view::npos) return false;
  std::size_t size = 0;
  XmlShape* const shape = shapes_.match(left_.substr(blanks), size);
  if (shape == nullptr) return false;
  const auto child = left_.substr(0, blanks + size);
  XmlPlaceInText place(child, !latin1_, offset(), line(), characters_before());
  Result<void> done;
  if (text_wanted_ && !before.empty()) done = handler_.on_text(before, place);
  if (done) done = shape->replay(handler_, blanks, place);
  place.move_to(child.size());
  skipped_bytes_ += static_cast<std::int64_t>(child.size());
  skipped_lines_ += count_line_ends(before) + shape->line_ends();
  line_when_skipped_ = line();
  characters_skipped_ = place.characters_before() - static_cast<std::int64_t>(XML_GetCurrentColumnNumber(parser_.get()));
  left_.remove_prefix(child.size());
  go_on(done);
  return true;
}

/// Line ends up to where the parser is. It counts them as well, but one character at a time.
void Reading::count_lines() const {
  int at = 0, size = 0;
  const char* const context = wide_ ? nullptr : XML_GetInputContext(parser_.get(), &at, &size);
  if (context == nullptr) return;
  const std::int64_t offset = XML_GetCurrentByteIndex(parser_.get());
  const auto length = static_cast<std::size_t>(offset - counted_to_);
  lines_ += count_line_ends({context + at - length, length});  // the parser never stops between \r and \n
  counted_to_ = offset;
}

Error Reading::why_not_xml() const {
  const auto code = XML_GetErrorCode(parser_.get());
  switch (code) {
    case XML_ERROR_NO_MEMORY:
      return at(*this, fmt::format("reading the XML takes more than {} MiB of memory", kXmlMostMemory / 1024 / 1024),
                "No seed file needs that: ask where this file comes from.");
    case XML_ERROR_NO_ELEMENTS:
    case XML_ERROR_UNCLOSED_TOKEN:
    case XML_ERROR_UNCLOSED_CDATA_SECTION:
    case XML_ERROR_PARTIAL_CHAR:
      return at(*this, fmt::format("the XML ends too early ({})", XML_ErrorString(code)), std::string(kAskAgain));
    case XML_ERROR_UNKNOWN_ENCODING:
    case XML_ERROR_INCORRECT_ENCODING:
      return at(*this, "the XML declaration names an encoding that is not known or not the file's",
                "Save the file as UTF-8 and write encoding=\"UTF-8\" into its first line.");
    case XML_ERROR_UNDEFINED_ENTITY:
      return at(*this, "the XML uses an entity other than &lt; &gt; &amp; &quot; &apos;", std::string(kAskAgain));
    default:
      return at(*this, fmt::format("the file is not well-formed XML: {}", XML_ErrorString(code)), std::string(kAskAgain));
  }
}

Result<void> Reading::run() {
  parser_.reset(XML_ParserCreate_MM(nullptr, &kMemory, &kSeparator));
  if (!parser_) return fail(Errc::internal, "no memory for reading XML");
  const auto parser = parser_.get();
  XML_SetUserData(parser, this);
  XML_SetElementHandler(parser, on_start, on_end);
  XML_SetXmlDeclHandler(parser, on_declaration);
  XML_SetStartDoctypeDeclHandler(parser, on_doctype);
  room_.resize(kChunk + kAhead);
  left_ = {room_.data(), 0};
  for (;;) {
    if (auto ok = look_ahead(); !ok) return ok;
    if (between_children() && take_known_child()) {
      if (error_) return std::unexpected(std::move(*error_));
      continue;
    }
    const auto piece = next_piece();
    const bool last = ended_ && left_.empty();
    if (auto ok = parse(piece, last); !ok) return ok;
    if (last) return {};
  }
}

}  // namespace

std::string_view XmlElement::attribute(std::initializer_list<std::string_view> names) const {
  for (const auto name : names) {
    for (const auto& attribute : attributes) {
      if (attribute.name == name && attribute.ns.empty()) return attribute.value;
    }
  }
  return {};
}

Error at(const XmlPlace& place, std::string what, std::string remedy) {
  return {Errc::invalid_input,
          std::move(what),
          std::move(remedy),
          {{"line", std::to_string(place.line())}, {"column", std::to_string(place.column())}}};
}

Result<void> read_xml(ByteSource& source, XmlHandler& handler) { return Reading(source, handler).run(); }

}  // namespace portalkey
