#pragma once
// A file of seeds repeats one element some thousand times, and only the values differ. A shape is what such an element has in
// common with the next: its bytes without the values, and what the parser made of them. The next one needs no parser.
//
// That is exact, not a guess. An element with the same tags below the same parent has the same names and namespaces; the values
// may differ as long as they are plain: printable ASCII without markup, entities and (in attributes) quotes and line breaks,
// which no encoding but UTF-16 and no normalisation of XML changes. A value that was not plain is part of the shape.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "oath/xml/xml_reader.h"

namespace portalkey {

/// What a parser made of one element and the bytes before it.
class XmlRecording {
 public:
  /// False once it has become larger than a shape may be; it then keeps nothing more. A short tag may have a long namespace.
  bool fits() const { return kept_ <= kMostBytes; }

  void add_bytes(std::string_view bytes);
  /// A tag stands in [begin, end) of the bytes; both tags of an empty element end at the same place.
  void add_start(const XmlElement& element, std::size_t begin, std::size_t end);
  void add_end(std::size_t begin, std::size_t end);
  /// Piece by piece, all between two tags.
  void add_text(std::string_view piece);

  static constexpr std::size_t kMostBytes = 32 * 1024;  ///< of the element and what is read in it, together

 private:
  friend class XmlShape;
  bool keep(std::size_t bytes);
  struct Attribute {
    std::string ns, name, value;
  };
  struct Tag {
    bool start = false;
    std::size_t begin = 0, end = 0;
    std::string ns, name;
    std::vector<Attribute> attributes;
    std::string text_before;
  };

  std::string bytes_;
  std::vector<Tag> tags_;
  std::string text_;
  std::size_t kept_ = 0;
};

/// Where a handler is in a text that follows what the parser has read. It only goes forward.
class XmlPlaceInText final : public XmlPlace {
 public:
  /// `text` begins at `offset`, in line `line`, behind `column` characters of it. `utf8`: a character may have several bytes.
  XmlPlaceInText(std::string_view text, bool utf8, std::int64_t offset, std::int64_t line, std::int64_t column)
      : text_(text), utf8_(utf8), offset_(offset), line_(line), column_(column) {}
  void move_to(std::size_t at) { at_ = at; }

  std::int64_t line() const override;
  int column() const override;
  std::int64_t offset() const override { return offset_ + static_cast<std::int64_t>(at_); }
  std::int64_t characters_before() const;  ///< in the line

 private:
  std::string_view text_;
  bool utf8_;
  std::int64_t offset_;
  mutable std::int64_t line_;
  std::int64_t column_;
  std::size_t at_ = 0;
  mutable std::size_t counted_to_ = 0;
};

class XmlShape {
 public:
  /// nullopt if the recording is not of one whole element.
  static std::optional<XmlShape> of(const XmlRecording& recording);

  /// The size of the element with which `text` begins, if it has this shape; otherwise 0.
  std::size_t match(std::string_view text);

  // The element that was matched last:
  std::int64_t line_ends() const;
  /// Hands it to `handler`. It begins at `at` in the text of `place`.
  Result<void> replay(XmlHandler& handler, std::size_t at, XmlPlaceInText& place);

 private:
  enum class Until : std::uint8_t { end, tag, quote };
  struct Part {  ///< bytes as they are, and a value behind them
    std::size_t literal_size = 0;
    Until until = Until::end;
  };
  struct Place {  ///< `behind` bytes behind the end of that many values, or behind the element's begin
    std::size_t values = 0, behind = 0;
  };
  struct Text {
    std::string literal;
    std::optional<std::size_t> value;  ///< instead of the literal
  };
  struct Attribute {
    std::string ns, name;
    Text text;
  };
  struct Tag {
    bool start = false;
    std::string ns, name;
    std::vector<Attribute> attributes;
    Place place, text_place;  ///< the text's begin is the end of the tag before
    Text text_before;
  };
  class Builder;

  // in the element that was matched last
  std::size_t offset_of(const Place& place) const;
  std::string_view of(const Text& text) const { return text.value ? values_[*text.value] : std::string_view(text.literal); }

  std::string literals_;
  std::vector<Part> parts_;
  std::vector<Tag> tags_;
  std::int64_t lines_in_literals_ = 0;
  // The element that was matched last.
  const char* matched_ = nullptr;
  std::vector<std::string_view> values_;
  bool lines_in_values_ = false;
  std::vector<XmlAttribute> attributes_;  // of one tag
};

/// The shapes that an element's children have had lately.
class XmlShapes {
 public:
  /// False once too few children had a shape that was known: it is not worth the while.
  bool worthwhile() const { return worthwhile_; }
  /// The shape that `text` begins with, and its size; null if none is known.
  XmlShape* match(std::string_view text, std::size_t& size);
  /// A child that had none.
  void learn(const XmlRecording& recording);

 private:
  std::vector<XmlShape> shapes_;  // the last used one first
  std::int64_t known_ = 0, unknown_ = 0;
  bool worthwhile_ = true;
};

}  // namespace portalkey
