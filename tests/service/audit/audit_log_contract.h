#pragma once
// What every AuditLog promises, run on each implementation. Make{}() opens a fresh, empty trail; Make::clock() is its clock,
// which stands still; Make::reopened() is the same trail as another process would open it.

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "service/audit/audit_log.h"
#include "service/audit/entry_form.h"
#include "tests/service/audit/audit_events.h"

namespace portalkey {

template <class Log>
class AuditLogContract : public testing::Test {
 protected:
  Log made;
  AuditLog& log() { return made.log(); }

  AuditEntry written(const AuditEvent& event) {
    auto entry = log().append(event);
    EXPECT_TRUE(entry) << entry.error().what;
    return entry ? *entry : AuditEntry{};
  }
  std::vector<AuditEntry> all() {
    std::vector<AuditEntry> entries;
    auto read = log().each(1, [&](const AuditEntry& entry) -> Result<void> {
      entries.push_back(entry);
      return {};
    });
    EXPECT_TRUE(read) << read.error().what;
    return entries;
  }
  std::vector<std::int64_t> found(const AuditFilter& filter, std::size_t page = 3) {
    std::vector<std::int64_t> numbers;
    std::int64_t before = 0;
    do {
      auto got = log().search(filter, page, before);
      EXPECT_TRUE(got) << got.error().what;
      if (!got) return {};
      EXPECT_LE(got->entries.size(), page);
      for (const auto& entry : got->entries) numbers.push_back(entry.number);
      before = got->next;
    } while (before != 0);
    return numbers;
  }
};
TYPED_TEST_SUITE_P(AuditLogContract);

TYPED_TEST_P(AuditLogContract, EntriesAreCountedFromOneAndChained) {
  for (int i = 0; i < 5; ++i) this->written(event_of("tokens.activate", std::to_string(i)));
  const auto entries = this->all();
  ASSERT_EQ(entries.size(), 5U);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].number, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(entries[i].event.serial, std::to_string(i));
    EXPECT_EQ(entries[i].event.peer, "192.0.2.7");
    if (i > 0) {
      EXPECT_EQ(entries[i].hash, entry_hash(entries[i], entries[i - 1].hash));
    }
  }
}

TYPED_TEST_P(AuditLogContract, AppendGivesTheEntryThatIsThere) {
  const auto entry = this->written(event_of("tokens.read"));
  EXPECT_EQ(entry.time, this->made.clock().now());
  const auto entries = this->all();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].hash, entry.hash);
  EXPECT_EQ(entry_form(entries[0], "x"), entry_form(entry, "x"));
}

TYPED_TEST_P(AuditLogContract, SeveralStandInTheirOrder) {
  std::vector<AuditEvent> events;
  for (int i = 0; i < 1500; ++i) events.push_back(event_of("token.settled", std::to_string(i)));
  ASSERT_TRUE(this->log().append_all(events));
  ASSERT_TRUE(this->log().append_all({}));
  const auto entries = this->all();
  ASSERT_EQ(entries.size(), 1500U);
  for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(entries[i].event.serial, std::to_string(i));
}

TYPED_TEST_P(AuditLogContract, TheTrailGoesOnWhereItEnded) {
  const auto first = this->written(event_of("one"));
  auto other = this->made.reopened();
  const auto second = other->append(event_of("two"));
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_EQ(second->hash, entry_hash(*second, first.hash));
  const auto third = this->written(event_of("three"));
  EXPECT_EQ(third.number, 3);
  EXPECT_EQ(third.hash, entry_hash(third, second->hash));
}

TYPED_TEST_P(AuditLogContract, ThreadsWriteOneChain) {
  constexpr int kThreads = 8, kEach = 50;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([this, t] {
        for (int i = 0; i < kEach; ++i) {
          const auto number = this->written(event_of("thread", std::to_string(t), std::to_string(i))).number;
          if (i % 10 == 0) {
            EXPECT_FALSE(this->found({.serial = std::to_string(t)}).empty()) << number;
          }
        }
      });
    }
  }
  const auto entries = this->all();
  ASSERT_EQ(entries.size(), std::size_t{kThreads * kEach});
  std::map<std::string, int> next;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].number, static_cast<std::int64_t>(i) + 1);
    if (i > 0) {
      ASSERT_EQ(entries[i].hash, entry_hash(entries[i], entries[i - 1].hash));
    }
    EXPECT_EQ(entries[i].event.upn, std::to_string(next[entries[i].event.serial]++)) << "a thread's own are in its order";
  }
}

