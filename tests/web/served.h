#pragma once
// A PooledServer for a test, and what its handlers answer.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tests/web/client.h"
#include "web/pooled_server.h"

namespace portalkey::web_test {

inline constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
inline constexpr std::chrono::seconds kLong{10};

inline std::string get(std::string_view path) { return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

inline HttpResponse plain(std::string body) {
  HttpResponse answer;
  answer.body = std::move(body);
  return answer;
}

/// A source that is a function.
class Pieces final : public BodySource {
 public:
  explicit Pieces(std::function<std::optional<std::string>(int)> piece) : piece_(std::move(piece)) {}
  std::optional<std::string> next() override { return piece_(asked_++); }

 private:
  std::function<std::optional<std::string>(int)> piece_;
  int asked_ = 0;
};

inline HttpResponse pieces(std::function<std::optional<std::string>(int)> piece) {
  HttpResponse answer;
  answer.source = std::make_shared<Pieces>(std::move(piece));
  return answer;
}

class Served : public testing::Test {
 protected:
  void start(HttpHandler handler) {
    auto made = PooledServer::start(options, std::move(handler));
    ASSERT_TRUE(made) << made.error().what;
    server = std::move(*made);
  }
  Client client() const { return Client(server->port()); }

  PooledServerOptions options;
  std::unique_ptr<PooledServer> server;
};

}  // namespace portalkey::web_test
