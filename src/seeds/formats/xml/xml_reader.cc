#include "seeds/formats/xml/xml_reader.h"

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

namespace portalkey {
namespace {

constexpr XML_Char kSeparator = '\n';  // cannot be in a namespace name: attribute values have no line breaks
constexpr std::size_t kChunk = 128 * 1024;
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
    return skipped_lines_ + static_cast<std::int64_t>(XML_GetCurrentLineNumber(parser_.get()));
  }
  int column() const override {
    return static_cast<int>(std::min<XML_Size>(XML_GetCurrentColumnNumber(parser_.get()), 1'000'000'000)) + 1;
  }
  std::int64_t offset() const override { return skipped_bytes_ + XML_GetCurrentByteIndex(parser_.get()); }

  Result<std::string_view> next_piece();
  std::string_view without_blanks(std::string_view start);
  Result<void> parse(std::string_view piece);
  Error why_not_xml() const;

  void stop(Error error) {
    if (error_) return;
    error_ = std::move(error);
    XML_StopParser(parser_.get(), XML_FALSE);
  }
  void go_on(const Result<void>& result) {
    if (!result) return stop(result.error());
    text_wanted_ = handler_.wants_text();
  }
  static Reading& of(void* user) { return *static_cast<Reading*>(user); }
  static void on_start(void* user, const XML_Char* name, const XML_Char** attributes);
  static void on_end(void* user, const XML_Char* name);
  static void on_text(void* user, const XML_Char* text, int size);
  static void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int);

  ByteSource& source_;
  XmlHandler& handler_;
  std::unique_ptr<XML_ParserStruct, FreeParser> parser_;
  std::optional<Error> error_;
  std::array<XmlAttribute, kXmlMostAttributes> attributes_;
  int depth_ = 0;
  std::size_t text_size_ = 0;
  std::int64_t skipped_lines_ = 0, skipped_bytes_ = 0;
  bool started_ = false, text_wanted_ = false;

  std::vector<char> room_;
  bool ended_ = false;      // the source
  std::int64_t given_ = 0;  // to the parser
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
  self.go_on(self.handler_.on_start(element, self));
}

void Reading::on_end(void* user, const XML_Char*) {
  auto& self = of(user);
  if (self.error_) return;
  --self.depth_;
  self.text_size_ = 0;
  self.go_on(self.handler_.on_end(self));
}

void Reading::on_text(void* user, const XML_Char* text, int size) {
  auto& self = of(user);
  if (self.error_ || !self.text_wanted_) return;
  self.text_size_ += static_cast<std::size_t>(size);
  if (self.text_size_ > kXmlMostTextBytes) {
    return self.stop(at(self, fmt::format("an element has more than {} KiB of text", kXmlMostTextBytes / 1024),
                        "No seed file needs that: ask where this file comes from."));
  }
  if (const auto done = self.handler_.on_text({text, static_cast<std::size_t>(size)}, self); !done) self.stop(done.error());
}

void Reading::on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  auto& self = of(user);
  self.stop(at(self, "the XML has a DOCTYPE, which is refused because it could name other files or grow without bound",
               "Remove the line that begins with <!DOCTYPE; no seed file needs it."));
}

/// Fills the room as far as the source goes: a parser that gets few bytes at a time looks at a long tag again and again.
Result<std::string_view> Reading::next_piece() {
  std::size_t size = 0;
  while (size < room_.size()) {
    const auto n = source_.read(std::span(room_).subspan(size));
    if (!n) return std::unexpected(n.error());
    if (*n == 0) break;
    size += *n;
  }
  ended_ = size < room_.size();
  const std::string_view piece(room_.data(), size);
  return started_ ? piece : without_blanks(piece);
}

/// Blanks before the XML declaration, as some exports have them, and a mark that stands before them.
std::string_view Reading::without_blanks(std::string_view start) {
  const std::size_t size = start.size();
  if (start.starts_with(kByteOrderMark)) start.remove_prefix(kByteOrderMark.size());
  while (!start.empty() && (start[0] == ' ' || start[0] == '\t' || start[0] == '\r' || start[0] == '\n')) {
    skipped_lines_ += start[0] == '\n' ? 1 : 0;
    start.remove_prefix(1);
  }
  started_ = !start.empty();
  skipped_bytes_ += static_cast<std::int64_t>(size - start.size());
  return start;
}

Result<void> Reading::parse(std::string_view piece) {
  given_ += static_cast<std::int64_t>(piece.size());
  const auto status = XML_Parse(parser_.get(), piece.data(), static_cast<int>(piece.size()), ended_ ? 1 : 0);
  if (error_) return std::unexpected(std::move(*error_));
  if (status != XML_STATUS_OK) return std::unexpected(why_not_xml());
  if (!ended_ && given_ - XML_GetCurrentByteIndex(parser_.get()) > static_cast<std::int64_t>(kXmlMostTagBytes)) {
    return std::unexpected(at(*this, fmt::format("a tag or comment is longer than {} KiB", kXmlMostTagBytes / 1024),
                              "No seed file needs that: ask where this file comes from."));
  }
  return {};
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
  XML_SetCharacterDataHandler(parser, on_text);
  XML_SetStartDoctypeDeclHandler(parser, on_doctype);
  room_.resize(kChunk);
  while (!ended_) {
    auto piece = next_piece();
    if (!piece) return pass(piece);
    if (auto ok = parse(*piece); !ok) return ok;
  }
  return {};
}

}  // namespace

std::string_view XmlElement::attribute(std::initializer_list<std::string_view> names) const {
  for (const auto wanted : names) {
    for (const auto& attribute : attributes) {
      if (attribute.name == wanted && attribute.ns.empty()) return attribute.value;
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
