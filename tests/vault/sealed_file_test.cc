#include "vault/sealed_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/files.h"
#include "tests/temporary_folder.h"

namespace portalkey {
namespace {

const Secret kContents("the contents that must never be seen");

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void put_bytes(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// A key made from bytes, so that the loops below do not pay for Argon2id.
struct Sealed {
  TemporaryFolder folder;
  std::filesystem::path path = folder / "sealed";
  SealKey key = SealKey::from_bytes(SealKey::random_bytes());
  Sealed() { EXPECT_TRUE(SealedFile::write(path, kContents, key)); }
};

TEST(SealedFile, RoundTripsAndHidesItsContents) {
  const Sealed sealed;
  auto read = SealedFile::read_with_key(sealed.path, sealed.key);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->reveal([](std::string_view text) { return std::string(text); }), "the contents that must never be seen");
  EXPECT_EQ(bytes_of(sealed.path).find("contents"), std::string::npos);
}

TEST(SealedFile, CutAtEveryByteItIsCorruptAndSaysWhatToDo) {
  const Sealed sealed;
  const std::string whole = bytes_of(sealed.path);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put_bytes(sealed.path, std::string_view(whole).substr(0, size));
    auto read = SealedFile::read_with_key(sealed.path, sealed.key);
    ASSERT_FALSE(read) << "cut to " << size << " bytes";
    EXPECT_EQ(read.error().code, Errc::corrupt) << "cut to " << size << " bytes: " << read.error().what;
    EXPECT_FALSE(read.error().remedy.empty());
  }
}

TEST(SealedFile, AnyChangedByteIsNoticed) {
  const Sealed sealed;
  const std::string whole = bytes_of(sealed.path);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x40);
    put_bytes(sealed.path, changed);
    auto read = SealedFile::read_with_key(sealed.path, sealed.key);
    ASSERT_FALSE(read) << "byte " << at << " changed";
    EXPECT_TRUE(read.error().code == Errc::corrupt || read.error().code == Errc::unauthenticated) << "byte " << at;
  }
}

TEST(SealedFile, AnotherKeyDoesNotOpenIt) {
  const Sealed sealed;
  EXPECT_EQ(SealedFile::read_with_key(sealed.path, SealKey::from_bytes(SealKey::random_bytes())).error().code,
            Errc::unauthenticated);
}

TEST(SealedFile, PassphrasesOpenAndResealWithoutDerivingAnew) {
  const TemporaryFolder folder;
  const auto path = folder / "sealed";
  ASSERT_TRUE(SealedFile::write(path, kContents, SealKey::from_passphrase(Secret("correct"))));
  EXPECT_EQ(SealedFile::read_with_passphrase(path, Secret("wrong")).error().code, Errc::unauthenticated);
  auto unsealed = SealedFile::read_with_passphrase(path, Secret("correct"));
  ASSERT_TRUE(unsealed);
  ASSERT_TRUE(SealedFile::write(path, Secret("second"), unsealed->key));
  auto again = SealedFile::read_with_passphrase(path, Secret("correct"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->contents.reveal([](std::string_view text) { return std::string(text); }), "second");
}

TEST(SealedFile, AHostileHeaderCannotMakeItWorkForEver) {
  const TemporaryFolder folder;
  const auto path = folder / "sealed";
  ASSERT_TRUE(SealedFile::write(path, kContents, SealKey::from_passphrase(Secret("correct"))));
  std::string whole = bytes_of(path);
  for (std::size_t i = 9; i < 25; ++i) whole[i] = '\xff';  // operations and memory
  put_bytes(path, whole);
  EXPECT_EQ(SealedFile::read_with_passphrase(path, Secret("correct")).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace portalkey