TYPED_TEST_P(AuditLogContract, SearchFindsTheNewestFirstPageByPage) {
  for (int i = 0; i < 10; ++i) this->written(event_of(i % 2 == 0 ? "even" : "odd", "S" + std::to_string(i / 5), "u@x"));
  using Numbers = std::vector<std::int64_t>;
  EXPECT_EQ(this->found({}), (Numbers{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(this->found({.action = "even"}), (Numbers{9, 7, 5, 3, 1}));
  EXPECT_EQ(this->found({.serial = "s1"}), (Numbers{10, 9, 8, 7, 6})) << "the case of serial numbers is nothing";
  EXPECT_EQ(this->found({.action = "odd", .serial = "S0"}), (Numbers{4, 2}));
  EXPECT_EQ(this->found({.upn = "U@X"}).size(), 10U);
  EXPECT_EQ(this->found({.tenant = "contoso", .upn = "u@x"}).size(), 10U);
  EXPECT_EQ(this->found({.tenant = "Contoso"}), Numbers{});
  EXPECT_EQ(this->found({.serial = "S_"}), Numbers{}) << "no sign stands for others";
  EXPECT_EQ(this->found({.serial = "S%"}), Numbers{});
  EXPECT_EQ(this->found({}, 10).size(), 10U) << "a page that is just full has none behind it";
}

TYPED_TEST_P(AuditLogContract, ACallerIsFoundByIdAndByName) {
  auto app = event_of("a");
  app.caller_id = app.caller_name = "the-app";
  auto swapped = event_of("b");
  swapped.caller_id = "helpdesk@contoso.com";
  swapped.caller_name = "x";
  auto nobody = event_of("c");
  nobody.caller_id = nobody.caller_name = nobody.caller_kind = "";
  for (int i = 0; i < 3; ++i)
    for (const auto& event : {app, swapped, nobody, event_of("d")}) this->written(event);
  using Numbers = std::vector<std::int64_t>;
  EXPECT_EQ(this->found({.caller = "the-app"}), (Numbers{9, 5, 1}));
  EXPECT_EQ(this->found({.caller = "helpdesk@contoso.com"}), (Numbers{12, 10, 8, 6, 4, 2}));
  EXPECT_EQ(this->found({.tenant = "contoso", .action = "d", .caller = "helpdesk@contoso.com"}), (Numbers{12, 8, 4}));
  EXPECT_EQ(this->found({.caller = "nobody"}), Numbers{});
}

TYPED_TEST_P(AuditLogContract, ATimeIsFoundAlsoWhereTheClockWasSetBack) {
  using std::chrono::minutes;
  const auto start = this->made.clock().now();
  // 0 10 20 30 | 5 15 25 35 | 0 10: minutes after the start
  for (int i = 0; i < 4; ++i, this->made.clock().advance(minutes(10))) this->written(event_of("first"));
  this->made.clock().jump(minutes(-35));
  for (int i = 0; i < 4; ++i, this->made.clock().advance(minutes(10))) this->written(event_of("second"));
  this->made.clock().jump(minutes(-45));
  for (int i = 0; i < 2; ++i, this->made.clock().advance(minutes(10))) this->written(event_of("third"));
  using Numbers = std::vector<std::int64_t>;
  const auto at = [&](int minute) { return start + minutes(minute); };
  EXPECT_EQ(this->found({.from = at(10), .until = at(16)}), (Numbers{10, 6, 2}));
  EXPECT_EQ(this->found({.from = at(30)}), (Numbers{8, 4}));
  EXPECT_EQ(this->found({.until = at(5)}), (Numbers{9, 1})) << "`until` itself is not in it";
  EXPECT_EQ(this->found({.action = "second", .from = at(5), .until = at(26)}), (Numbers{7, 6, 5}));
  EXPECT_EQ(this->found({.from = at(60)}), Numbers{});
  EXPECT_EQ(this->found({.from = at(20), .until = at(20)}), Numbers{});
  EXPECT_EQ(this->found({.from = at(20), .until = at(10)}), Numbers{});
}

TYPED_TEST_P(AuditLogContract, TextsAreBoundedAndCannotForgeALine) {
  auto event = event_of("x\ny", std::string(5000, 's'), "a\u202Eb");
  event.detail =
      "one\r\ntwo \x1b[31m \xff Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhYmNkZWZnaCJ9.c2lnbmF0dXJlc2lnbmF0dXJl";
  const auto entry = this->written(event);
  EXPECT_EQ(entry.event.action, "x\\u{a}y");
  EXPECT_EQ(entry.event.serial.size(), 256U);
  EXPECT_TRUE(entry.event.serial.ends_with("..."));
  EXPECT_EQ(entry.event.upn, "a\\u{202e}b");
  EXPECT_TRUE(entry.event.detail.starts_with("one\\u{d}\\u{a}two \\u{1b}[31m \uFFFD ")) << entry.event.detail;
  EXPECT_FALSE(entry.event.detail.contains("c2lnbmF0dXJl")) << entry.event.detail;
  EXPECT_EQ(this->found({.action = "x\ny"}), std::vector<std::int64_t>{1}) << "it is found as it was asked for";
  EXPECT_EQ(this->all().at(0).event.detail, entry.event.detail);
}

TYPED_TEST_P(AuditLogContract, EachEndsWithTheErrorOfWhoTakes) {
  for (int i = 0; i < 5; ++i) this->written(event_of("x"));
  int seen = 0;
  const auto done = this->log().each(3, [&](const AuditEntry& entry) -> Result<void> {
    EXPECT_EQ(entry.number, 3 + seen);
    if (++seen == 2) return fail(Errc::cancelled, "enough");
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::cancelled);
  EXPECT_EQ(seen, 2);
}

REGISTER_TYPED_TEST_SUITE_P(AuditLogContract, EntriesAreCountedFromOneAndChained, AppendGivesTheEntryThatIsThere,
                            SeveralStandInTheirOrder, TheTrailGoesOnWhereItEnded, ThreadsWriteOneChain,
                            SearchFindsTheNewestFirstPageByPage, ACallerIsFoundByIdAndByName,
                            ATimeIsFoundAlsoWhereTheClockWasSetBack, TextsAreBoundedAndCannotForgeALine,
                            EachEndsWithTheErrorOfWhoTakes);

}  // namespace portalkey
