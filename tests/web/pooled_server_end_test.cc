// How the server ends: patiently, or not.
#include "web/pooled_server.h"

#include <gtest/gtest.h>

#include <latch>
#include <semaphore>
#include <thread>
#include <vector>

#include "tests/web/served.h"

namespace portalkey::pooled_server_end_test {
namespace {

using namespace std::chrono_literals;
using web_test::get;
using web_test::kGet;
using web_test::kLong;
using web_test::pieces;
using web_test::plain;

class PooledServerEnd : public web_test::Served {};

TEST_F(PooledServerEnd, DrainLosesNoAnswerThatHasBegun) {
  options.source_pause = 1h;
  std::latch came(2);
  std::binary_semaphore goes_on(0);
  start([&](const HttpRequest& r) {
    if (r.path == "/source") {
      return pieces([&](int n) {
        if (n == 1) came.count_down();
        return std::string(n == 0 ? "first" : "");
      });
    }
    if (r.path == "/waits") {
      came.count_down();
      goes_on.acquire();
    }
    return plain("here");
  });
  auto idle = client(), waits = client(), half = client(), source = client(), new_one = client();
  EXPECT_TRUE(idle.ask(kGet).ends_with("here"));
  half.send(kGet);
  EXPECT_TRUE(half.answer().ends_with("here"));
  half.send("POST /half HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_TRUE(half.answer().starts_with("HTTP/1.1 100 "));
  source.send(get("/source"));
  waits.send(get("/waits"));
  came.wait();
  std::thread drain([&] { EXPECT_TRUE(server->drain(kLong)); });
  EXPECT_EQ(idle.everything(), "");
  EXPECT_EQ(idle.error, 0);
  EXPECT_EQ(new_one.everything(), "");
  EXPECT_TRUE(source.everything().ends_with("5\r\nfirst\r\n0\r\n\r\n"));
  const auto port = server->port();
  const int late = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_NE(::connect(late, reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << "it takes new connections";
  ::close(late);
  half.send("abc");
  goes_on.release();
  for (auto* const c : {&half, &waits}) {
    const auto all = c->everything();
    EXPECT_TRUE(all.contains("Connection: close\r\n")) << all;
    EXPECT_TRUE(all.ends_with("\r\n\r\nhere")) << all;
    EXPECT_EQ(c->error, 0);
    c->close();
  }
  source.close();
  idle.close();
  new_one.close();
  drain.join();
}

TEST_F(PooledServerEnd, DrainWithoutPatienceCutsOff) {
  std::binary_semaphore came(0), goes_on(0);
  start([&](const HttpRequest&) {
    came.release();
    goes_on.acquire();
    return plain("here");
  });
  auto c = client();
  c.send(kGet);
  came.acquire();
  EXPECT_FALSE(server->drain(1ms));
  EXPECT_EQ(c.everything(), "");
  goes_on.release();
  server.reset();
}

TEST_F(PooledServerEnd, EndsWhileClientsDoTheirWorst) {
  for (int round = 0; round < 20; ++round) {
    start([](const HttpRequest& r) {
      if (r.path == "/source") return pieces([](int) { return std::string("x"); });
      return plain(std::string(100'000, 'x'));
    });
    std::vector<std::jthread> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([port = server->port(), i](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
          sockaddr_in address{};
          address.sin_family = AF_INET;
          address.sin_port = htons(port);
          address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
          if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
            const auto text = i == 0 ? get("/source") : i == 1 ? std::string("GET / HTT") : get("/") + get("/");
            ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
            char some[100];
            if (i != 1) ::recv(fd, some, sizeof some, 0);
          }
          ::close(fd);
        }
      });
    }
    EXPECT_TRUE(client().ask(kGet).ends_with("xxx"));
    server.reset();
  }
}

}  // namespace
}  // namespace portalkey::pooled_server_end_test
