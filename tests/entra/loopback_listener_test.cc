#include "entra/loopback_listener.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/entra/loopback.h"

namespace portalkey {
namespace {

using namespace std::chrono_literals;

std::string text(const Secret& secret) {
  return secret.reveal([](std::string_view bare) { return std::string(bare); });
}

TEST(ReadRedirect, TakesOnlyAGetWithTheRightState) {
  const auto good = read_redirect("GET /?code=0.A%2Bx%2f&state=S&session_state=y HTTP/1.1\r\nHost: localhost\r\n\r\n", "S");
  ASSERT_TRUE(good);
  EXPECT_EQ(text(good->code), "0.A+x/");
  const auto declined = read_redirect("GET /?error=access_denied&error_description=no+thanks&state=S HTTP/1.1\r\n\r\n", "S");
  ASSERT_TRUE(declined);
  EXPECT_EQ(declined->error, "access_denied");
  EXPECT_EQ(declined->error_description, "no thanks");
  const struct {
    const char* request;
    int status;
  } refused[] = {
      {"GET /favicon.ico HTTP/1.1\r\n\r\n", 404},
      {"GET / HTTP/1.1\r\n\r\n", 404},
      {"GET /x?code=1&state=S HTTP/1.1\r\n\r\n", 404},
      {"POST /?code=1&state=S HTTP/1.1\r\n\r\n", 405},
      {"GET /?code=1&state=T HTTP/1.1\r\n\r\n", 400},
      {"GET /?code=1 HTTP/1.1\r\n\r\n", 400},
      {"GET /?state=S HTTP/1.1\r\n\r\n", 400},
      {"GET /?code=1&error=x&state=S HTTP/1.1\r\n\r\n", 400},
      {"GET /?code=1&code=2&state=S HTTP/1.1\r\n\r\n", 400},
      {"GET /?code=%4&state=S HTTP/1.1\r\n\r\n", 400},
      {"GET /?code=%zz&state=S HTTP/1.1\r\n\r\n", 400},
      {"GET /?code=1&state=S\r\n\r\n", 400},
      {"\r\n\r\n", 400},
      {"", 400},
  };
  for (const auto& row : refused) {
    const auto read = read_redirect(row.request, "S");
    ASSERT_FALSE(read) << row.request;
    EXPECT_EQ(read.error(), row.status) << row.request;
  }
}

TEST(LoopbackListener, IgnoresEverythingButTheRedirect) {
  SystemClock clock;
  LoopbackListener listener;
  EXPECT_EQ(listener.redirect_uri(), "http://localhost:" + std::to_string(listener.port()));
  Result<Redirect> redirect = fail(Errc::internal, "");
  std::jthread waiting([&] { redirect = listener.await("S", Deadline::in(60s, clock), clock); });
  const int silent = connect_to_loopback(listener.port());  // as browsers open in advance
  EXPECT_TRUE(say_to_loopback(listener.port(), "GET /favicon.ico HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(say_to_loopback(listener.port(), "GET /?code=evil&state=guess HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(say_to_loopback(listener.port(), std::string(40'000, 'x')), "") << "too long";
  EXPECT_TRUE(
      say_to_loopback(listener.port(), "GET /?code=C&state=S HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
  waiting.join();
  ::close(silent);
  ASSERT_TRUE(redirect) << redirect.error().what;
  EXPECT_EQ(text(redirect->code), "C");
}

TEST(LoopbackListener, ManySilentConnectionsKeepNobodyOut) {
  SystemClock clock;
  LoopbackListener listener;
  Result<Redirect> redirect = fail(Errc::internal, "");
  std::jthread waiting([&] { redirect = listener.await("S", Deadline::in(60s, clock), clock); });
  std::vector<int> silent;
  for (int i = 0; i < 100; ++i) silent.push_back(connect_to_loopback(listener.port()));
  EXPECT_TRUE(say_to_loopback(listener.port(), "GET /?code=C&state=S HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200"));
  waiting.join();
  for (const int socket : silent) ::close(socket);
  EXPECT_TRUE(redirect);
}

TEST(LoopbackListener, EndsInTimeAndWhenInterrupted) {
  SystemClock clock;
  LoopbackListener listener;
  auto late = listener.await("S", Deadline::in(5ms, clock), clock);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::needs_person);
  std::stop_source stop;
  std::jthread interrupt([&] { stop.request_stop(); });
  auto cancelled = listener.await("S", Deadline::in(60s, clock, stop.get_token()), clock);
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, Errc::cancelled);
}

}  // namespace
}  // namespace portalkey
