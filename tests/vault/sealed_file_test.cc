#include "vault/sealed_file.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "base/files.h"
#include "tests/temporary_folder.h"

namespace portalkey::sealed_file_test {
namespace {

constexpr SealedKind kKind{7, "the test's file", "Throw it away.", "Try another."};
constexpr SealedKind kOtherKind{8, "the other file", "Throw it away.", "Try another."};

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
  Secret key = SealKey::random_bytes();
  Sealed() { EXPECT_TRUE(SealedFile::write(path, kKind, kContents, SealKey::from_bytes(key.clone()))); }
};

TEST(SealedFile, RoundTripsAndHidesItsContents) {
  const Sealed sealed;
  auto read = SealedFile::read_with_key(sealed.path, kKind, sealed.key);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->contents.reveal([](std::string_view text) { return std::string(text); }),
            "the contents that must never be seen");
  EXPECT_EQ(bytes_of(sealed.path).find("contents"), std::string::npos);
}

TEST(SealedFile, CutAtEveryByteItIsCorruptAndSaysWhatToDo) {
  const Sealed sealed;
  const std::string whole = bytes_of(sealed.path);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put_bytes(sealed.path, std::string_view(whole).substr(0, size));
    auto read = SealedFile::read_with_key(sealed.path, kKind, sealed.key);
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
    auto read = SealedFile::read_with_key(sealed.path, kKind, sealed.key);
    ASSERT_FALSE(read) << "byte " << at << " changed";
    EXPECT_TRUE(read.error().code == Errc::corrupt || read.error().code == Errc::unauthenticated) << "byte " << at;
  }
}

TEST(SealedFile, AnotherKeyDoesNotOpenIt) {
  const Sealed sealed;
  EXPECT_EQ(SealedFile::read_with_key(sealed.path, kKind, SealKey::random_bytes()).error().code, Errc::unauthenticated);
}

TEST(SealedFile, SaysWhichFileItIs) {
  const Sealed sealed;
  const auto other = SealedFile::read_with_key(sealed.path, kKind, SealKey::random_bytes());
  EXPECT_EQ(other.error().what, "the test's file was sealed with another key");
  std::filesystem::resize_file(sealed.path, 60);
  const auto cut = SealedFile::read_with_key(sealed.path, kKind, sealed.key);
  EXPECT_TRUE(cut.error().what.starts_with("the test's file is damaged: it is cut off")) << cut.error().what;
  EXPECT_EQ(cut.error().remedy, "Throw it away.");
}

TEST(SealedFile, OfAnotherKindDoesNotOpen) {
  const Sealed sealed;
  const auto read = SealedFile::read_with_key(sealed.path, kOtherKind, sealed.key);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what, "the other file is damaged: it is a sealed file of portalkey, but of another kind");
}

TEST(SealedFile, CountsItsWritings) {
  const Sealed sealed;
  auto first = SealedFile::read_with_key(sealed.path, kKind, sealed.key);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->writing.number, 1u);
  ASSERT_TRUE(SealedFile::write(sealed.path, kKind, kContents, first->key, first->writing));
  auto second = SealedFile::read_with_key(sealed.path, kKind, sealed.key);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->writing.id, first->writing.id);
  EXPECT_EQ(second->writing.number, 2u);
  ASSERT_TRUE(SealedFile::write(sealed.path, kKind, kContents, first->key));
  EXPECT_NE(SealedFile::read_with_key(sealed.path, kKind, sealed.key)->writing.id, first->writing.id) << "a new file";
}

SealKey key_from(const char* passphrase) { return std::move(SealKey::from_passphrase(Secret(passphrase)).value()); }

