#include "service/audit/entry_form.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include "service/audit/canonical_object.h"

namespace portalkey::entry_form_test {
namespace {

TEST(EntryForm, IsTheOneThatTheHeaderStates) {
  AuditEntry entry;
  entry.number = 7;
  entry.time = from_unix_milliseconds(1'767'225'600'042);
  entry.event.action = "tokens.activate";
  entry.event.upn = "zo\xC3\xAB@contoso.com";
  entry.event.detail = "a \"quoted\" back\\slash";
  EXPECT_EQ(entry_form(entry, "00ff"),
            R"({"action":"tokens.activate","detail":"a \"quoted\" back\\slash","number":7,"previous":"00ff",)"
            R"("time":"2026-01-01T00:00:00.042Z","upn":"zo)"
            "\xC3\xAB@contoso.com\"}");
  // printf '%s' '…' | sha256sum
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(entry_hash(entry, "00ff"), sha256_hex(entry_form(entry, "00ff")));
}

TEST(EntryForm, HasEveryTextOfAnEvent) {
  AuditEntry entry;
  auto& event = entry.event;
  const auto bare = entry_form(entry, "");
  for (auto* text : {&event.action, &event.caller_kind, &event.caller_id, &event.caller_name, &event.peer, &event.tenant,
                     &event.serial, &event.upn, &event.job, &event.outcome, &event.correlation, &event.detail}) {
    *text = "x";
    EXPECT_NE(entry_form(entry, ""), bare);
    text->clear();
  }
}

TEST(EntryForm, StringsAreThoseOfRfc8785) {
  std::string out;
  append_json_string(out, std::string_view("\0\x1f\b\t\n\f\r\"\\/\x7f\xE2\x82\xAC", 14));
  EXPECT_EQ(out, "\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\/\x7f\xE2\x82\xAC\"");
}

TEST(EntryForm, TimesAreReadInTheirOneForm) {
  for (const std::int64_t at : {0LL, 1LL, 999LL, 1'767'225'600'000LL, 4'102'444'799'999LL}) {
    const auto time = from_unix_milliseconds(at);
    EXPECT_EQ(parse_audit_time(audit_time(time)), time) << at;
  }
  for (const char* text : {"", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.0000Z",
                           "2026-01-01T00:00:00.-01Z", "2026-02-30T00:00:00.000Z", "2026-01-01 00:00:00.000Z"})
    EXPECT_FALSE(parse_audit_time(text)) << text;
}

}  // namespace
}  // namespace portalkey::entry_form_test
