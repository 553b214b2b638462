#include "service/resources/seed_body.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "app/operations/seed_rows.h"

namespace portalkey::seed_body_test {
namespace {

namespace json = boost::json;

std::string text_of(const SeedBody& body) {
  std::ifstream in(body.path());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(SeedBody, RowsAreReadAsASeedFileIs) {
  const auto body = SeedBody::of_rows({{{"serialNumber", "00,1"},
                                        {"secretKey", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"},
                                        {"upn", "anna@contoso.com"},
                                        {"model", "with \"quotes\""}}});
  ASSERT_TRUE(body);
  SeedInput input;
  input.file = body->path();
  const auto rows = read_seed_rows(input);
  ASSERT_TRUE(rows) << rows.error().what;
  ASSERT_EQ(rows->tokens.size(), 1u) << (rows->problems.empty() ? "" : rows->problems[0].what);
  EXPECT_EQ(rows->tokens[0].serial, "00,1");
  EXPECT_EQ(rows->tokens[0].upn, "anna@contoso.com");
  EXPECT_EQ(rows->tokens[0].model, "with \"quotes\"");
  EXPECT_EQ(rows->tokens[0].step, 30);
}

TEST(SeedBody, ARowCannotBeginAnother) {
  const auto body = SeedBody::of_rows({{{"serialNumber", "1\nmallory@contoso.com,2,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJR,30,,,"},
                                        {"secretKey", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"},
                                        {"upn", "anna@contoso.com"}}});
  ASSERT_TRUE(body);
  SeedInput input;
  input.file = body->path();
  const auto rows = read_seed_rows(input);
  ASSERT_TRUE(rows);
  for (const auto& token : rows->tokens) EXPECT_NE(token.upn, "mallory@contoso.com");
}

TEST(SeedBody, ListsHaveTheColumnsThatTheyNeed) {
  EXPECT_EQ(text_of(*SeedBody::of_list({{"T1", ""}, {"T2", ""}}, false)), "serial number\nT1\nT2\n");
  EXPECT_EQ(text_of(*SeedBody::of_list({{"T1", "a@b.example"}}, false)), "serial number,upn\nT1,a@b.example\n");
  EXPECT_EQ(text_of(*SeedBody::of_list({{"", "a@b.example"}}, true)), "upn\na@b.example\n");
}

}  // namespace
}  // namespace portalkey::seed_body_test