TEST(SealedFile, PassphrasesOpenAndResealWithoutDerivingAnew) {
  const TemporaryFolder folder;
  const auto path = folder / "sealed";
  ASSERT_TRUE(SealedFile::write(path, kKind, kContents, key_from("correct")));
  const auto wrong = SealedFile::read_with_passphrase(path, kKind, Secret("wrong"));
  EXPECT_EQ(wrong.error().code, Errc::unauthenticated);
  EXPECT_EQ(wrong.error().what, "the passphrase does not open the test's file");
  EXPECT_EQ(wrong.error().remedy, "Try another.");
  auto unsealed = SealedFile::read_with_passphrase(path, kKind, Secret("correct"));
  ASSERT_TRUE(unsealed);
  EXPECT_FALSE(unsealed->key.outdated());
  ASSERT_TRUE(SealedFile::write(path, kKind, Secret("second"), unsealed->key, unsealed->writing));
  auto again = SealedFile::read_with_passphrase(path, kKind, Secret("correct"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->contents.reveal([](std::string_view text) { return std::string(text); }), "second");
}

TEST(SealedFile, OneRunDerivesOncePerPassphrase) {
  const TemporaryFolder folder;
  ASSERT_TRUE(SealedFile::write(folder / "a", kKind, kContents, key_from("once")));
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(SealedFile::read_with_passphrase(folder / "a", kKind, Secret("once")));
    ASSERT_TRUE(SealedFile::write(folder / "b", kKind, kContents, key_from("once")));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20)) << "a hundred derivations take half a minute";
  EXPECT_EQ(SealedFile::read_with_passphrase(folder / "b", kKind, Secret("twice")).error().code, Errc::unauthenticated);
}

TEST(SealedFile, OfTheLayoutBeforeOpensAndIsSealedAtTodaysCostWhenWritten) {
  const TemporaryFolder folder;
  const auto path = folder / "vault";
  std::filesystem::copy_file(TEST_DATA "/vault/before.vault", path);
  std::filesystem::permissions(path, std::filesystem::perms(0600));
  const Secret passphrase("old secret");
  auto before = SealedFile::read_with_passphrase(path, kKind, passphrase);
  ASSERT_TRUE(before) << before.error().what;
  EXPECT_TRUE(before->key.outdated());
  EXPECT_EQ(before->writing, Writing{});
  ASSERT_TRUE(SealedFile::write(path, kKind, before->contents, SealKey::from_passphrase(passphrase).value(), before->writing));
  auto after = SealedFile::read_with_passphrase(path, kKind, passphrase);
  ASSERT_TRUE(after) << after.error().what;
  EXPECT_FALSE(after->key.outdated());
  EXPECT_EQ(after->writing.number, 1u);
  std::string whole = bytes_of(TEST_DATA "/vault/before.vault");
  for (const std::size_t at : {0, 6, 8, 9, 17, 25, 41, 57, 65, 88, 89, 200}) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x01);
    put_bytes(path, changed);
    EXPECT_FALSE(SealedFile::read_with_passphrase(path, kKind, passphrase)) << "byte " << at;
  }
}

std::string little_endian(std::uint64_t value) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
  return out;
}

TEST(SealedFile, AHostileHeaderCannotMakeItWorkForEver) {
  const TemporaryFolder folder;
  const auto path = folder / "sealed";
  ASSERT_TRUE(SealedFile::write(path, kKind, kContents, key_from("correct")));
  const std::string whole = bytes_of(path);
  constexpr std::uint64_t kMiB = 1 << 20, kAll = ~std::uint64_t{0};
  const std::pair<std::uint64_t, std::uint64_t> costs[] = {{kAll, kAll}, {1, kAll},         {kAll, 64 * kMiB}, {1, 1025 * kMiB},
                                                           {17, 8192},   {16, 1024 * kMiB}, {5, 1024 * kMiB},  {0, kMiB},
                                                           {3, 0},       {3, 8191},         {1, 1ULL << 40}};
  for (const auto& [operations, memory] : costs) {
    std::string changed = whole;
    changed.replace(10, 16, little_endian(operations) + little_endian(memory));
    put_bytes(path, changed);
    EXPECT_EQ(SealedFile::read_with_passphrase(path, kKind, Secret("correct")).error().code, Errc::corrupt)  // nothing derived
        << operations << " operations, " << memory << " bytes";
  }
}

}  // namespace
}  // namespace portalkey::sealed_file_test
