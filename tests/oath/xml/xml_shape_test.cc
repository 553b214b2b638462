#include "oath/xml/xml_shape.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/oath/xml/expat_events.h"

namespace portalkey {
namespace {

constexpr std::size_t kAll = std::string_view::npos;

/// The shape of `child` as a child of a root, as the reader learns it.
std::optional<XmlShape> shape_of(std::string_view child) {
  struct Learn final : XmlHandler {
    Result<void> on_start(const XmlElement& element, const XmlPlace& place) override {
      const auto begin = static_cast<std::size_t>(place.offset());
      recording.add_start(element, begin, text.find('>', begin) + 1);
      return {};
    }
    Result<void> on_text(std::string_view piece, const XmlPlace&) override {
      recording.add_text(piece);
      return {};
    }
    Result<void> on_end(const XmlPlace& place) override {
      const auto begin = static_cast<std::size_t>(place.offset());
      recording.add_end(begin, begin < text.size() && text[begin] == '<' ? text.find('>', begin) + 1 : begin);
      return {};
    }
    XmlRecording recording;
    std::string_view text;
  } learn;
  learn.text = child;
  learn.recording.add_bytes(child);
  MemorySource source(child);
  EXPECT_TRUE(read_xml(source, learn)) << child;
  return XmlShape::of(learn.recording);
}

TEST(XmlShape, ValuesMayDifferAndNothingElse) {
  const std::string child = "<key id=\"1\" a:b='x' xmlns:a='urn:a'>\n <s>12</s>\n <t>\n  long\n </t><e/>\n</key>";
  auto shape = shape_of(child);
  ASSERT_TRUE(shape);
  const auto matches = [&](std::string_view from, std::string_view to) {
    std::string text = child;
    text.replace(text.find(from), from.size(), to);
    return shape->match(text + "<more/>");
  };
  EXPECT_EQ(shape->match(child), child.size());
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"12", "345"}, {"12", ""}, {"12", "say \"it's\"\tso"}, {"\"1\"", "\"\""}, {"'x'", "'yz'"}, {"long", "l\no\nn\ng"}}) {
    EXPECT_EQ(matches(from, to), child.size() + to.size() - from.size()) << to;
  }
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"12", "&lt;"},
                                                                                 {"12", "a>b"},
                                                                                 {"12", "<x/>"},
                                                                                 {"12", "\xC3\xA9"},
                                                                                 {"12", "1\r\n2"},
                                                                                 {"12", "\x01"},
                                                                                 {"\"1\"", "\"'\""},
                                                                                 {"\"1\"", "\"a\nb\""},
                                                                                 {"\"1\"", "'1'"},
                                                                                 {"urn:a", "urn:b"},
                                                                                 {"<e/>", "<f/>"},
                                                                                 {"key>", "key"},
                                                                                 {"\n <s>", "<s>"},
                                                                                 {"12", std::string(1025, 'x')}}) {
    EXPECT_EQ(matches(from, to), 0U) << from << " -> " << to.substr(0, 20);
  }
  for (std::size_t size = 0; size < child.size(); ++size) EXPECT_EQ(shape->match(child.substr(0, size)), 0U) << size;
}

TEST(XmlShape, WhatIsNotPlainStaysAsItIs) {
  const std::string child = "<key a='&amp;'><s>&lt;1</s><t><![CDATA[x]]></t><!--1--><u>1</u></key>";
  auto shape = shape_of(child);
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->match(child), child.size());
  std::string other = child;
  other[other.find("1</u>")] = '2';
  EXPECT_EQ(shape->match(other), other.size());
  for (const std::string_view part : {"amp", "lt", "x]", "1--"}) {
    other = child;
    other[other.find(part)] = 'q';
    EXPECT_EQ(shape->match(other), 0U) << part;
  }
}

TEST(XmlShape, OnlyOfAWholeElement) {
  XmlRecording nothing;
  EXPECT_FALSE(XmlShape::of(nothing));
  XmlRecording half;
  half.add_bytes("<a><b></a>");
  half.add_start({}, 0, 3);
  EXPECT_FALSE(XmlShape::of(half));
  XmlRecording odd;  // an attribute that was not read
  odd.add_bytes("<a b='1'/>");
  odd.add_start({}, 0, 10);
  odd.add_end(10, 10);
  EXPECT_FALSE(XmlShape::of(odd));
}

