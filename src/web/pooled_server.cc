// g++ 12 destroys a braced temporary in a co_await expression twice: everything awaited here is a named object or a plain call.
#include "web/pooled_server.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "base/ascii.h"
#include "base/log.h"
#include "web/tls_context.h"
#include "web/wire_form.h"

namespace portalkey {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using tcp = net::ip::tcp;

constexpr auto kAwait = net::as_tuple(net::use_awaitable);
constexpr std::chrono::seconds kLinger{2};
constexpr std::size_t kMostLingering = std::size_t{64} * 1024 * 1024;

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

beast::tcp_stream& transport(PlainStream& stream) { return stream; }
beast::tcp_stream& transport(TlsStream& stream) { return stream.next_layer(); }

/// One that is open. All of it belongs to the I/O thread.
struct Connection {
  beast::tcp_stream* socket = nullptr;
  bool idle = true;  ///< no request of it has begun
};

struct Request {
  std::optional<HttpRequest> asked;  ///< nullopt: refused, or the connection is of no more use
  std::optional<HttpResponse> refusal;
  bool keep_alive = false, chunks = false, head_only = false;
};

/// Only what a server with no proxy behind it needs to read one way: RFC 9112 §3.2, §5.1, §6.
const char* why_not_read(const http::request<http::string_body>& head) {
  if (head.version() == 11 && head.count(http::field::host) != 1) return "A request has one Host.\n";
  if (head.count(http::field::transfer_encoding) != 0 && head.count(http::field::content_length) != 0)
    return "A request has a Content-Length or a Transfer-Encoding.\n";
  if (head.count(http::field::content_length) > 1) return "A request has one Content-Length.\n";
  const auto coding = head[http::field::transfer_encoding];
  if (!coding.empty() && !same_ignoring_case({coding.data(), coding.size()}, "chunked"))
    return "Transfer-Encoding is chunked or nothing.\n";
  for (const char c : head.target()) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f)
      return "The request target has characters that it cannot have.\n";
  }
  return nullptr;
}

}  // namespace

struct PooledServer::Impl {
  PooledServerOptions options;
  HttpHandler handler;
  net::io_context io{1};
  tcp::acceptor acceptor{io};
  net::thread_pool pool;
  std::shared_ptr<net::ssl::context> tls;  // of connections that begin now; changed on the I/O thread
  std::atomic<std::size_t> waiting{0};     // requests that have no thread yet
  std::set<Connection*> open;              // on the I/O thread
  std::atomic<bool> draining = false;
  std::mutex mutex;
  std::condition_variable none_left;
  bool nothing_open = true;  // guarded by mutex
  std::uint16_t port = 0;
  std::thread io_thread;

  Impl(PooledServerOptions how, HttpHandler what) : options(std::move(how)), handler(std::move(what)), pool(options.handlers) {}

  /// What `work` returns, from a thread of the pool.
  template <class T>
  net::awaitable<T> on_pool(std::function<T()> work) {
    auto initiate = [this, work = std::move(work)](auto done) mutable {
      auto executor = net::get_associated_executor(done, io.get_executor());
      net::post(pool, [work = std::move(work), done = std::move(done), executor]() mutable {
        auto result = std::make_shared<T>(work());
        net::post(executor, [done = std::move(done), result]() mutable { std::move(done)(std::move(*result)); });
      });
    };
    co_return co_await net::async_initiate<decltype(net::use_awaitable), void(T)>(std::move(initiate), net::use_awaitable);
  }

  HttpResponse answer_to(const HttpRequest& request) {
    --waiting;
    try {
      return handler(request);
    } catch (const std::exception& e) {
      log(LogLevel::warning, fmt::format("a request handler failed: {}", e.what()));
      return plain_answer(500, "The server failed to answer.\n");
    }
  }

  void opened(Connection* connection) {
    open.insert(connection);
    const std::lock_guard turn(mutex);
    nothing_open = false;
  }
  void closed(Connection* connection) {
    open.erase(connection);
    const std::lock_guard turn(mutex);
    nothing_open = open.empty();
    if (nothing_open) none_left.notify_all();
  }

  net::awaitable<void> accept_all();
  template <class Stream>
  net::awaitable<void> serve(Stream& stream, Connection& connection, std::string peer);
  net::awaitable<void> serve_plain(tcp::socket accepted, std::string peer);
  net::awaitable<void> serve_tls(tcp::socket accepted, std::string peer);
  template <class Stream>
  net::awaitable<Request> read(Stream& stream, beast::flat_buffer& buffer, const std::string& peer);
  template <class Stream>
  net::awaitable<bool> write(Stream& stream, std::string_view bytes);
  template <class Stream>
  net::awaitable<bool> write_source(Stream& stream, const HttpResponse& answer, bool chunks, bool keep_alive);
  void close_idle();
};

