#include "otp/totp.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <random>
#include <thread>

#include "otp/base32.h"
#include "tests/vectors.h"

namespace portalkey::totp_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Hash hash_called(std::string_view name) {
  return name == "sha512" ? Hash::sha512 : name == "sha256" ? Hash::sha256 : Hash::sha1;
}

TEST(Totp, Rfc6238Vectors) {
  const auto rows = vectors("rfc6238-totp.csv");
  ASSERT_EQ(rows.size(), 18U);
  for (const auto& r : rows) {
    // The last time is in the year 2603, beyond what WallTime can hold: count the steps themselves.
    const std::int64_t count = std::stoll(r[4]) / std::stoi(r[2]);
    EXPECT_EQ(totp(Secret(from_hex(r[0])), from_unix_seconds(count), seconds(1), std::stoi(r[3]), hash_called(r[1])), r[5])
        << r[1] << " at " << r[4];
  }
}

TEST(Totp, Rfc4226VectorsAsCountersOfOneSecond) {
  for (const auto& r : vectors("rfc4226-hotp.csv")) {
    EXPECT_EQ(totp(Secret(from_hex(r[0])), from_unix_seconds(std::stoll(r[1])), seconds(1), std::stoi(r[2])), r[3]);
  }
}

TEST(Totp, WhatEntraTakes) {
  const auto rows = vectors("totp-entra.csv");
  ASSERT_GT(rows.size(), 20U);
  for (const auto& r : rows) {
    const auto key = decode_base32(r[0]);
    ASSERT_TRUE(key);
    EXPECT_EQ(totp(*key, from_unix_seconds(std::stoll(r[4])), seconds(std::stoi(r[2])), std::stoi(r[3]), hash_called(r[1])),
              r[5])
        << r[0] << " at " << r[4];
  }
}

TEST(Totp, LeadingZerosStay) {
  const Secret key("12345678901234567890");
  bool seen = false;
  for (int step = 0; step < 200; ++step) {
    const auto code = totp(key, from_unix_seconds(step * 30LL), seconds(30));
    ASSERT_EQ(code.size(), 6U);
    seen |= code.front() == '0';
  }
  EXPECT_TRUE(seen);
}

TEST(Totp, SeveralThreadsAtOnce) {
  std::vector<std::jthread> threads;
  std::array<std::string, 8> codes;
  for (auto& code : codes) {
    threads.emplace_back([&code] {
      for (int i = 0; i < 200; ++i) code = totp(Secret("12345678901234567890"), from_unix_seconds(59), seconds(30), 8);
    });
  }
  threads.clear();
  for (const auto& code : codes) EXPECT_EQ(code, "94287082");
}

TEST(Totp, TimeLeft) {
  const auto at = [](std::int64_t ms) { return WallTime(milliseconds(ms)); };
  EXPECT_EQ(time_left_in_step(at(0), seconds(30)), seconds(30));
  EXPECT_EQ(time_left_in_step(at(1), seconds(30)), milliseconds(29'999));
  EXPECT_EQ(time_left_in_step(at(29'999), seconds(30)), milliseconds(1));
  EXPECT_EQ(time_left_in_step(at(30'000), seconds(30)), seconds(30));
  EXPECT_EQ(time_left_in_step(at(30'000), seconds(60)), seconds(30));
  EXPECT_EQ(time_left_in_step(at(-1), seconds(30)), milliseconds(1));
  EXPECT_EQ(time_left_in_step(at(30'000) - std::chrono::microseconds(1), seconds(30)), milliseconds(1));
}

std::string answer_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::array<char, 64> line{};
  if (!pipe || std::fgets(line.data(), line.size(), pipe.get()) == nullptr) return "no answer";
  std::string text(line.data());
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

// OATH Toolkit's own program shares liboath with us but none of our code: keys, steps and hashes must agree.
TEST(Totp, AgreesWithOathtool) {
  std::mt19937 random(4711);
  for (int i = 0; i < 60; ++i) {
    std::string bytes(10 + random() % 55, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    const auto text = text_of(encode_base32(bytes));
    const int step = random() % 2 == 0 ? 30 : 60;
    const int digits = 6 + static_cast<int>(random() % 3);
    const char* const hash = std::array{"sha1", "sha256", "sha512"}[random() % 3];
    const std::int64_t when = 1'500'000'000 + static_cast<std::int64_t>(random() % 2'000'000'000);
    const auto command = "oathtool --base32 --totp=" + std::string(hash) + " --time-step-size=" + std::to_string(step) +
                         "s --digits=" + std::to_string(digits) + " --now='@" + std::to_string(when) + "' " + text;
    const auto key = decode_base32(text);
    ASSERT_TRUE(key);
    EXPECT_EQ(totp(*key, from_unix_seconds(when), seconds(step), digits, hash_called(hash)), answer_of(command)) << command;
  }
}

}  // namespace
}  // namespace portalkey::totp_test
