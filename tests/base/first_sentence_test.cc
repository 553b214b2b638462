#include "base/first_sentence.h"

#include <gtest/gtest.h>

namespace portalkey::first_sentence_test {
namespace {

TEST(FirstSentence, IsWhatTheServiceSaysBeforeItsDetails) {
  const std::pair<const char*, const char*> rows[] = {
      {"AADSTS50105: The user is not assigned to 'Contoso (1950a258)'. Trace ID: 1 Timestamp: 2",
       "The user is not assigned to 'Contoso (1950a258)'"},
      {"AADSTS53003: Blocked.\r\nTrace ID: 1", "Blocked"},
      {"AADSTS700082: no stop Trace ID: 1", "no stop"},
      {"AKV10032: Invalid issuer. Expected one of x", "Invalid issuer"},
      {"[TokenExpired] Error validating token: 'S2S12086'.", "Error validating token: 'S2S12086'"},
      {"Client address is not authorized and caller is not a trusted service.\r\nClient address: 203.0.113.5",
       "Client address is not authorized and caller is not a trusted service"},
      {"Resource: contoso.vault.azure.net is odd", "Resource: contoso.vault.azure.net is odd"},
      {"\n Two lines\nsecond", "Two lines"},
      {"", ""},
      {".", ""},
  };
  for (const auto& [message, sentence] : rows) EXPECT_EQ(first_sentence(message), sentence) << message;
}

}  // namespace
}  // namespace portalkey::first_sentence_test
