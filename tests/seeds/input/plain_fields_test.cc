// What is plain must be what the close look finds nothing wrong with, and the usual must be plain.
#include "seeds/input/plain_fields.h"

#include <gtest/gtest.h>

#include <random>

#include "seeds/input/entra_fields.h"

namespace portalkey {
namespace {

TEST(PlainFields, TheUsualIsPlain) {
  EXPECT_TRUE(is_plain_upn("first.last0000001@contoso.com"));
  EXPECT_TRUE(is_plain_upn("a@contoso-eu.co.uk"));
  EXPECT_TRUE(is_plain_upn("SIXTEEN_@b-c.def"));
  EXPECT_TRUE(is_plain_base32("2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN"));
  EXPECT_TRUE(is_plain_serial("2600215000000"));
  EXPECT_TRUE(is_plain_serial("0"));
  EXPECT_TRUE(is_plain_text(""));
  EXPECT_TRUE(is_plain_text("Deepnet Security"));
  EXPECT_FALSE(is_plain_serial(""));
  EXPECT_FALSE(is_plain_base32("22334455223344552233445522334455"));  // may be hex
}

// Of every size, with one character changed to every other, at every place.
TEST(PlainFields, EveryCharacterOfATextIsLookedAt) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(size, 'x'), serial(size, '7');
        text[at] = serial[at] = static_cast<char>(c);
        EXPECT_EQ(is_plain_text(text), c >= ' ' && c < 0x7f) << size << " characters, " << c << " at " << at;
        EXPECT_EQ(is_plain_serial(serial), c >= '0' && c <= '9') << size << " characters, " << c << " at " << at;
        EXPECT_FALSE(is_plain_text(text) && problem_of_text(text)) << c;
      }
    }
  }
}

// Sound fields with one character changed to every other, at every place.
TEST(PlainFields, NothingThatIsWrongIsPlain) {
  int plain = 0;
  for (const std::string sound : {"first.last0000001@contoso.com", "abcdefghijk@a.bc",
                                  "a@bcdefghijklmnopqrstuvwxyz.abcdef.ghijklm", "first.last@a-b.contoso-eu.co.uk"}) {
    for (std::size_t at = 0; at < sound.size(); ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string upn = sound;
        upn[at] = static_cast<char>(c);
        if (!is_plain_upn(upn)) continue;
        ++plain;
        EXPECT_FALSE(problem_of_upn(upn)) << upn;
        EXPECT_EQ(upn.find('\''), std::string::npos);
      }
    }
  }
  for (std::size_t at = 0; at < 20; ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string serial(20, '7');
      serial[at] = static_cast<char>(c);
      EXPECT_FALSE(is_plain_serial(serial) && (problem_of_serial(serial) || unwrapped_serial(serial) != serial)) << c;
      std::string key = "2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN";
      key[at] = static_cast<char>(c);
      if (!is_plain_base32(key)) continue;
      ++plain;
      SecretKeyText text_of_key;
      const auto reading = text_of_key.read(key, SecretEncoding::detect);
      ASSERT_TRUE(reading);
      EXPECT_EQ(*reading, SecretKeyText::Reading::base32);
      EXPECT_EQ(text_of_key.text(), key);
      EXPECT_TRUE(text_of_key.decisive());
    }
  }
  EXPECT_GT(plain, 1000);
}

}  // namespace
}  // namespace portalkey
