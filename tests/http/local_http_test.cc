#include "http/local_http.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

namespace portalkey::local_http_test {
namespace {

TEST(LocalHttp, SendsNothingElsewhere) {
  SystemClock clock;
  auto http = make_local_http(clock);
  for (const char* url : {"http://192.0.2.1/", "https://login.microsoftonline.com/", "http://127.0.0.1\\@192.0.2.1/"}) {
    for (const auto& given : {Url(url), Url::local(url), Url()}) {
      Request request;
      request.url = given;
      auto response = http->send(request, Deadline::in(std::chrono::seconds(5), clock));
      ASSERT_FALSE(response) << url;
      EXPECT_EQ(response.error().code, Errc::invalid_input) << url;
    }
  }
}

/// Accepts one connection, keeps what it says, answers.
struct OneAnswer {
  explicit OneAnswer(std::string answer) {
    listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener, 1), 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread = std::jthread([this, answer = std::move(answer)] {
      const int socket = ::accept(listener, nullptr, nullptr);
      char buffer[4096];
      while (!said.contains("\r\n\r\n")) {
        const ssize_t n = ::recv(socket, buffer, sizeof buffer, 0);
        if (n <= 0) break;
        said.append(buffer, static_cast<std::size_t>(n));
      }
      ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
      ::close(socket);
    });
  }
  ~OneAnswer() { ::close(listener); }
  int listener = -1;
  std::uint16_t port = 0;
  std::string said;
  std::jthread thread;
};

TEST(LocalHttp, TheMetadataAddressMayBeASandboxAndSecretHeadersAreSent) {
  OneAnswer server("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=/a\r\nContent-Length: 2\r\n\r\nno");
  SystemClock clock;
  ::setenv("http_proxy", "http://127.0.0.1:9", 1);  // must not matter
  auto http = make_local_http(clock, server.port);
  Request request;
  request.url = Url::local("http://169.254.169.254/metadata/x?y=z");
  request.headers = {{"Metadata", "true"}};
  request.secret_headers.emplace_back("Authorization", Secret("Basic key"));
  auto response = http->send(request, Deadline::in(std::chrono::seconds(20), clock));
  ::unsetenv("http_proxy");
  server.thread.join();
  ASSERT_TRUE(response) << response.error().what;
  EXPECT_EQ(response->status, 401);
  EXPECT_EQ(response->header("www-authenticate"), "Basic realm=/a");
  EXPECT_NE(server.said.find("GET /metadata/x?y=z HTTP/1.1\r\nHost: 169.254.169.254\r\n"), std::string::npos) << server.said;
  EXPECT_NE(server.said.find("Metadata: true"), std::string::npos);
  EXPECT_NE(server.said.find("Authorization: Basic key"), std::string::npos);
}

TEST(LocalHttp, AnAnswerThatIsCutShortIsNone) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nno");
  SystemClock clock;
  auto http = make_local_http(clock, server.port);
  Request request;
  request.url = Url::local("http://169.254.169.254/");
  auto response = http->send(request, Deadline::in(std::chrono::seconds(20), clock));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace portalkey::local_http_test
