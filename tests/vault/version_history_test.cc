#include "vault/version_history.h"

#include <gtest/gtest.h>

namespace portalkey::version_history_test {
namespace {

TEST(VersionHistory, SurvivesTheTags) {
  for (const std::size_t count : {0u, 1u, 7u, 8u, 30u, 49u}) {
    VersionHistory history;
    for (std::size_t i = 0; i < count; ++i) history.push_back(std::string(30, 'a') + std::to_string(10 + i));
    std::map<std::string, std::string> tags{{"portalkey-host", "x"}};
    put_history(tags, history);
    EXPECT_LE(tags.size(), 15u);
    for (const auto& [name, value] : tags) EXPECT_LE(value.size(), 256u) << name;
    EXPECT_EQ(history_in(tags), history) << count;
  }
}

TEST(VersionHistory, MoreThanTagsHoldIsCutOff) {
  std::map<std::string, std::string> tags;
  put_history(tags, VersionHistory(80, std::string(32, 'b')));
  EXPECT_EQ(history_in(tags)->size(), kLongestHistory);
}

TEST(VersionHistory, NoTagsAreNoHistory) {
  EXPECT_EQ(history_in({}), std::nullopt);
  EXPECT_EQ(history_in({{"portalkey-account", "x"}}), std::nullopt);
}

TEST(VersionHistory, OnlyEnabledVersionsCountNewestFirst) {
  const auto version = [](const char* id, int created, bool enabled) {
    SecretVersion out;
    out.id = id;
    out.created = from_unix_seconds(created);
    out.enabled = enabled;
    return out;
  };
  EXPECT_EQ(enabled_in({version("a", 1, true), version("b", 3, false), version("c", 2, true)}), (VersionHistory{"c", "a"}));
}

}  // namespace
}  // namespace portalkey::version_history_test
