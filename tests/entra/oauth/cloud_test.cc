#include "entra/oauth/cloud.h"

#include <gtest/gtest.h>

namespace portalkey::cloud_test {
namespace {

TEST(Cloud, NamesAreFoundIgnoringCase) {
  EXPECT_EQ(find_cloud("Global")->authority, "login.microsoftonline.com");
  EXPECT_EQ(find_cloud("usgov")->portal_resource, "ee62de39-b9b0-4886-aa58-08b89c4e3db3");
  EXPECT_EQ(find_cloud("china")->portal_resource, "") << "nobody has recorded it, so it is not guessed";
}

TEST(Cloud, WhatIsNotKnownForCertainIsNotGuessed) {
  EXPECT_EQ(find_cloud("china")->portal_resource, "");
  EXPECT_EQ(find_cloud("usgov-dod")->portal_resource, "");
  EXPECT_EQ(find_cloud("usgov-dod")->graph, "dod-graph.microsoft.us");
}

TEST(Cloud, IsFoundByItsSignInServiceUnderAnyName) {
  EXPECT_EQ(cloud_of_authority("login.windows.net")->name, "global");
  EXPECT_EQ(cloud_of_authority("LOGIN.microsoftonline.us")->name, "usgov");
  EXPECT_EQ(cloud_of_authority("login.chinacloudapi.cn")->name, "china");
  EXPECT_EQ(cloud_of_authority("login.example.com"), nullptr);
}

TEST(Cloud, ItsHostsHoldNoEmptyOnes) {
  Cloud cloud;
  cloud.name = "own";
  cloud.authority = "login.example.com";
  EXPECT_EQ(cloud.hosts(), std::vector<std::string>{"login.example.com"});
  auto missing = needs(cloud, cloud.arm, "arm", "portalkey setup");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().what.find("portalkey setup"), std::string::npos);
  EXPECT_NE(missing.error().remedy.find("[cloud.own]"), std::string::npos);
  EXPECT_TRUE(needs(cloud, cloud.authority, "authority", "x"));
}

TEST(Cloud, AnUnknownNameListsTheKnownOnes) {
  auto found = find_cloud("mars");
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().remedy.find("usgov"), std::string::npos);
}

}  // namespace
}  // namespace portalkey::cloud_test
