// g++ 12 destroys a braced temporary in a co_await expression twice: everything awaited
// here is a named object or a plain call.
#include "web/server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <csignal>
#include <exception>

#include "base/ascii.h"
#include "base/log.h"
#include "web/plain_answer.h"
#include "web/tls_context.h"
#include "web/wire_form.h"

namespace portalkey {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using tcp = net::ip::tcp;

constexpr auto kAwait = net::as_tuple(net::use_awaitable);  // (error_code, …) instead of exceptions

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

beast::tcp_stream& transport(PlainStream& stream) { return stream; }
beast::tcp_stream& transport(TlsStream& stream) { return stream.next_layer(); }

struct Listener {
  tcp::acceptor acceptor;
  std::optional<net::ssl::context> tls;
  FaultyHandler handler;
  ServerLimits limits;
};

net::awaitable<void> pause(std::chrono::milliseconds duration) {
  net::steady_timer timer(co_await net::this_coro::executor, duration);
  co_await timer.async_wait(kAwait);
}

/// Closes so that the kernel sends RST, not FIN.
void reset_connection(beast::tcp_stream& stream) {
  error_code ignored;
  stream.socket().set_option(net::socket_base::linger(true, 0), ignored);
  stream.socket().close(ignored);
}

/// Writes the answer with its mishaps. False: the connection is of no more use.
template <class Stream>
net::awaitable<bool> write_answer(Stream& stream, const FaultyResponse& answer, bool keep_alive, bool head_only,
                                  const ServerLimits& limits) {
  beast::tcp_stream& socket = transport(stream);
  const Mishap mishap = answer.mishap.value_or(Mishap{});
  if (mishap.hang) {
    socket.expires_never();
    co_await socket.socket().async_wait(tcp::socket::wait_read, kAwait);  // the client hangs up, or is impatient
    co_return false;
  }
  if (mishap.delay.count() > 0) co_await pause(mishap.delay);
  if (mishap.reset_before_answer) {
    reset_connection(socket);
    co_return false;
  }
  std::string wire = head_of(answer, keep_alive);
  const std::size_t head_size = wire.size();
  if (!head_only) wire += answer.body;
  if (mishap.reset_after_body_bytes) wire.resize(std::min(wire.size(), head_size + *mishap.reset_after_body_bytes));

  const std::size_t rate = mishap.body_bytes_per_second;
  std::size_t sent = 0;
  while (sent < wire.size()) {
    // Trickling: the head at once, then ten portions a second, or a byte at a time if even that is too fast.
    const std::size_t portion = rate == 0 ? wire.size() : sent == 0 ? head_size : std::max<std::size_t>(1, rate / 10);
    const std::size_t size = std::min(portion, wire.size() - sent);
    socket.expires_after(limits.write);
    const auto [error, written] = co_await net::async_write(stream, net::buffer(wire.data() + sent, size), kAwait);
    if (error) co_return false;
    sent += written;
    if (rate > 0 && sent < wire.size()) co_await pause(std::chrono::milliseconds(rate >= 10 ? 100 : 1000 / rate));
  }
  if (mishap.reset_after_body_bytes) {
    co_await pause(std::chrono::milliseconds(20));  // an RST overtakes data that the client has not read yet
    reset_connection(socket);
    co_return false;
  }
  co_return true;
}

/// After an answer to a request that was not read to its end: closing at once would make the kernel send RST, and the
/// client would lose the answer. So read on for a moment.
net::awaitable<void> linger(beast::tcp_stream& socket) {
  error_code ignored;
  socket.socket().shutdown(tcp::socket::shutdown_send, ignored);
  socket.expires_after(std::chrono::seconds(2));
  std::string sink(64UL * 1024, '\0');
  for (std::size_t total = 0; total < 64UL * 1024 * 1024;) {
    const auto [error, size] = co_await socket.async_read_some(net::buffer(sink), kAwait);
    if (error) break;
    total += size;
  }
}

template <class Stream>
net::awaitable<void> serve(Stream& stream, Listener& listener, std::string peer) {
  beast::tcp_stream& socket = transport(stream);
  beast::flat_buffer buffer;
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(listener.limits.header_bytes));
    parser.body_limit(listener.limits.body_bytes);
    socket.expires_after(listener.limits.read);
    auto [error, size] = co_await http::async_read_header(stream, buffer, parser, kAwait);
    if (!error && !parser.is_done()) {
      const auto& fields = parser.get();
      const auto expect = fields[http::field::expect];
      if (same_ignoring_case({expect.data(), expect.size()}, "100-continue")) {
        static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        co_await net::async_write(stream, net::buffer(kContinue), kAwait);
      }
      socket.expires_after(listener.limits.read);
      const auto [body_error, body_size] = co_await http::async_read(stream, buffer, parser, kAwait);
      error = body_error;
    }
    if (error) {
      FaultyResponse refusal;
      if (error == http::error::body_limit) {
        refusal = plain_answer(413, "The request body is too large.\n");
      } else if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        refusal = plain_answer(431, "The request head is too large.\n");
      } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
                 error != http::error::end_of_stream && error != http::error::partial_message) {
        refusal = plain_answer(400, "This is not an HTTP request.\n");
      } else {
        co_return;  // closed, reset or timed out
      }
      if (co_await write_answer(stream, refusal, false, false, listener.limits)) co_await linger(socket);
      co_return;
    }
    const bool keep_alive = parser.keep_alive();
    const HttpRequest request = to_request(parser.release(), peer);
    socket.expires_never();
    FaultyResponse answer;
    try {
      answer = listener.handler(request);
    } catch (const std::exception& e) {
      log(LogLevel::warning, std::string("a request handler failed: ") + e.what());
      answer = plain_answer(500, "The server failed to answer.\n");
    }
    if (!co_await write_answer(stream, answer, keep_alive, request.method == "HEAD", listener.limits)) co_return;
    if (!keep_alive) co_return;
  }
}

