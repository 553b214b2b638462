#include "app/operations/convert_seeds.h"

#include "base/base64.h"
#include "otp/base32.h"
#include "tests/app/jobs_world.h"

namespace portalkey::convert_seeds_test {
namespace {

struct ConvertSeeds : testing::Test, JobsWorld {
  Result<ConvertedSeeds> convert(const std::string& format) {
    wanted.format = format;
    text.clear();
    return convert_seeds(
        wanted, [](std::string_view words) { return "<" + std::string(words) + ">"; },
        [this](std::string_view piece) -> Result<void> {
          text += piece;
          return {};
        },
        remarks);
  }
  std::string file(const std::string& name, const std::string& content) const {
    const auto path = (folder / name).string();
    std::ofstream(path) << content;
    return path;
  }

  SeedConversion wanted;
  ConversionRemarks remarks;
  std::string text;
};

TEST_F(ConvertSeeds, EveryFormatHoldsAnOrdinaryToken) {
  wanted.seeds.file = seeds({row(1), row(2)});
  for (const auto format : written_formats()) {
    const auto done = convert(std::string(format));
    ASSERT_TRUE(done) << format << ": " << done.error().what;
    EXPECT_EQ(done->written, 2) << format;
    EXPECT_EQ(done->left_out, 0) << format;
    EXPECT_NE(text.find("T0002"), std::string::npos) << format;
    EXPECT_TRUE(text.ends_with("\n")) << format << " is not at its end";
  }
}

TEST_F(ConvertSeeds, WhatAFormatCannotHoldIsLeftOutAndCountedByKind) {
  wanted.seeds.file = seeds({row(1), "anna@contoso.com,T0008,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,30,SHA256",
                             "bela@contoso.com,T0009,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQABQ,30,SHA256",
                             "carl@contoso.com,T0010,not base32!,30,SHA1"});
  const auto done = convert("entra-csv");
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(done->written, 1);
  EXPECT_EQ(done->left_out, 3);
  const auto of_sha256 = std::ranges::find_if(remarks.remarks, [](const auto& one) { return one.why.contains("SHA-1"); });
  ASSERT_NE(of_sha256, remarks.remarks.end());
  EXPECT_TRUE(of_sha256->left_out);
  EXPECT_EQ(of_sha256->tokens, 2);
  EXPECT_EQ(of_sha256->line, 3);
  EXPECT_EQ(of_sha256->serial, "T0008");
}

TEST_F(ConvertSeeds, WhereNothingIsLeftTheRemarksSayWhy) {
  wanted.seeds.file = seeds({"anna@contoso.com,T0008,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,30,SHA256"});
  const auto done = convert("entra-csv");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::invalid_input);
  EXPECT_EQ(remarks.remarks.size(), 1u);
}

TEST_F(ConvertSeeds, EncryptedPskcHasNoKeyInPlain) {
  wanted.seeds.file = seeds({row(1)});
  wanted.key_file = file("key", "000102030405060708090a0b0c0d0e0f\n");
  ASSERT_TRUE(convert("pskc"));
  EXPECT_NE(text.find("EncryptedValue"), std::string::npos);
  const auto key =
      decode_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQABQ")->reveal([](std::string_view bytes) { return base64(bytes); });
  EXPECT_EQ(text.find(key), std::string::npos);
  wanted.key_file.clear();
  ASSERT_TRUE(convert("pskc"));
  EXPECT_NE(text.find(key), std::string::npos) << "it is looked for as it would stand there";
}

TEST_F(ConvertSeeds, AKeyOfAnotherSizeIsRefusedBeforeAnythingIsWritten) {
  wanted.seeds.file = seeds({row(1)});
  wanted.key_file = file("key", "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\n");
  const auto done = convert("pskc");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::invalid_input);
  EXPECT_TRUE(done.error().what.starts_with("the key has 32 bytes")) << done.error().what;
  EXPECT_TRUE(text.empty());
}

TEST_F(ConvertSeeds, WhatCannotBeWrittenEndsIt) {
  wanted.seeds.file = seeds({row(1)});
  wanted.format = "json";
  const auto done = convert_seeds(
      wanted, [](std::string_view words) { return std::string(words); },
      [](std::string_view) -> Result<void> { return fail(Errc::internal, "the disk is full"); }, remarks);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, "the disk is full");
}

}  // namespace
}  // namespace portalkey::convert_seeds_test
