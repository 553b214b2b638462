#include "entra/credentials/loopback_listener.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/entra/loopback.h"

namespace portalkey::loopback_listener_test {
namespace {

using namespace std::chrono_literals;

std::string text(const Secret& secret) {
  return secret.reveal([](std::string_view bare) { return std::string(bare); });
}

constexpr std::uint16_t kPort = 4711;
constexpr std::string_view kHost = "\r\nHost: localhost:4711\r\n\r\n";

std::string request(std::string_view target) { return "GET " + std::string(target) + " HTTP/1.1" + std::string(kHost); }

std::string at(const LoopbackListener& listener, std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost:" + std::to_string(listener.port()) + "\r\n\r\n";
}

TEST(ReadRedirect, TakesOnlyAGetWithTheRightState) {
  const auto good = read_redirect(request("/?code=0.A%2Bx%2f&state=S&session_state=y&iss=https%3A%2F%2Fi"), "S", kPort);
  ASSERT_TRUE(good);
  EXPECT_EQ(text(good->code), "0.A+x/");
  EXPECT_EQ(good->issuer, "https://i");
  const auto declined = read_redirect(request("/?error=access_denied&error_description=no+thanks&state=S"), "S", kPort);
  ASSERT_TRUE(declined);
  EXPECT_EQ(declined->error, "access_denied");
  EXPECT_EQ(declined->error_description, "no thanks");
  const struct {
    std::string request;
    int status;
    bool other_state = false;
  } refused[] = {
      {request("/favicon.ico"), 404},
      {request("/"), 404},
      {request("/x?code=1&state=S"), 404},
      {"POST /?code=1&state=S HTTP/1.1" + std::string(kHost), 405},
      {request("/?code=1&state=T"), 400, true},
      {request("/?code=1&state=SS"), 400, true},
      {request("/?code=1&state="), 400, true},
      {request("/?code=1"), 400, true},
      {request("/?error=x&state=T"), 400, true},
      {request("/?state=S"), 400},
      {request("/?code=1&error=x&state=S"), 400},
      {request("/?code=1&code=2&state=S"), 400},
      {request("/?code=1&state=S&state=S"), 400},
      {request("/?code=%4&state=S"), 400},
      {request("/?code=%zz&state=S"), 400},
      {"GET /?code=1&state=S" + std::string(kHost), 400},
      {"\r\n\r\n", 400},
      {"", 400},
  };
  for (const auto& row : refused) {
    const auto read = read_redirect(row.request, "S", kPort);
    ASSERT_FALSE(read) << row.request;
    EXPECT_EQ(read.error().status, row.status) << row.request;
    EXPECT_EQ(read.error().other_state, row.other_state) << row.request;
  }
}

TEST(ReadRedirect, TakesNoRequestForAnotherName) {
  const auto with = [](std::string_view headers) {
    return read_redirect("GET /?code=C&state=S HTTP/1.1\r\n" + std::string(headers) + "\r\n", "S", kPort).has_value();
  };
  for (const char* name : {"localhost", "127.0.0.1", "[::1]"})
    EXPECT_TRUE(with("HOST:" + std::string(name) + ":4711\r\n")) << name;
  EXPECT_TRUE(with("Accept: x\r\nHost: localhost:4711 \r\nCookie: y\r\n"));
  for (const char* headers :
       {"", "Accept: x\r\n", "Host: localhost\r\n", "Host: localhost:4712\r\n", "Host: evil.example:4711\r\n",
        "Host: localhost:4711.evil.example\r\n", "Host: evil.example\r\nHost: localhost:4711\r\n",
        "Host: localhost:4711\r\nHost: evil.example\r\n", "Host: 0.0.0.0:4711\r\n", "Host: \r\n"}) {
    EXPECT_FALSE(with(headers)) << headers;
  }
}

TEST(LoopbackListener, IgnoresEverythingButTheRedirect) {
  SystemClock clock;
  LoopbackListener listener;
  EXPECT_EQ(listener.redirect_uri(), "http://localhost:" + std::to_string(listener.port()));
  Result<Redirect> redirect = fail(Errc::internal, "");
  std::jthread waiting([&] { redirect = listener.await("S", Deadline::in(60s, clock), clock); });
  const int silent = connect_to_loopback(listener.port());  // as browsers open in advance
  EXPECT_TRUE(say_to_loopback(listener.port(), at(listener, "/favicon.ico")).starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(say_to_loopback(listener.port(), at(listener, "/?code=evil&state=guess")).starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(say_to_loopback(listener.port(), std::string(40'000, 'x')), "") << "too long";
  EXPECT_TRUE(say_to_loopback(listener.port(), at(listener, "/?code=C&state=S")).starts_with("HTTP/1.1 200 OK\r\n"));
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
  EXPECT_TRUE(say_to_loopback(listener.port(), at(listener, "/?code=C&state=S")).starts_with("HTTP/1.1 200"));
  waiting.join();
  for (const int socket : silent) ::close(socket);
  EXPECT_TRUE(redirect);
}

TEST(LoopbackListener, ItsPageRepeatsNothingOfTheRequest) {
  SystemClock clock;
  LoopbackListener listener;
  Result<Redirect> redirect = fail(Errc::internal, "");
  std::jthread waiting([&] { redirect = listener.await("S", Deadline::in(60s, clock), clock); });
  for (const char* target :
       {"/?code=evilmark&state=evilmark", "/evilmark", "/?error=evilmark&error_description=evilmark&state=S"})
    EXPECT_FALSE(say_to_loopback(listener.port(), at(listener, target)).contains("evilmark")) << target;
  waiting.join();
  EXPECT_TRUE(redirect);
}

TEST(LoopbackListener, TooManyRefusedRequestsEndTheWait) {
  SystemClock clock;
  LoopbackListener listener;
  Result<Redirect> redirect = Redirect{};
  std::atomic<bool> ended = false;
  std::jthread waiting([&] {
    redirect = listener.await("S", Deadline::in(60s, clock), clock);
    ended = true;
  });
  for (int i = 0; i < 1001 && !ended; ++i)
    static_cast<void>(say_to_loopback(listener.port(), at(listener, "/?code=x&state=guess")));
  waiting.join();
  ASSERT_FALSE(redirect);
  EXPECT_EQ(redirect.error().code, Errc::forbidden);
}

TEST(LoopbackListener, ListensOnBothLoopbackAddressesOfItsPortAndNoOther) {
  const LoopbackListener listener;
  const auto taken = [&](const char* address) {
    sockaddr_in6 at{};
    at.sin6_family = AF_INET6;
    at.sin6_port = htons(listener.port());
    inet_pton(AF_INET6, address, &at.sin6_addr);
    const int socket = ::socket(AF_INET6, SOCK_STREAM, 0);
    if (socket < 0) return true;  // no IPv6 here: nobody can listen there
    const int only = 1;
    ::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    ::close(socket);
    return !bound;
  };
  EXPECT_TRUE(taken("::1")) << "another account could listen for what the browser sends to localhost";
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
}  // namespace portalkey::loopback_listener_test