net::awaitable<void> serve_plain(tcp::socket accepted, Listener& listener, std::string peer) {
  PlainStream stream(std::move(accepted));
  co_await serve(stream, listener, std::move(peer));
  error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

net::awaitable<void> serve_tls(tcp::socket accepted, Listener& listener, std::string peer) {
  TlsStream stream(std::move(accepted), *listener.tls);
  stream.next_layer().expires_after(listener.limits.read);
  const auto [error] = co_await stream.async_handshake(net::ssl::stream_base::server, kAwait);
  if (error) co_return;
  co_await serve(stream, listener, std::move(peer));
  if (!stream.next_layer().socket().is_open()) co_return;
  stream.next_layer().expires_after(std::chrono::seconds(2));
  co_await stream.async_shutdown(kAwait);
}

net::awaitable<void> accept_all(Listener& listener) {
  for (;;) {
    auto [error, socket] = co_await listener.acceptor.async_accept(kAwait);
    if (error == net::error::operation_aborted) co_return;
    if (error) {  // no descriptors left: some connections will end
      co_await pause(std::chrono::milliseconds(100));
      continue;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto endpoint = socket.remote_endpoint(ignored);
    std::string peer = endpoint.address().to_string();
    const auto executor = listener.acceptor.get_executor();
    if (listener.tls) {
      net::co_spawn(executor, serve_tls(std::move(socket), listener, std::move(peer)), net::detached);
    } else {
      net::co_spawn(executor, serve_plain(std::move(socket), listener, std::move(peer)), net::detached);
    }
  }
}

}  // namespace

struct Server::Impl {
  net::io_context io{1};
  net::signal_set signals{io};
  std::vector<std::unique_ptr<Listener>> listeners;
};

Server::Server() : impl_(std::make_unique<Impl>()) {}
Server::~Server() = default;

Result<std::uint16_t> Server::listen(std::uint16_t port, std::optional<TlsIdentity> tls, HttpHandler handler,
                                     ServerLimits limits, const std::string& address) {
  return listen_misbehaving(port, std::move(tls), std::move(handler), limits, address);
}

Result<std::uint16_t> Server::listen_misbehaving(std::uint16_t port, std::optional<TlsIdentity> tls, FaultyHandler handler,
                                                 ServerLimits limits, const std::string& address) {
  auto listener = std::make_unique<Listener>(Listener{tcp::acceptor(impl_->io), std::nullopt, std::move(handler), limits});
  if (tls) {
    auto context = tls_context(*tls);
    if (!context) return pass(context);
    listener->tls.emplace(std::move(*context));
  }
  error_code error;
  const tcp::endpoint endpoint(net::ip::make_address(address, error), port);
  if (error) {
    return fail(Errc::invalid_input, "'" + address + "' is no IP address", "Give one of this machine, for example 127.0.0.1.");
  }
  listener->acceptor.open(endpoint.protocol(), error);
  if (!error) listener->acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error) listener->acceptor.bind(endpoint, error);
  if (!error) listener->acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) {
    return std::unexpected(Error{error == net::error::address_in_use ? Errc::conflict : Errc::unavailable,
                                 "cannot listen on " + address + ':' + std::to_string(port) + ": " + error.message(),
                                 "Choose another port, or 0 to let the system choose one.",
                                 {}});
  }
  const std::uint16_t chosen = listener->acceptor.local_endpoint().port();
  net::co_spawn(impl_->io, accept_all(*listener), net::detached);
  impl_->listeners.push_back(std::move(listener));
  return chosen;
}

void Server::run() { impl_->io.run(); }

void Server::stop() { impl_->io.stop(); }

void Server::stop_on_signals() {
  impl_->signals.add(SIGINT);
  impl_->signals.add(SIGTERM);
  impl_->signals.async_wait([this](error_code error, int) {
    if (!error) stop();
  });
}

void Server::after(std::chrono::milliseconds delay, std::function<void()> action) {
  auto timer = std::make_shared<net::steady_timer>(impl_->io, delay);
  timer->async_wait([timer, action = std::move(action)](error_code error) {
    if (!error) action();
  });
}

}  // namespace portalkey
