#include "service/run/own_certificate.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/files.h"
#include "tests/temporary_folder.h"

namespace portalkey::own_certificate_test {
namespace {

const WallTime kNow = from_unix_seconds(1'767'225'600);

TEST(OwnCertificate, IsMadeOnceAndAnewBeforeItEnds) {
  const TemporaryFolder folder;
  const auto first = own_identity(folder.path(), kNow);
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_EQ(own_identity(folder.path(), kNow + std::chrono::hours(24 * 300))->chain_pem, first->chain_pem);
  EXPECT_NE(own_identity(folder.path(), kNow + std::chrono::hours(24 * 340))->chain_pem, first->chain_pem);
  struct stat status{};
  ASSERT_EQ(::stat((folder.path() / "certificate.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(OwnCertificate, WhatDoesNotFitIsRefused) {
  const TemporaryFolder one, other;
  ASSERT_TRUE(own_identity(one.path(), kNow) && own_identity(other.path(), kNow));
  EXPECT_TRUE(read_identity(one.path() / "certificate.pem", one.path() / "certificate.key", kNow));
  const auto mixed = read_identity(one.path() / "certificate.pem", other.path() / "certificate.key", kNow);
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code, Errc::invalid_input);
  EXPECT_FALSE(
      read_identity(one.path() / "certificate.pem", one.path() / "certificate.key", kNow + std::chrono::hours(24 * 400)));
  ASSERT_TRUE(write_file_atomically(one.path() / "certificate.pem", "no certificate"));
  EXPECT_FALSE(read_identity(one.path() / "certificate.pem", one.path() / "certificate.key", kNow));
  EXPECT_FALSE(read_identity(one.path() / "none.pem", one.path() / "none.key", kNow));
}

}  // namespace
}  // namespace portalkey::own_certificate_test
