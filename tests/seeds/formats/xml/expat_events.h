#pragma once
// What expat alone makes of a text, in one line an event: the judge of read_xml.

#include <expat.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "seeds/formats/xml/xml_reader.h"

namespace portalkey {

inline std::string event(std::string_view what, std::int64_t line, std::int64_t column, std::int64_t offset) {
  return "\n" + std::string(what) + "@" + std::to_string(line) + ":" + std::to_string(column) + "+" + std::to_string(offset) +
         " ";
}

/// nullopt if the text is not well-formed.
inline std::optional<std::string> events_by_expat(std::string_view text) {
  struct Log {
    XML_Parser parser;
    std::string said = {};
    void add(std::string_view what) {
      said += event(what, static_cast<std::int64_t>(XML_GetCurrentLineNumber(parser)),
                    static_cast<std::int64_t>(XML_GetCurrentColumnNumber(parser)) + 1, XML_GetCurrentByteIndex(parser));
    }
  };
  const std::unique_ptr<XML_ParserStruct, decltype([](XML_Parser p) { XML_ParserFree(p); })> parser(
      XML_ParserCreateNS(nullptr, '\n'));
  Log log{parser.get()};
  XML_SetUserData(parser.get(), &log);
  XML_SetElementHandler(
      parser.get(),
      [](void* user, const XML_Char* name, const XML_Char** attributes) {
        auto& to = *static_cast<Log*>(user);
        to.add(name);
        for (; *attributes != nullptr; attributes += 2) to.said += std::string(attributes[0]) + "=" + attributes[1] + " ";
      },
      [](void* user, const XML_Char*) { static_cast<Log*>(user)->add("/"); });
  XML_SetCharacterDataHandler(parser.get(), [](void* user, const XML_Char* piece, int size) {
    static_cast<Log*>(user)->said.append(piece, static_cast<std::size_t>(size));
  });
  const auto status = XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), 1);
  return status == XML_STATUS_OK ? std::optional(std::move(log.said)) : std::nullopt;
}

/// The same by read_xml.
inline std::optional<std::string> events_by_reader(std::string_view text, std::size_t at_once) {
  struct Log final : XmlHandler {
    static std::string joined(std::string_view ns, std::string_view name) {
      return ns.empty() ? std::string(name) : std::string(ns) + "\n" + std::string(name);
    }
    void add(std::string_view what, const XmlPlace& place) {
      said += event(what, place.line(), place.column(), place.offset());
    }
    Result<void> on_start(const XmlElement& element, const XmlPlace& place) override {
      add(joined(element.ns, element.name), place);
      for (const auto& a : element.attributes) said += joined(a.ns, a.name) + "=" + std::string(a.value) + " ";
      return {};
    }
    Result<void> on_text(std::string_view piece, const XmlPlace&) override {
      said += piece;
      return {};
    }
    Result<void> on_end(const XmlPlace& place) override {
      add("/", place);
      return {};
    }
    std::string said;
  } log;
  MemorySource source(text, at_once);
  return read_xml(source, log) ? std::optional(std::move(log.said)) : std::nullopt;
}

}  // namespace portalkey
