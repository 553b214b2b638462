#include "http/pages.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/hostile_urls.h"

namespace portalkey::pages_test {
namespace {

constexpr const char* kList = "https://graph.microsoft.com/beta/devices?$top=25";
constexpr PageBounds kFew{.pages = 5, .items = 100, .bytes = 1000, .empty_pages = 3};

std::string page(int number) { return fmt::format("https://graph.microsoft.com/beta/devices?$skiptoken={}", number); }

TEST(Pages, GoOnWithinTheirList) {
  Pages pages(Url(kList), "Microsoft Graph", kFew);
  EXPECT_EQ(pages.url().text(), kList);
  ASSERT_TRUE(pages.take(25, 100, "https://Graph.microsoft.com:443/Beta/Devices/?$skiptoken=a"));
  ASSERT_TRUE(pages.more());
  EXPECT_EQ(pages.url().text(), "https://graph.microsoft.com/Beta/Devices/?$skiptoken=a");
  ASSERT_TRUE(pages.take(25, 100, ""));
  EXPECT_FALSE(pages.more());
}

TEST(Pages, AreFollowedNowhereElse) {
  auto elsewhere = hostile_urls("graph.microsoft.com", "/beta/devices?$skiptoken=a");
  for (const char* other :
       {"https://evil.example/beta/devices", "https://vault.azure.net/beta/devices", "https://graph.microsoft.com/beta/users",
        "https://graph.microsoft.com/beta/devices/d1", "https://graph.microsoft.com/beta", "https://graph.microsoft.com/",
        "https://graph.microsoft.com/v1.0/devices", "https://graph.microsoft.com.evil.example/beta/devices",
        "https://management.azure.com/beta/devices", "https://graph.microsoft.com/beta/devices/delta",
        "https://graph.microsoft.com/beta/devices//x", "https://graph.microsoft.com//beta/devices",
        "/beta/devices?$skiptoken=a", "?$skiptoken=a", "x"}) {
    elsewhere.emplace_back(other);
  }
  for (const auto& link : elsewhere) {
    Pages pages(Url(kList), "Microsoft Graph", kFew);
    const auto on = pages.take(1, 1, link);
    ASSERT_FALSE(on) << link;
    EXPECT_EQ(on.error().code, Errc::unavailable) << link;
    EXPECT_TRUE(on.error().what.starts_with("Microsoft Graph's list goes on ")) << on.error().what;
    EXPECT_FALSE(pages.more()) << link;
    EXPECT_EQ(pages.url().text(), kList) << link;
  }
}

TEST(Pages, ThatWereThereBeforeEndTheList) {
  for (const int back_to : {0, 1, 2}) {
    Pages pages(Url(kList), "Microsoft Graph", kFew);
    ASSERT_TRUE(pages.take(1, 1, page(1)));
    ASSERT_TRUE(pages.take(1, 1, page(2)));
    const auto on = pages.take(1, 1, back_to == 0 ? kList : page(back_to));
    ASSERT_FALSE(on) << back_to;
    EXPECT_NE(on.error().what.find("circles"), std::string::npos) << on.error().what;
    EXPECT_FALSE(pages.more());
  }
}

TEST(Pages, HaveBoundsOfPagesItemsBytesAndEmptyOnes) {
  const struct {
    std::size_t items, bytes, good_pages;
    const char* said;
  } rows[] = {
      {1, 1, 4, "more than 5 pages"},           {40, 1, 2, "more than 100 items"},
      {1, 400, 2, "more than 1000 bytes"},      {0, 1, 2, "more than 3 empty pages in a row"},
      {1'000'000, 1, 0, "more than 100 items"}, {1, 1'000'000, 0, "more than 1000 bytes"},
  };
  for (const auto& row : rows) {
    Pages pages(Url(kList), "Microsoft Graph", kFew);
    std::size_t good = 0;
    Result<void> on;
    while (pages.more() && (on = pages.take(row.items, row.bytes, page(static_cast<int>(good))))) ++good;
    EXPECT_EQ(good, row.good_pages) << row.said;
    ASSERT_FALSE(on) << row.said;
    EXPECT_NE(on.error().what.find(row.said), std::string::npos) << on.error().what;
  }
}

TEST(Pages, AnEmptyOneAmongOthersIsNothing) {
  PageBounds bounds = kFew;
  bounds.pages = 1000;
  Pages pages(Url(kList), "Microsoft Graph", bounds);
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(pages.take(i % 3 == 0 ? 1 : 0, 1, page(i))) << i;
}

TEST(Pages, TheLastPageMayReachTheBound) {
  Pages pages(Url(kList), "Microsoft Graph", kFew);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(pages.take(20, 200, page(i)));
  EXPECT_TRUE(pages.take(20, 200, ""));
}

TEST(Pages, ATenantOfAMillionTokensIsWithinTheBounds) {
  PageCount count("the portal API", kTokenPages, "");
  for (int i = 1; i < 40'000; ++i) ASSERT_TRUE(count.take(25, 25 * 600, std::to_string(i)));
  EXPECT_TRUE(count.take(25, 25 * 600, ""));
}

}  // namespace
}  // namespace portalkey::pages_test
