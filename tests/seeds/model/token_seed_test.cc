#include "seeds/model/token_seed.h"

#include <gtest/gtest.h>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

TEST(TokenSeed, KeyIsWhatTheBase32Says) {
  TokenSeed token;
  token.base32 = Secret(kKey);
  EXPECT_EQ(text_of(token.key()), from_hex("d3fda54d760cab3c1cf06f66d10ab40eb691d48d"));
}

}  // namespace
}  // namespace portalkey