namespace {

net::awaitable<void> pause(std::chrono::milliseconds duration) {
  net::steady_timer timer(co_await net::this_coro::executor, duration);
  co_await timer.async_wait(kAwait);
}

/// After an answer to a request that was not read to its end: closing at once would make the kernel send RST, and the client
/// would lose the answer.
net::awaitable<void> read_on(beast::tcp_stream& socket) {
  error_code ignored;
  socket.socket().shutdown(tcp::socket::shutdown_send, ignored);
  socket.expires_after(kLinger);
  std::string sink(std::size_t{16} * 1024, '\0');
  for (std::size_t total = 0; total < kMostLingering;) {
    const auto [error, size] = co_await socket.async_read_some(net::buffer(sink), kAwait);
    if (error) break;
    total += size;
  }
}

/// What is answered to what cannot be read; nullopt: the connection ended or was too slow.
std::optional<HttpResponse> refusal_of(const error_code& error) {
  if (error == http::error::body_limit) return plain_answer(413, "The request body is too large.\n");
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return plain_answer(431, "The request head is too large.\n");
  if (error.category() == http::make_error_code(http::error::bad_method).category() && error != http::error::end_of_stream &&
      error != http::error::partial_message)
    return plain_answer(400, "This is not an HTTP request.\n");
  return std::nullopt;
}

}  // namespace

template <class Stream>
net::awaitable<bool> PooledServer::Impl::write(Stream& stream, std::string_view bytes) {
  transport(stream).expires_after(options.limits.write);
  const auto [error, written] = co_await net::async_write(stream, net::buffer(bytes.data(), bytes.size()), kAwait);
  co_return !error;
}

template <class Stream>
net::awaitable<Request> PooledServer::Impl::read(Stream& stream, beast::flat_buffer& buffer, const std::string& peer) {
  Request out;
  http::request_parser<http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(options.limits.header_bytes));
  parser.body_limit(options.limits.body_bytes);
  transport(stream).expires_after(options.limits.read);
  auto [error, size] = co_await http::async_read_header(stream, buffer, parser, kAwait);
  if (!error) {
    if (const char* const why = why_not_read(parser.get())) {
      out.refusal = plain_answer(400, why);
      co_return out;
    }
  }
  if (!error && !parser.is_done()) {
    const auto expect = parser.get()[http::field::expect];
    if (same_ignoring_case({expect.data(), expect.size()}, "100-continue")) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await write(stream, kContinue);
    }
    transport(stream).expires_after(options.limits.read);
    const auto [body_error, body_size] = co_await http::async_read(stream, buffer, parser, kAwait);
    error = body_error;
  }
  if (error) {
    out.refusal = refusal_of(error);
    co_return out;
  }
  out.keep_alive = parser.keep_alive();
  out.chunks = parser.get().version() == 11;
  out.head_only = parser.get().method() == http::verb::head;
  out.asked = to_request(parser.release(), peer);
  co_return out;
}

template <class Stream>
net::awaitable<bool> PooledServer::Impl::write_source(Stream& stream, const HttpResponse& answer, bool chunks,
                                                      bool keep_alive) {
  if (!co_await write(stream, head_of(answer, keep_alive, chunks ? "Transfer-Encoding: chunked" : ""))) co_return false;
  const auto source = answer.source;
  while (!draining) {
    const std::function<std::optional<std::string>()> ask = [source] { return source->next(); };
    const auto piece = co_await on_pool<std::optional<std::string>>(ask);
    if (!piece) break;
    if (piece->empty()) {
      co_await pause(options.source_pause);
      if (!transport(stream).socket().is_open()) co_return false;
      continue;
    }
    const std::string wire = chunks ? fmt::format("{:x}\r\n{}\r\n", piece->size(), *piece) : *piece;
    if (!co_await write(stream, wire)) co_return false;
  }
  if (!chunks) co_return false;
  co_return co_await write(stream, "0\r\n\r\n");
}

template <class Stream>
net::awaitable<void> PooledServer::Impl::serve(Stream& stream, Connection& connection, std::string peer) {
  beast::tcp_stream& socket = transport(stream);
  beast::flat_buffer buffer;
  while (!draining) {
    connection.idle = true;
    if (buffer.size() == 0) {
      buffer = beast::flat_buffer();  // an idle connection holds none
      if constexpr (std::is_same_v<Stream, PlainStream>) {
        socket.expires_after(options.limits.read);
        const auto [gone] = co_await socket.socket().async_wait(tcp::socket::wait_read, kAwait);
        if (gone || !socket.socket().is_open()) co_return;
      }
    }
    connection.idle = false;
    auto request = co_await read(stream, buffer, peer);
    if (!request.asked) {
      if (!request.refusal) co_return;
      const std::string wire = head_of(*request.refusal, false) + request.refusal->body;
      if (co_await write(stream, wire)) co_await read_on(socket);
      co_return;
    }
    socket.expires_never();
    HttpResponse answer;
    if (waiting.fetch_add(1) >= options.waiting) {
      --waiting;
      answer = plain_answer(503, "The server has too much to do.\n");
      answer.headers.emplace_back("Retry-After", "1");
    } else {
      const std::function<HttpResponse()> work = [this, asked = std::move(*request.asked)] { return answer_to(asked); };
      answer = co_await on_pool<HttpResponse>(work);
    }
    const bool keep_alive = request.keep_alive && !draining;
    if (answer.source) {
      if (!co_await write_source(stream, answer, request.chunks, keep_alive)) co_return;
    } else {
      std::string wire = head_of(answer, keep_alive);
      if (!request.head_only) wire += answer.body;
      if (!co_await write(stream, wire)) co_return;
    }
    if (!keep_alive) co_return;
  }
}

