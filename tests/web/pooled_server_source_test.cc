// Answers that come bit by bit.
#include "web/pooled_server.h"

#include <gtest/gtest.h>

#include <latch>
#include <semaphore>
#include <stdexcept>

#include "tests/web/served.h"

namespace portalkey::pooled_server_source_test {
namespace {

using namespace std::chrono_literals;
using web_test::Client;
using web_test::get;
using web_test::kGet;
using web_test::kLong;
using web_test::pieces;
using web_test::plain;

class PooledServerSource : public web_test::Served {};

TEST_F(PooledServerSource, SourcesAreSentAsTheyCome) {
  options.source_pause = 1ms;
  std::binary_semaphore goes_on(0);
  start([&](const HttpRequest&) {
    return pieces([&](int n) -> std::optional<std::string> {
      if (n == 0) return "first";
      if (n == 1) {
        goes_on.acquire();
        return "";
      }
      if (n == 2) return "a second one";
      return std::nullopt;
    });
  });
  auto c = client();
  c.send(get("/"));
  const auto begin = c.until("first\r\n");
  EXPECT_TRUE(begin.contains("Transfer-Encoding: chunked\r\n")) << begin;
  EXPECT_FALSE(begin.contains("Content-Length"));
  EXPECT_TRUE(begin.ends_with("\r\n\r\n5\r\nfirst\r\n")) << begin;
  goes_on.release();
  EXPECT_EQ(c.until("\r\n0\r\n\r\n"), "c\r\na second one\r\n0\r\n\r\n");
  auto old = client();
  goes_on.release();
  old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto all = old.everything();
  EXPECT_TRUE(all.contains("Connection: close\r\n")) << all;
  EXPECT_TRUE(all.ends_with("\r\n\r\nfirsta second one")) << all;
}

TEST_F(PooledServerSource, ConnectionsAreOfUseAfterASource) {
  start([](const HttpRequest&) {
    return pieces([](int n) -> std::optional<std::string> { return n < 3 ? std::optional<std::string>("x") : std::nullopt; });
  });
  auto c = client();
  for (int i = 0; i < 3; ++i) {
    c.send(kGet);
    EXPECT_TRUE(c.until("\r\n0\r\n\r\n").ends_with("\r\n\r\n1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n0\r\n\r\n"));
  }
}

TEST_F(PooledServerSource, SourcesOfClientsThatHaveGoneAreLetGo) {
  options.source_pause = 1ms;
  std::latch begun(1), gone(1);
  start([&](const HttpRequest&) {
    return pieces([&begun, over = std::shared_ptr<void>(nullptr, [&](void*) { gone.count_down(); })](int n) {
      if (n == 1) begun.count_down();
      return std::string();
    });
  });
  {
    auto c = client();
    c.send(kGet);
    begun.wait();
  }
  gone.wait();
}

TEST_F(PooledServerSource, ManySourcesThatWaitKeepNoRequestWaiting) {
  options.handlers = 1;
  std::counting_semaphore<> asked(0), goes_on(0);
  start([&](const HttpRequest& r) {
    if (r.path != "/source") return plain("here");
    return pieces([&](int) -> std::optional<std::string> {
      asked.release();
      goes_on.acquire();
      return std::nullopt;
    });
  });
  std::vector<Client> readers;
  for (int i = 0; i < 20; ++i) {
    readers.push_back(client());
    readers.back().send(get("/source"));
  }
  asked.acquire();
  EXPECT_TRUE(client().ask(kGet).ends_with("here"));
  goes_on.release(20);
  server->drain(kLong);
  for (auto& reader : readers) EXPECT_TRUE(reader.everything().ends_with("\r\n0\r\n\r\n"));
}

TEST_F(PooledServerSource, SourcesThatThrowAreCutSoThatItShows) {
  start([](const HttpRequest&) {
    return pieces([](int n) -> std::optional<std::string> {
      if (n == 0) return "first";
      throw std::runtime_error("oops");
    });
  });
  testing::internal::CaptureStderr();
  auto c = client();
  c.send(kGet);
  const auto all = c.everything();
  EXPECT_TRUE(testing::internal::GetCapturedStderr().contains("oops"));
  EXPECT_TRUE(all.ends_with("5\r\nfirst\r\n")) << "it looks whole: " << all;
  EXPECT_TRUE(client().ask(kGet).starts_with("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace portalkey::pooled_server_source_test
