// The server over real sockets, by a client that can do everything wrong.
#include "web/server.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/web/client.h"
#include "tests/web/self_signed.h"

namespace portalkey::server_test {
namespace {

using namespace std::chrono_literals;
using web_test::Client;
using web_test::self_signed;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

HttpResponse plain(std::string body) {
  HttpResponse answer;
  answer.body = std::move(body);
  return answer;
}

class ServerTest : public testing::Test {
 protected:
  void start(FaultyHandler handler, ServerLimits limits = {}, std::optional<TlsIdentity> tls = std::nullopt) {
    const auto bound = server_.listen_misbehaving(0, std::move(tls), std::move(handler), limits);
    ASSERT_TRUE(bound) << bound.error().what;
    port = *bound;
    thread_ = std::jthread([this] { server_.run(); });
  }
  void TearDown() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  Client client() const { return Client(port); }

  std::uint16_t port = 0;
  Server server_;
  std::jthread thread_;
};

TEST_F(ServerTest, KeepsTheConnectionAndTellsTheHandlerEverything) {
  start([](const HttpRequest& r) {
    return plain(r.method + ' ' + r.host + ' ' + r.path + ' ' + std::string(r.parameter("q").value_or("-")) + ' ' +
                 std::string(r.header("x-test")) + ' ' + r.body + ' ' + r.peer);
  });
  auto c = client();
  const auto first = c.ask("GET /a%20b?q=1+2 HTTP/1.1\r\nHost: Login.Example:443\r\nX-Test: yes\r\n\r\n");
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 OK\r\n")) << first;
  EXPECT_NE(first.find("\r\nDate: "), std::string::npos) << first;
  EXPECT_TRUE(first.ends_with("GET login.example /a b 1 2 yes  127.0.0.1")) << first;
  const auto second = c.ask("POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_TRUE(second.ends_with("POST b / -  hello 127.0.0.1")) << second;
  const auto third = c.ask("GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
  EXPECT_NE(third.find("Connection: close"), std::string::npos);
  EXPECT_EQ(c.read_to_end(), 0);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start([](const HttpRequest& r) { return plain(r.path); });
  auto c = client();
  c.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(c.answer().ends_with("\r\n\r\n/1"));
  EXPECT_TRUE(c.answer().ends_with("\r\n\r\n/2"));
}

TEST_F(ServerTest, HeadHasTheLengthButNoBody) {
  start([](const HttpRequest&) { return plain("12345"); });
  auto c = client();
  c.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = c.answer(false);
  EXPECT_NE(head.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(c.ask(kGet).ends_with("\r\n\r\n12345")) << "the body of HEAD was sent";
}

TEST_F(ServerTest, HalfSentRequestsHoldNobodyUp) {
  start([](const HttpRequest&) { return plain("here"); });
  std::vector<Client> slow;
  for (int i = 0; i < 100; ++i) slow.push_back(client());
  for (auto& c : slow) c.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Le");
  EXPECT_TRUE(client().ask(kGet).ends_with("here"));
}

TEST_F(ServerTest, HalfSentRequestsTimeOut) {
  ServerLimits limits;
  limits.read = 100ms;
  start([](const HttpRequest&) { return plain("here"); }, limits);
  auto head = client();
  head.send("GET / HTTP/1.1\r\nHo");
  auto body = client();
  body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123");
  EXPECT_EQ(head.read_to_end(), 0);
  EXPECT_EQ(body.read_to_end(), 0);
}

TEST_F(ServerTest, RefusesWhatIsTooLargeOrNoHttp) {
  ServerLimits limits;
  limits.body_bytes = 1000;
  limits.header_bytes = 2000;
  start([](const HttpRequest&) { return plain("here"); }, limits);
  const std::string large(200'000, 'x');
  auto announced = client();
  EXPECT_TRUE(
      announced.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + large).starts_with("HTTP/1.1 413 "));
  EXPECT_EQ(announced.read_to_end(), 0) << "the answer must not be lost to a reset";
  auto chunked = client();
  EXPECT_TRUE(chunked.ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n30d40\r\n" + large)
                  .starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(client().ask("GET / HTTP/1.1\r\nX: " + large + "\r\n\r\n").starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(client().ask("this is not HTTP\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(client().ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").ends_with("here"));
}

TEST_F(ServerTest, ContinuesWhenAsked) {
  start([](const HttpRequest& r) { return plain(r.body); });
  auto c = client();
  EXPECT_EQ(c.ask("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(c.ask("abc").ends_with("abc"));
}

TEST_F(ServerTest, HandlerThatThrowsIsA500) {
  start([](const HttpRequest&) -> HttpResponse { throw std::runtime_error("oops"); });
  EXPECT_TRUE(client().ask(kGet).starts_with("HTTP/1.1 500 "));
}

TEST_F(ServerTest, HeaderValueCannotBeginAnotherHeader) {
  start([](const HttpRequest&) {
    HttpResponse answer;
    answer.headers.emplace_back("X-Echo", "a\r\nSet-Cookie: b");
    return answer;
  });
  EXPECT_EQ(client().ask(kGet).find("\r\nSet-Cookie"), std::string::npos);
}

TEST_F(ServerTest, MishapsHappen) {
  const std::string body(1000, 'b');
  start([&](const HttpRequest& r) {
    FaultyResponse answer = plain(body);
    answer.mishap.emplace();
    if (r.path == "/before") answer.mishap->reset_before_answer = true;
    if (r.path == "/within") answer.mishap->reset_after_body_bytes = 100;
    if (r.path == "/slow") answer.mishap->body_bytes_per_second = 5000;
    return answer;
  });
  auto before = client();
  EXPECT_EQ(before.ask("GET /before HTTP/1.1\r\nHost: a\r\n\r\n"), "");
  EXPECT_EQ(before.error, ECONNRESET);
  auto within = client();
  const auto cut = within.ask("GET /within HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(cut.find("Content-Length: 1000\r\n"), std::string::npos);
  EXPECT_EQ(cut.substr(cut.find("\r\n\r\n") + 4), body.substr(0, 100));
  EXPECT_EQ(within.error, ECONNRESET);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(client().ask("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").ends_with(body));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 90ms);
}

TEST_F(ServerTest, DelayAndHangHoldNobodyElseUp) {
  start([](const HttpRequest& r) {
    FaultyResponse answer = plain("here");
    answer.mishap.emplace();
    if (r.path == "/later") answer.mishap->delay = 300ms;
    if (r.path == "/never") answer.mishap->hang = true;
    return answer;
  });
  auto later = client();
  auto never = client();
  const auto begin = std::chrono::steady_clock::now();
  later.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  never.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(client().ask(kGet).ends_with("here"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 250ms);
  EXPECT_TRUE(later.answer().ends_with("here"));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 300ms);
  char byte = 0;
  EXPECT_EQ(::recv(never.fd(), &byte, 1, MSG_DONTWAIT), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(ServerTest, PortInUseIsAConflict) {
  start([](const HttpRequest&) { return plain("here"); });
  Server other;
  const auto bound = other.listen(port, std::nullopt, [](const HttpRequest&) { return plain(""); });
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, Errc::conflict);
}

TEST(Server, ActionsAreCalledLaterAndStopEndsRun) {
  Server server;
  bool called = false;
  server.after(5ms, [&] {
    called = true;
    server.stop();
  });
  const auto port = server.listen(0, std::nullopt, [](const HttpRequest&) { return plain(""); });
  ASSERT_TRUE(port);
  server.run();
  EXPECT_TRUE(called);
}

TEST_F(ServerTest, SpeaksTlsAndChoosesHttp11) {
  start([](const HttpRequest& r) { return plain(r.path); }, {}, self_signed());
  auto c = client();
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* ssl = SSL_new(context);
  static constexpr unsigned char kOffer[] = "\x02h2\x08http/1.1";
  SSL_set_alpn_protos(ssl, kOffer, sizeof kOffer - 1);
  SSL_set_fd(ssl, c.fd());
  ASSERT_EQ(SSL_connect(ssl), 1);
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &chosen, &size);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), size), "http/1.1");
  for (const char* path : {"/one", "/two"}) {
    const std::string request = "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    SSL_write(ssl, request.data(), static_cast<int>(request.size()));
    char answer[4096];
    const int n = SSL_read(ssl, answer, sizeof answer);
    ASSERT_GT(n, 0);
    EXPECT_TRUE(std::string_view(answer, static_cast<std::size_t>(n)).ends_with(path));
  }
  SSL_shutdown(ssl);
  SSL_free(ssl);
  SSL_CTX_free(context);
}

TEST(Server, RefusesAKeyThatIsNone) {
  Server server;
  const auto bound = server.listen(0, TlsIdentity{"nonsense", "nonsense"}, [](const HttpRequest&) { return plain(""); });
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace portalkey::server_test
