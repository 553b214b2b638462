#include "seeds/formats/xml/xml_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/seeds/formats/xml/expat_events.h"

namespace portalkey {
namespace {

struct Echo final : XmlHandler {
  Result<void> on_start(const XmlElement& element, const XmlPlace& place) override {
    said += "<" + std::string(element.ns) + "|" + std::string(element.name) + "@" + std::to_string(place.line()) + ":" +
            std::to_string(place.column());
    for (const auto& a : element.attributes)
      said += " " + std::string(a.ns) + "|" + std::string(a.name) + "=" + std::string(a.value);
    said += ">";
    return {};
  }
  Result<void> on_text(std::string_view piece, const XmlPlace&) override {
    said += piece;
    return {};
  }
  Result<void> on_end(const XmlPlace&) override {
    said += "</>";
    if (stop_at_end) return fail(Errc::conflict, "enough");
    return {};
  }
  std::string said;
  bool stop_at_end = false;
};

std::string refusal(std::string_view text, std::size_t at_once = std::string_view::npos) {
  Echo echo;
  MemorySource source(text, at_once);
  const auto read = read_xml(source, echo);
  if (read) return {};
  EXPECT_FALSE(read.error().remedy.empty());
  return read.error().what;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

TEST(XmlReader, NamespacesTextAndPlaces) {
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{5}, std::string_view::npos}) {
    Echo echo;
    MemorySource source("\n <?xml version='1.0'?>\n<a:b xmlns:a='urn:x' c='1' a:d='&lt;2'>t&amp;<![CDATA[<]]>\n <e/></a:b>",
                        at_once);
    ASSERT_TRUE(read_xml(source, echo));
    EXPECT_EQ(echo.said, "<urn:x|b@3:1 |c=1 urn:x|d=<2>t&<\n <|e@4:2></></>");
  }
}

TEST(XmlReader, HandsOverWhatExpatMakesOfIt) {
  std::string text = "<?xml version=\"1.0\"?>\r\n<r xmlns='urn:r'>";
  for (int i = 0; i < 9000; ++i) {  // some pieces long
    text +=
        "<k n=\"" + std::to_string(i) + "\" a:b='x' xmlns:a='urn:a'>\n <s>&lt;\xC3\xA9" + std::to_string(i) + "</s><e/>\r</k>";
  }
  text += "</r>";
  const auto judged = events_by_expat(text);
  ASSERT_TRUE(judged);
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{7}, std::string_view::npos})
    EXPECT_TRUE(events_by_reader(text, at_once) == judged) << at_once << " at once";
}

TEST(XmlReader, AHandlersErrorEndsIt) {
  Echo echo;
  echo.stop_at_end = true;
  MemorySource source("<a><b/><c/></a>");
  const auto read = read_xml(source, echo);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::conflict);
  EXPECT_EQ(echo.said, "<|a@1:1><|b@1:4></>");
}

TEST(XmlReader, NoDoctypeWhateverIsInIt) {
  EXPECT_TRUE(has(refusal("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), "DOCTYPE"));
  EXPECT_TRUE(has(refusal("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>"), "DOCTYPE"));
  std::string bomb = "<!DOCTYPE a [<!ENTITY e0 'ha'>";
  for (int i = 1; i < 40; ++i)
    bomb += "<!ENTITY e" + std::to_string(i) + " '&e" + std::to_string(i - 1) + ";&e" + std::to_string(i - 1) + ";'>";
  EXPECT_TRUE(has(refusal(bomb + "]><a>&e39;</a>"), "DOCTYPE"));
  EXPECT_TRUE(has(refusal("<a>&e;</a>"), "entity"));
}

TEST(XmlReader, Bounds) {
  std::string deep;
  for (int i = 0; i < kXmlMostDepth; ++i) deep += "<a>";
  EXPECT_TRUE(has(refusal(deep + "<a>"), "deep"));
  EXPECT_TRUE(has(refusal(deep), "ends too early"));
  std::string attributes = "<a";
  for (std::size_t i = 0; i < kXmlMostAttributes; ++i) attributes += " a" + std::to_string(i) + "=''";
  EXPECT_EQ(refusal(attributes + "/>"), "");
  EXPECT_TRUE(has(refusal(attributes + " b=''/>"), "attributes"));
  EXPECT_TRUE(has(refusal("<a b='" + std::string(4 * kXmlMostTagBytes, 'x') + "'/>", 1), "tag"));
  EXPECT_TRUE(has(refusal("<a><!--" + std::string(4 * kXmlMostTagBytes, 'x') + "--></a>", 100), "tag"));
  EXPECT_TRUE(has(refusal("<a>" + std::string(kXmlMostTextBytes + 1, 'x') + "</a>"), "text"));
  // Every name ever seen is kept by the parser.
  std::string names = "<a>";
  for (int i = 0; i < 400'000; ++i) names += "<some-name-that-is-quite-long-" + std::to_string(i) + "/>";
  EXPECT_TRUE(has(refusal(names + "</a>"), "memory"));
}

TEST(XmlReader, NotXml) {
  for (const auto* text : {"", " ", "a", "<", "<a", "<a>", "<a></b>", "<a/><a/>", "<a b=1/>", "<a>\xFF</a>",
                           "<?xml version='1.0' encoding='klingon'?><a/>"})
    EXPECT_FALSE(refusal(text).empty()) << text;
}

}  // namespace
}  // namespace portalkey