net::awaitable<void> PooledServer::Impl::serve_plain(tcp::socket accepted, std::string peer) {
  PlainStream stream(std::move(accepted));
  Connection connection{&stream};
  opened(&connection);
  try {
    co_await serve(stream, connection, std::move(peer));
  } catch (const std::exception& e) {
    log(LogLevel::warning, fmt::format("a connection failed: {}", e.what()));
  }
  error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  closed(&connection);
}

net::awaitable<void> PooledServer::Impl::serve_tls(tcp::socket accepted, std::string peer) {
  const auto identity = tls;
  TlsStream stream(std::move(accepted), *identity);
  Connection connection{&stream.next_layer()};
  opened(&connection);
  try {
    stream.next_layer().expires_after(options.limits.read);
    const auto [error] = co_await stream.async_handshake(net::ssl::stream_base::server, kAwait);
    if (!error) {
      co_await serve(stream, connection, std::move(peer));
      if (stream.next_layer().socket().is_open()) {
        stream.next_layer().expires_after(kLinger);
        co_await stream.async_shutdown(kAwait);
      }
    }
  } catch (const std::exception& e) {
    log(LogLevel::warning, fmt::format("a connection failed: {}", e.what()));
  }
  closed(&connection);
}

net::awaitable<void> PooledServer::Impl::accept_all() {
  while (!draining) {
    auto [error, socket] = co_await acceptor.async_accept(kAwait);
    if (error == net::error::operation_aborted || draining) co_return;
    if (error) {  // no descriptors left: some connections will end
      co_await pause(std::chrono::milliseconds(100));
      continue;
    }
    if (open.size() >= options.connections) continue;  // closes it
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto endpoint = socket.remote_endpoint(ignored);
    std::string peer = endpoint.address().to_string();
    if (tls) {
      net::co_spawn(io, serve_tls(std::move(socket), std::move(peer)), net::detached);
    } else {
      net::co_spawn(io, serve_plain(std::move(socket), std::move(peer)), net::detached);
    }
  }
}

void PooledServer::Impl::close_idle() {
  error_code ignored;
  acceptor.close(ignored);
  for (auto* const connection : open) {
    if (connection->idle) connection->socket->cancel();
  }
}

PooledServer::PooledServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PooledServer::~PooledServer() {
  drain(std::chrono::milliseconds(0));
  impl_->pool.join();
  impl_->io.stop();
  if (impl_->io_thread.joinable()) impl_->io_thread.join();
}

Result<std::unique_ptr<PooledServer>> PooledServer::start(PooledServerOptions options, HttpHandler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  const auto& how = impl->options;
  if (how.tls) {
    auto context = tls_context(*how.tls);
    if (!context) return pass(context);
    impl->tls = std::make_shared<net::ssl::context>(std::move(*context));
  }
  error_code error;
  auto& acceptor = impl->acceptor;
  if (how.socket) {
    acceptor.assign(tcp::v6(), *how.socket, error);
  } else {
    const tcp::endpoint endpoint(net::ip::make_address(how.address, error), how.port);
    if (error)
      return fail(Errc::invalid_input, "'" + how.address + "' is no IP address",
                  "Give one of this machine, for example 127.0.0.1.");
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  }
  if (error) {
    return std::unexpected(Error{error == net::error::address_in_use ? Errc::conflict : Errc::unavailable,
                                 fmt::format("cannot listen on {}:{}: {}", how.address, how.port, error.message()),
                                 "Choose another port, or 0 to let the system choose one.",
                                 {}});
  }
  impl->port = acceptor.local_endpoint(error).port();
  net::co_spawn(impl->io, impl->accept_all(), net::detached);
  impl->io_thread = std::thread([raw = impl.get()] {
    const auto stays = net::make_work_guard(raw->io);
    raw->io.run();
  });
  return std::unique_ptr<PooledServer>(new PooledServer(std::move(impl)));
}

std::uint16_t PooledServer::port() const { return impl_->port; }

Result<void> PooledServer::use_identity(const TlsIdentity& identity) {
  auto context = tls_context(identity);
  if (!context) return pass(context);
  auto shared = std::make_shared<net::ssl::context>(std::move(*context));
  net::post(impl_->io, [this, shared = std::move(shared)] { impl_->tls = shared; });
  return {};
}

bool PooledServer::drain(std::chrono::milliseconds patience) {
  impl_->draining = true;
  net::post(impl_->io, [this] { impl_->close_idle(); });
  std::unique_lock turn(impl_->mutex);
  if (impl_->none_left.wait_for(turn, patience, [this] { return impl_->nothing_open; })) return true;
  turn.unlock();
  net::post(impl_->io, [this] {
    for (auto* const connection : impl_->open) {
      error_code ignored;
      connection->socket->socket().close(ignored);
    }
  });
  return false;
}

}  // namespace portalkey