TEST(XmlShape, OfNothingLarge) {
  XmlRecording long_one, many_tags;
  long_one.add_bytes(std::string(1024 * 1024, 'x'));
  EXPECT_FALSE(long_one.fits());
  const std::string ns(10'000, 'n');  // which <a/> may stand for
  for (int i = 0; i < 10; ++i) many_tags.add_start({ns, "a", {}}, 0, 4);
  EXPECT_FALSE(many_tags.fits());
}

TEST(XmlShapes, NotWorthwhileWhereNothingComesAgain) {
  XmlShapes shapes;
  XmlRecording recording;
  for (int i = 0; i < 100; ++i) shapes.learn(recording);
  EXPECT_FALSE(shapes.worthwhile());
}

class Documents {
 public:
  explicit Documents(unsigned seed) : random_(seed) {}

  /// Some elements again and again, with other values.
  std::string one() {
    line_end_ = pick({"\n", "\n", "\r\n", "\r", ""});
    std::vector<std::string> templates(1 + below(3));
    for (auto& t : templates) t = element(0);
    std::string text = pick({"", "", "<?xml version=\"1.0\"?>", "<?xml version='1.0' encoding='UTF-8'?>\r\n",
                             "<?xml version='1.0' encoding='ISO-8859-1'?>", "<!-- > -->\n"}) +
                       pick({"<r>", "<r xmlns='urn:r'>", "<a:r xmlns:a='urn:a' q='1'>"});
    const bool prefixed = text.ends_with("q='1'>");
    for (unsigned n = below(40); n > 0; --n) {
      text += pick({"  ", "  ", "  ", "", "\t", "\r", " text ", "<!-- a > b -->", "<?do it?>", "<![CDATA[>]]>", "\n\n"});
      text += filled(templates[below(static_cast<unsigned>(templates.size()))]);
    }
    return text + line_end_ + (prefixed ? "</a:r>" : "</r>") + pick({"", "\n", "<!-- end -->"});
  }

  /// Some bytes changed, doubled or taken away.
  std::string damaged(std::string text) {
    for (unsigned n = below(4); n > 0 && !text.empty(); --n) {
      const auto at = below(static_cast<unsigned>(text.size()));
      switch (below(3)) {
        case 0: text[at] = "<>&\"'/ \n\rx=\xC3"[below(12)]; break;
        case 1: text.insert(at, text.substr(at, below(60))); break;
        default: text.erase(at, below(60));
      }
    }
    return text;
  }

  unsigned below(unsigned most) { return most == 0 ? 0 : random_() % most; }

 private:
  std::string pick(const std::vector<std::string>& from) { return from[below(static_cast<unsigned>(from.size()))]; }

  /// `%` stands for text, `$` for an attribute's value.
  std::string element(unsigned depth) {
    const auto name = pick({"key", "k", "s", "Data", "a-b"});
    std::string text = line_end_ + std::string(depth, ' ') + "<" + name;
    if (below(3) == 0)
      text += pick({" id=\"$\"", " x = '$'", " xmlns='urn:x'", " xmlns:p=\"urn:p\" p:q='$'", "\n u='$' v='$'"});
    if (below(6) == 0) return text + "/>";
    text += ">";
    if (depth > 2 || below(3) == 0) {
      text += pick({"%", "%", "%", "", "\n%\n", "<!-- c -->%", "%<![CDATA[<]]>"});
    } else {
      for (unsigned n = 1 + below(3); n > 0; --n) text += element(depth + 1);
      text += line_end_;
    }
    return text + "</" + name + ">";
  }

  std::string filled(const std::string& pattern) {
    std::string text;
    for (const char c : pattern) {
      if (c == '%') {
        text += pick({"1", "23", "JBSWY3DP", "a b", "x\ny", "it's \"so\"", "&amp;", "\xC3\xA9", "a]]", "", "  ", "\r", "\t"});
      } else if (c == '$') {
        text += pick({"1", "23", "", "urn:x", "&quot;", "\xC3\xA9", "a\nb", "]]>"});
      } else {
        text += c;
      }
    }
    return text;
  }

  std::mt19937 random_;
  std::string line_end_;
};

TEST(XmlShape, EveryEventIsTheParsersOwn) {
  Documents documents(1);
  for (int i = 0; i < 3000; ++i) {
    const auto text = documents.one();
    const auto expected = events_by_expat(text);
    ASSERT_TRUE(expected) << text;
    ASSERT_EQ(events_by_reader(text, kAll), expected) << text;
    ASSERT_EQ(events_by_reader(text, 1 + documents.below(100)), expected) << text;
  }
}

TEST(XmlShape, DamageChangesNothingOfThat) {
  Documents documents(2);
  int well_formed = 0;
  for (int i = 0; i < 6000; ++i) {
    const auto text = documents.damaged(documents.one());
    const auto expected = events_by_expat(text);
    well_formed += expected ? 1 : 0;
    ASSERT_EQ(events_by_reader(text, kAll), expected) << text;
  }
  EXPECT_GT(well_formed, 1000);
  EXPECT_LT(well_formed, 5000);
}

TEST(XmlShape, AcrossTheReadersBuffer) {
  std::string text = "<r>";
  for (int i = 0; i < 6000; ++i) {
    text += "\n <key id='" + std::to_string(i) + "'><s>" + std::string(static_cast<std::size_t>(i) % 90, 'A') + "</s></key>";
  }
  text += "\n</r>";
  EXPECT_TRUE(events_by_reader(text, kAll) == events_by_expat(text));  // too much to print
  EXPECT_TRUE(events_by_reader(text, 1000) == events_by_expat(text));
}

TEST(XmlShape, AHandlersErrorIsAtItsPlace) {
  struct Stop final : XmlHandler {
    Result<void> on_start(const XmlElement& element, const XmlPlace& place) override {
      if (element.attribute({"id"}) == "stop") return std::unexpected(at(place, "stop", ""));
      return {};
    }
    bool wants_text() const override { return false; }
    Result<void> on_text(std::string_view, const XmlPlace&) override { return {}; }
    Result<void> on_end(const XmlPlace&) override { return {}; }
  } stop;
  std::string text = "<r>\n";
  for (int i = 0; i < 50; ++i) text += "<key id='" + std::to_string(i) + "'/>" + (i % 7 == 0 ? "\n" : "");
  text += "<key id='stop'/></r>";
  MemorySource source(text);
  const auto read = read_xml(source, stop);
  ASSERT_FALSE(read);
  using Context = std::vector<std::pair<std::string, std::string>>;
  const auto line_begin = text.rfind('\n') + 1;
  EXPECT_EQ(read.error().context,
            (Context{{"line", "10"}, {"column", std::to_string(text.find("<key id='stop'") - line_begin + 1)}}));
}

}  // namespace
}  // namespace portalkey
