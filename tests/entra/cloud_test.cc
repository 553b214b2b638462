#include "entra/cloud.h"

#include <gtest/gtest.h>

namespace portalkey {
namespace {

TEST(Cloud, NamesAreFoundIgnoringCase) {
  EXPECT_EQ(find_cloud("Global")->authority, "login.microsoftonline.com");
  EXPECT_EQ(find_cloud("usgov")->portal_resource, "ee62de39-b9b0-4886-aa58-08b89c4e3db3");
  EXPECT_EQ(find_cloud("china")->portal_resource, "") << "nobody has recorded it, so it is not guessed";
}

TEST(Cloud, AnUnknownNameListsTheKnownOnes) {
  auto found = find_cloud("mars");
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().remedy.find("usgov"), std::string::npos);
}

}  // namespace
}  // namespace portalkey
