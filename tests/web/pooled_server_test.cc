// The server of the service over real sockets, by a client that does everything wrong.
#include "web/pooled_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <semaphore>
#include <stdexcept>
#include <thread>

#include "tests/web/self_signed.h"
#include "tests/web/served.h"

namespace portalkey::pooled_server_test {
namespace {

using namespace std::chrono_literals;
using web_test::Client;
using web_test::get;
using web_test::kGet;
using web_test::kLong;
using web_test::pieces;
using web_test::plain;
using web_test::self_signed;

class PooledServerTest : public web_test::Served {};

TEST_F(PooledServerTest, KeepsTheConnectionAndTellsTheHandlerEverything) {
  start([](const HttpRequest& r) {
    return plain(r.method + ' ' + r.host + ' ' + r.path + ' ' + std::string(r.header("content-encoding")) + ' ' +
                 std::string(r.header("x-forwarded-for")) + ' ' + r.body + ' ' + r.peer);
  });
  auto c = client();
  const auto first = c.ask("GET /a?q=1 HTTP/1.1\r\nHost: A.Example:443\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n");
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 OK\r\n")) << first;
  EXPECT_TRUE(first.contains("\r\nDate: ")) << first;
  EXPECT_TRUE(first.ends_with("GET a.example /a  9.9.9.9  127.0.0.1")) << "the peer is who is connected: " << first;
  const auto second = c.ask("POST / HTTP/1.1\r\nHost: b\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_TRUE(second.ends_with("POST b / gzip  hello 127.0.0.1")) << "nothing is decompressed: " << second;
  c.send("GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(c.everything().contains("Connection: close\r\n"));
  EXPECT_EQ(c.error, 0);
}

TEST_F(PooledServerTest, SpeaksHttp10) {
  start([](const HttpRequest&) { return plain("here"); });
  auto once = client();
  once.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(once.everything().ends_with("here"));
  auto stays = client();
  EXPECT_TRUE(stays.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").contains("Connection: keep-alive\r\n"));
  EXPECT_TRUE(stays.ask(kGet).ends_with("here"));
}

TEST_F(PooledServerTest, AnswersPipelinedRequestsInOrderOneAtATime) {
  std::atomic<int> at_once = 0, most = 0;
  start([&](const HttpRequest& r) {
    most = std::max(most.load(), ++at_once);
    auto answer = plain(r.path);
    --at_once;
    return answer;
  });
  auto c = client();
  std::string all;
  for (int i = 0; i < 500; ++i) all += get("/" + std::to_string(i));
  c.send(all);
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(c.answer().ends_with("\r\n\r\n/" + std::to_string(i)));
  EXPECT_EQ(most, 1);
}

TEST_F(PooledServerTest, HeadAndEmptyAnswersHaveNoBody) {
  start([](const HttpRequest& r) {
    if (r.path == "/source") return pieces([](int) { return std::string("never"); });
    auto answer = plain("12345");
    if (r.path == "/204") answer.status = 204;
    return answer;
  });
  auto c = client();
  c.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(c.answer(false).contains("Content-Length: 5\r\n"));
  c.send("HEAD /source HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(c.answer(false).contains("Transfer-Encoding: chunked\r\n"));
  c.send(get("/204"));
  EXPECT_FALSE(c.answer(false).contains("Content-Length"));
  EXPECT_TRUE(c.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("\r\n\r\n12345"));
}

TEST_F(PooledServerTest, HandlersThatWaitHoldNobodyUp) {
  options.handlers = 2;
  std::binary_semaphore goes_on(0);
  start([&](const HttpRequest& r) {
    if (r.path == "/waits") goes_on.acquire();
    return plain("here");
  });
  auto waits = client();
  waits.send(get("/waits"));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(client().ask(kGet).ends_with("here"));
  goes_on.release();
  EXPECT_TRUE(waits.answer().ends_with("here"));
}

TEST_F(PooledServerTest, RequestsThatFindNoThreadAreSentAway) {
  options.handlers = 1;
  options.waiting = 1;
  std::counting_semaphore<> goes_on(0), came(0);
  start([&](const HttpRequest&) {
    came.release();
    goes_on.acquire();
    return plain("here");
  });
  auto first = client(), second = client(), third = client();
  first.send(kGet);
  came.acquire();
  // Which of the two waits for the thread is left open.
  second.send(kGet);
  third.send(kGet);
  std::string answers[2];
  std::thread one([&] { answers[0] = second.answer(); }), other([&] { answers[1] = third.answer(); });
  auto fourth = client();
  const auto refused = fourth.ask(kGet);
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
  EXPECT_TRUE(refused.contains("Retry-After: 1\r\n"));
  goes_on.release(10);
  EXPECT_TRUE(first.answer().ends_with("here"));
  one.join();
  other.join();
  EXPECT_NE(answers[0].starts_with("HTTP/1.1 503 "), answers[1].starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(fourth.ask(kGet).ends_with("here")) << "the connection is of use again";
}

TEST_F(PooledServerTest, HandlersThatThrowAre500WithoutDetail) {
  start([](const HttpRequest& r) -> HttpResponse {
    if (r.path == "/int") throw 5;
    throw std::runtime_error("the secret reason");
  });
  auto c = client();
  testing::internal::CaptureStderr();
  const auto answer = c.ask(kGet);
  const auto other = c.ask(get("/int"));
  const auto logged = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 "));
  EXPECT_FALSE(answer.contains("reason"));
  EXPECT_TRUE(other.starts_with("HTTP/1.1 500 "));
  EXPECT_TRUE(logged.contains("a request handler failed: the secret reason"));
}

TEST_F(PooledServerTest, RefusalsArriveAndCloseTheConnection) {
  options.limits.body_bytes = 1000;
  options.limits.header_bytes = 2000;
  std::atomic<int> asked = 0;
  start([&](const HttpRequest&) {
    ++asked;
    return plain("here");
  });
  const std::string large(2'000'000, 'x');
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::pair<std::string, std::string> cases[] = {
      {"413", post + "Content-Length: 2000000\r\n\r\n" + large},
      {"413", post + "Transfer-Encoding: chunked\r\n\r\n1e8480\r\n" + large},
      {"431", "GET / HTTP/1.1\r\nX: " + large + "\r\n\r\n"},
      {"400", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + std::string(kGet)},
      {"400", "nonsense\r\n\r\n" + std::string(kGet)},
      {"400", get("/a/../b") + std::string(kGet)},
      {"417", post + "Expect: wonders\r\nContent-Length: 3\r\n\r\nabc"},
      {"505", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
  };
  for (const auto& [status, request] : cases) {
    auto c = client();
    c.send(request);
    const auto all = c.everything();
    EXPECT_TRUE(all.starts_with("HTTP/1.1 " + status + ' ')) << all;
    EXPECT_TRUE(all.contains("\r\nConnection: close\r\n")) << all;
    EXPECT_EQ(all.find("HTTP/1.1 2"), std::string::npos) << "something was answered after it: " << all;
    EXPECT_EQ(c.error, 0) << "the answer must not be lost to a reset";
  }
  EXPECT_EQ(asked, 0);
}

TEST_F(PooledServerTest, AnswersBeforeCloseAreNotLostEither) {
  start([](const HttpRequest&) { return plain(std::string(300'000, 'b')); });
  auto c = client();
  c.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + std::string(500'000, 'x'));
  EXPECT_GT(c.everything().size(), 300'000U);
  EXPECT_EQ(c.error, 0);
}

TEST_F(PooledServerTest, ContinuesWhenAsked) {
  options.limits.body_bytes = 1000;
  start([](const HttpRequest& r) { return plain(r.body); });
  auto c = client();
  EXPECT_EQ(c.ask("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(c.ask("abc").ends_with("\r\n\r\nabc"));
  EXPECT_TRUE(
      c.ask("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n").starts_with("HTTP/1.1 413 "));
}

TEST_F(PooledServerTest, WhatIsSlowIsCut) {
  options.limits.read = 150ms;
  start([](const HttpRequest&) { return plain("here"); });
  auto silent = client(), head = client(), body = client(), idle = client();
  head.send("GET / HTTP/1.1\r\nHo");
  body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123");
  EXPECT_TRUE(idle.ask(kGet).ends_with("here"));
  for (auto* const c : {&silent, &head, &body, &idle}) EXPECT_EQ(c->everything(), "");
}

TEST_F(PooledServerTest, BytesOneByOneDoNotRenewTheLimit) {
  options.limits.read = 300ms;
  start([](const HttpRequest&) { return plain("here"); });
  for (const std::string_view begin : {"GET / HTTP/1.1\r\nX: ", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n"}) {
    auto c = client();
    const auto since = std::chrono::steady_clock::now();
    c.send(begin);
    while (std::chrono::steady_clock::now() - since < kLong && ::send(c.fd(), "x", 1, MSG_NOSIGNAL) == 1)
      std::this_thread::sleep_for(10ms);
    EXPECT_LT(std::chrono::steady_clock::now() - since, 5s);
  }
}

TEST_F(PooledServerTest, ReadersThatDoNotReadAreCut) {
  options.limits.write = 200ms;
  std::atomic<int> asked = 0;
  std::latch gone(1);
  start([&](const HttpRequest& r) {
    if (r.path == "/large") return plain(std::string(64U << 20, 'x'));
    return pieces([&asked, over = std::shared_ptr<void>(nullptr, [&](void*) { gone.count_down(); })](int) {
      ++asked;
      return std::string(100'000, 'x');
    });
  });
  auto large = client(), source = client();
  large.send(get("/large"));
  source.send(get("/source"));
  gone.wait();  // the source is let go
  EXPECT_LT(asked, 500) << "what nobody reads is not asked for: the rest is what the kernel holds";
  large.everything();
  EXPECT_EQ(large.error, ECONNRESET);
  source.everything();
  EXPECT_EQ(source.error, ECONNRESET);
}

TEST_F(PooledServerTest, MoreConnectionsThanItMayHaveAreClosed) {
  options.connections = 2;
  start([](const HttpRequest&) { return plain("here"); });
  auto one = client(), two = client();
  EXPECT_TRUE(one.ask(kGet).ends_with("here"));
  EXPECT_TRUE(two.ask(kGet).ends_with("here"));
  EXPECT_EQ(client().ask(kGet), "");
  EXPECT_TRUE(one.ask(kGet).ends_with("here"));
}

TEST_F(PooledServerTest, TakesASocketThatListens) {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) GTEST_SKIP() << "no IPv6";
  const int no = 0;
  ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(fd, 10), 0);
  options.socket = fd;
  start([](const HttpRequest& r) { return plain(r.peer); });
  EXPECT_TRUE(client().ask(kGet).ends_with("\r\n\r\n127.0.0.1")) << "an address of IPv4 is told as one";
}

TEST_F(PooledServerTest, SaysWhyItCannotStart) {
  start([](const HttpRequest&) { return plain("here"); });
  const auto code = [&](auto&& change) {
    PooledServerOptions other;
    change(other);
    const auto made = PooledServer::start(other, [](const HttpRequest&) { return plain(""); });
    return made ? std::optional<Errc>() : made.error().code;
  };
  EXPECT_EQ(code([&](auto& o) { o.port = server->port(); }), Errc::conflict);
  EXPECT_EQ(code([&](auto& o) { o.address = "example.org"; }), Errc::invalid_input);
  EXPECT_EQ(code([&](auto& o) { o.tls = TlsIdentity{"nonsense", "nonsense"}; }), Errc::invalid_input);
  EXPECT_EQ(server->use_identity(self_signed()).error().code, Errc::invalid_input) << "it speaks plain HTTP";
}

}  // namespace
}  // namespace portalkey::pooled_server_test
