#include "http/another_answer.h"

#include <gtest/gtest.h>

#include "tests/hostile_texts.h"

namespace portalkey::another_answer_test {
namespace {

Response answer(int status, const std::string& body) {
  Response response;
  response.status = status;
  response.body = Secret(body);
  return response;
}

TEST(AnotherAnswer, SaysWhatCame) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "an empty body"},
      {" \r\n", "an empty body"},
      {"<html><head><title>Access denied</title>", "an HTML page titled \"Access denied\""},
      {"\xEF\xBB\xBF<!DOCTYPE html>\n<HTML><TITLE lang=de>\n Zugriff  verweigert\n</TITLE>", "an HTML page titled \"Zugriff"},
      {"<!DOCTYPE html><body>", "an HTML page"},
      {"<html><title></title>", "an HTML page"},
      {"<html><title>cut off", "an HTML page"},
      {"<?xml version=\"1.0\"?><Error/>", "XML or HTML"},
      {"Bad Gateway", "text that is not JSON"},
      {"{\"error\":", "text that is not JSON"},
      {"[]", "JSON of another shape"},
      {"{\"a\":1}", "JSON of another shape"},
  };
  for (const auto& [body, said] : rows) {
    EXPECT_TRUE(what_came(answer(200, body)).starts_with(said)) << body << ": " << what_came(answer(200, body));
    EXPECT_EQ(is_markup(answer(200, body)), std::string_view(said).contains("HTML")) << body;
  }
}

TEST(AnotherAnswer, ClaimsNothingOfWhy) {
  for (const int status : {200, 302, 400, 401, 403, 404, 409}) {
    const auto error = another_answer("Key Vault", answer(status, "<html><title>Blocked by Contoso</title>"));
    EXPECT_EQ(error.code, Errc::unavailable) << status;
    EXPECT_EQ(error.what, "status " + std::to_string(status) +
                              " came with an HTML page titled \"Blocked by Contoso\", and not with an answer of Key Vault's");
    EXPECT_NE(error.remedy.find("may be answering"), std::string::npos);
  }
  EXPECT_EQ(another_answer("Entra", answer(429, "")).code, Errc::throttled);
  EXPECT_NE(another_answer("Entra", answer(503, "")).remedy.find("in a few minutes"), std::string::npos);
  EXPECT_NE(another_answer("Entra", answer(407, "<html>")).remedy.find("is a proxy's"), std::string::npos);
  EXPECT_NE(another_answer("Entra", answer(511, "<html>")).remedy.find("is a network's"), std::string::npos);
}

TEST(AnotherAnswer, IsCleanWhateverThePageSays) {
  for (const auto& text : hostile_texts())
    expect_clean(another_answer("Entra", answer(403, "<html><title>" + text + "</title>")), text.substr(0, 60));
}

}  // namespace
}  // namespace portalkey::another_answer_test
