#include "base/secret.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace portalkey::secret_test {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!fmt::is_formattable<Secret>::value, "a secret must not be printable");

std::string shown(const Secret& secret) {
  return secret.reveal([](std::string_view text) { return std::string(text); });
}

TEST(Secret, MovesLeaveTheSourceEmpty) {
  Secret a("hidden");
  Secret b(std::move(a));
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_EQ(shown(b), "hidden");
  Secret c("other");
  c = std::move(b);
  EXPECT_EQ(shown(c), "hidden");
}

TEST(Secret, WipeOverwritesTheWholeString) {
  std::string text = "hidden and long enough not to be short";
  const char* data = text.data();
  const std::size_t size = text.size();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::string(data, size), std::string(size, '\0'));
}

}  // namespace
}  // namespace portalkey::secret_test
