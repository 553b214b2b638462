// The server of the service over TLS.
#include "web/pooled_server.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <atomic>
#include <memory>
#include <thread>

#include "tests/web/self_signed.h"
#include "tests/web/served.h"

namespace portalkey::pooled_server_tls_test {
namespace {

using namespace std::chrono_literals;
using web_test::Client;
using web_test::get;
using web_test::kGet;
using web_test::kLong;
using web_test::plain;
using web_test::self_signed;

class PooledServerTls : public web_test::Served {};

/// TLS over a Client's socket.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, int version = 0) : client_(port) {
    if (version != 0) SSL_set_max_proto_version(ssl_.get(), version);
    SSL_set_fd(ssl_.get(), client_.fd());
    static constexpr unsigned char kOffer[] = "\x02h2\x08http/1.1";
    SSL_set_alpn_protos(ssl_.get(), kOffer, sizeof kOffer - 1);
    connected = SSL_connect(ssl_.get()) == 1;
  }
  std::string ask(std::string_view request) {
    SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size()));
    std::string all;
    for (char some[4096];;) {
      const int n = SSL_read(ssl_.get(), some, sizeof some);
      if (n <= 0) return all;
      all.append(some, static_cast<std::size_t>(n));
      const auto end = all.find("\r\n\r\n"), length = all.find("Content-Length: ");
      if (end != std::string::npos && length < end && all.size() - end - 4 >= std::stoul(all.substr(length + 16))) return all;
    }
  }
  /// The server said that it ends, and did.
  bool ended_well() const {
    char some = 0;
    return SSL_read(ssl_.get(), &some, 1) == 0 && SSL_get_shutdown(ssl_.get()) == SSL_RECEIVED_SHUTDOWN;
  }
  std::string certificate() const {
    unsigned char* der = nullptr;
    X509* const x509 = SSL_get1_peer_certificate(ssl_.get());
    const int size = i2d_X509(x509, &der);
    std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    X509_free(x509);
    return out;
  }
  SSL* ssl() const { return ssl_.get(); }
  const Client& client() const { return client_; }

  bool connected = false;

 private:
  Client client_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{SSL_new(context_.get()), SSL_free};
};

TEST_F(PooledServerTls, SpeaksTlsAndChoosesHttp11) {
  options.tls = self_signed();
  start([](const HttpRequest& r) { return plain(r.path == "/large" ? std::string(1'000'000, 'x') : r.body); });
  for (const int version : {0, TLS1_2_VERSION}) {
    TlsClient c(server->port(), version);
    ASSERT_TRUE(c.connected);
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(c.ssl(), &chosen, &size);
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), size), "http/1.1");
    EXPECT_TRUE(c.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").ends_with("\r\n\r\nabc"));
    EXPECT_GT(c.ask(get("/large")).size(), 1'000'000U);
    const std::string body(1'000'000, 'y');
    EXPECT_TRUE(c.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + body).ends_with(body));
    EXPECT_TRUE(c.ask("GET /.. HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(c.ended_well());
  }
  EXPECT_FALSE(TlsClient(server->port(), TLS1_1_VERSION).connected);
}

TEST_F(PooledServerTls, TlsThatIsSlowOrNoneIsCut) {
  options.tls = self_signed();
  options.limits.read = 150ms;
  start([](const HttpRequest&) { return plain("here"); });
  auto silent = client(), none = client();
  none.send(kGet);
  EXPECT_FALSE(none.everything().contains("HTTP/1.1 200"));
  EXPECT_EQ(silent.everything(), "");
  TlsClient idle(server->port());
  EXPECT_TRUE(idle.ask(kGet).ends_with("here"));
  char some = 0;
  EXPECT_LE(SSL_read(idle.ssl(), &some, 1), 0);
}

TEST_F(PooledServerTls, TakesAnotherIdentityWhileItRuns) {
  options.tls = self_signed();
  start([](const HttpRequest&) { return plain("here"); });
  TlsClient before(server->port());
  ASSERT_TRUE(before.connected);
  EXPECT_FALSE(server->use_identity({"nonsense", "nonsense"}));
  EXPECT_EQ(TlsClient(server->port()).certificate(), before.certificate()) << "the one before stays";
  ASSERT_TRUE(server->use_identity(self_signed()));
  TlsClient after(server->port());
  EXPECT_NE(after.certificate(), before.certificate());
  EXPECT_TRUE(before.ask(kGet).ends_with("here"));
  EXPECT_TRUE(after.ask(kGet).ends_with("here"));
}

TEST_F(PooledServerTls, DrainsTlsToo) {
  options.tls = self_signed();
  start([](const HttpRequest&) { return plain("here"); });
  TlsClient idle(server->port());
  EXPECT_TRUE(idle.ask(kGet).ends_with("here"));
  std::thread drain([&] { server->drain(kLong); });
  EXPECT_TRUE(idle.ended_well());
  ::shutdown(idle.client().fd(), SHUT_RDWR);
  drain.join();
}

TEST_F(PooledServerTls, WhoHasNotShakenHandsKeepsNobodyFromEnding) {
  options.tls = self_signed();
  std::atomic<bool> answered = false;
  start([&](const HttpRequest&) {
    answered = true;
    return plain("here");
  });
  auto silent = client();
  TlsClient speaks(server->port());  // was accepted later, so the silent one is there
  ASSERT_TRUE(speaks.connected);
  speaks.ask(kGet);
  EXPECT_TRUE(answered);
  EXPECT_TRUE(server->drain(kLong));
}

}  // namespace
}  // namespace portalkey::pooled_server_tls_test
