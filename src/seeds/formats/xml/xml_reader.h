#pragma once
// XML as a stream of elements, with namespaces, for files that may be hostile: a DOCTYPE is refused at once, and with it
// entities of the file's own, external ones and their expansion; depth, attributes, tags, text and the parser's memory are
// bounded. UTF-8, UTF-16, ISO-8859-1 and US-ASCII, as the XML declaration or the byte order mark says.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "seeds/input/byte_source.h"

namespace portalkey {

inline constexpr int kXmlMostDepth = 64;
inline constexpr std::size_t kXmlMostAttributes = 64;            ///< of one element, namespace declarations not counted
inline constexpr std::size_t kXmlMostTagBytes = 256 * 1024;      ///< of one tag, comment or processing instruction
inline constexpr std::size_t kXmlMostTextBytes = 1024 * 1024;    ///< of one element between two tags, where it is wanted
inline constexpr std::size_t kXmlMostMemory = 16 * 1024 * 1024;  ///< of the parser

struct XmlAttribute {
  std::string_view ns;  ///< empty if the name has no prefix
  std::string_view name;
  std::string_view value;
};

/// The beginning of an element. All views are valid during the call only.
struct XmlElement {
  std::string_view ns;  ///< the namespace's URI; empty if it has none
  std::string_view name;
  std::span<const XmlAttribute> attributes;

  /// The value of the first attribute without a prefix that has one of the names, or a null view.
  std::string_view attribute(std::initializer_list<std::string_view> names) const;
};

/// Where the reader is: at the beginning of what a handler is being called for. Lines and columns are counted from 1.
class XmlPlace {
 public:
  virtual ~XmlPlace() = default;
  virtual std::int64_t line() const = 0;
  virtual int column() const = 0;
  virtual std::int64_t offset() const = 0;  ///< in bytes from the source's first
};

/// What is done with the elements. An Error ends the reading and is returned by `read_xml` unchanged.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual Result<void> on_start(const XmlElement& element, const XmlPlace& place) = 0;
  /// Whether on_text is to be called for what follows. Asked after each on_start and on_end.
  virtual bool wants_text() const { return true; }
  /// The text of the innermost element, in as many pieces as the parser likes; UTF-8.
  virtual Result<void> on_text(std::string_view piece, const XmlPlace& place) = 0;
  /// Of the innermost element.
  virtual Result<void> on_end(const XmlPlace& place) = 0;
};

/// Reads to the end. An Error of its own (invalid_input: not well-formed, cut off, over a bound) has `line` and `column`, and
/// quotes nothing of the file.
Result<void> read_xml(ByteSource& source, XmlHandler& handler);

/// The same with the place added, for handlers.
Error at(const XmlPlace& place, std::string what, std::string remedy);

}  // namespace portalkey
