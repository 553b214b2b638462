#include "service/resources/multipart.h"

#include <gtest/gtest.h>

namespace portalkey::multipart_test {
namespace {

constexpr const char* kType = "multipart/form-data; boundary=xyz";

std::string form(const std::string& inside) { return "--xyz\r\n" + inside + "\r\n--xyz--\r\n"; }

TEST(Multipart, PartsComeWithTheirNamesAndBytes) {
  const std::string body =
      "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a;b.csv\"\r\nContent-Type: "
      "text/csv\r\n\r\none\r\ntwo\r\n\r\n"
      "--xyz\r\ncontent-disposition: form-data;name=people\r\n\r\n\r\n--xyz--\r\n";
  const auto parts = parts_of(kType, body);
  ASSERT_TRUE(parts) << parts.error().what;
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ((*parts)[0].name, "file");
  EXPECT_EQ((*parts)[0].file_name, "a;b.csv");
  EXPECT_EQ((*parts)[0].content, "one\r\ntwo\r\n");
  EXPECT_EQ((*parts)[1].name, "people");
  EXPECT_EQ((*parts)[1].content, "");
}

TEST(Multipart, TheBoundaryMayBeQuotedAndAPreambleComeFirst) {
  const std::string body = "ignored\r\n" + form("Content-Disposition: form-data; name=\"file\"\r\n\r\nx");
  const auto parts = parts_of("Multipart/Form-Data; charset=utf-8; boundary=\"xyz\"", body);
  ASSERT_TRUE(parts) << parts.error().what;
  EXPECT_EQ(parts->at(0).content, "x");
}

TEST(Multipart, WhatIsCutOffOrNoneIsRefused) {
  const std::string whole = form("Content-Disposition: form-data; name=\"file\"\r\n\r\nabc");
  for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
    const auto parts = parts_of(kType, std::string_view(whole).substr(0, size));
    if (size + 4 < whole.size()) {
      EXPECT_FALSE(parts) << size;
    }
  }
  EXPECT_FALSE(parts_of("multipart/form-data", whole));
  EXPECT_FALSE(parts_of("multipart/form-data; boundary=other", whole));
  EXPECT_FALSE(parts_of("multipart/form-data; boundary=" + std::string(71, 'x'), whole));
  EXPECT_FALSE(parts_of(kType, "x" + whole));
  std::string many;
  for (int i = 0; i < 40; ++i) many += "--xyz\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n";
  EXPECT_FALSE(parts_of(kType, many + "--xyz--\r\n"));
}

}  // namespace
}  // namespace portalkey::multipart_test
