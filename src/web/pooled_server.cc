// g++ 12 destroys a braced temporary in a co_await expression twice, and evaluates a co_await after && or || always: everything
// awaited here is a named object or a plain call, alone.
#include "web/pooled_server.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/log.h"
#include "web/plain_answer.h"
#include "web/request_reader.h"
#include "web/tls_context.h"
#include "web/wire.h"
#include "web/wire_form.h"

namespace portalkey {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using tcp = net::ip::tcp;

constexpr auto kAwait = net::as_tuple(net::use_awaitable);
constexpr std::size_t kPiece = std::size_t{16} * 1024;  // as much as a TLS record has
constexpr std::size_t kSourceThreads = 2;
constexpr int kPiecesInARow = 16;  // before others get their turn
constexpr std::size_t kSentTogether = std::size_t{16} * 1024;

struct Connection {
  std::shared_ptr<Wire> wire;
  bool idle = false;          ///< no request of it has begun
  bool shakes_hands = false;  ///< nor may it say so yet
};

struct Piece {
  std::optional<std::string> text;  ///< as BodySource::next()
  bool failed = false;
};

}  // namespace

/// What is not atomic and not guarded belongs to the I/O thread, and so do all connections.
struct PooledServer::Impl {
  PooledServerOptions options;
  HttpHandler handler;
  std::string piece = std::string(kPiece, '\0');  // what has come last, for the connection that is being read
  net::io_context io{1};
  net::executor_work_guard<net::io_context::executor_type> stays{io.get_executor()};
  tcp::acceptor acceptor{io};
  std::unordered_map<Wire*, Connection*> open;
  std::size_t asked = 0;  // requests that wait for a thread or have one
  std::atomic<bool> draining = false;
  std::atomic<bool> cut_off = false;
  std::mutex mutex;
  std::condition_variable changed;
  bool accepts = true;          // guarded by mutex, as what follows
  std::size_t connections = 0;  // open
  bool everything_cut = false;
  std::shared_ptr<net::ssl::context> tls;  // of connections that begin now
  std::uint16_t port = 0;
  net::thread_pool pool;                     // ends before what its work uses
  net::thread_pool sources{kSourceThreads};  // of their own: many that read events do not keep requests waiting
  std::thread io_thread;

  Impl(PooledServerOptions how, HttpHandler what) : options(std::move(how)), handler(std::move(what)), pool(options.handlers) {}

  /// What `work` returns, from one of the threads.
  template <class T>
  net::awaitable<T> on_pool(net::thread_pool& threads, std::function<T()> work) {
    auto initiate = [this, &threads, work = std::move(work)](auto done) mutable {
      net::post(threads, [this, work = std::move(work), done = std::move(done)]() mutable {
        auto result = std::make_shared<T>(work());
        net::post(io, [done = std::move(done), result = std::move(result)]() mutable { std::move(done)(std::move(*result)); });
      });
    };
    auto operation = net::async_initiate<decltype(net::use_awaitable), void(T)>(std::move(initiate), net::use_awaitable);
    co_return co_await std::move(operation);
  }

  void opened(Connection& connection) {
    open.emplace(connection.wire.get(), &connection);
    const std::lock_guard turn(mutex);
    connections = open.size();
  }
  void closed(Connection& connection) {
    open.erase(connection.wire.get());
    const std::lock_guard turn(mutex);
    connections = open.size();
    changed.notify_all();
  }

  HttpResponse answer_to(const HttpRequest& request);
  net::awaitable<void> accept_all();
  void begin(tcp::socket socket);
  net::awaitable<void> serve(std::shared_ptr<Connection> connection);
  net::awaitable<bool> answer(Wire& wire, RequestReader& reader);
  net::awaitable<void> refuse(Wire& wire, const HttpResponse& refusal);
  net::awaitable<bool> read(Connection& connection, RequestReader& reader);
  net::awaitable<HttpResponse> ask(RequestHead& head, const Wire& wire);
  net::awaitable<bool> send(Wire& wire, const HttpResponse& answer, const RequestHead& head, bool keep_alive);
  Piece next_of(BodySource& source);
  net::awaitable<bool> send_source(Wire& wire, BodySource& source, bool chunks);
  void stop_accepting();
  void cut_everything();
};

HttpResponse PooledServer::Impl::answer_to(const HttpRequest& request) {
  if (cut_off) return {};  // nobody will get it
  try {
    return handler(request);
  } catch (const std::exception& e) {
    log(LogLevel::warning, fmt::format("a request handler failed: {}", e.what()));
  } catch (...) {
    log(LogLevel::warning, "a request handler failed");
  }
  return plain_answer(500, "The server failed to answer.\n");
}

Piece PooledServer::Impl::next_of(BodySource& source) {
  if (cut_off) return {};
  try {
    return {source.next(), false};
  } catch (const std::exception& e) {
    log(LogLevel::warning, fmt::format("the source of an answer failed: {}", e.what()));
  } catch (...) {
    log(LogLevel::warning, "the source of an answer failed");
  }
  return {std::nullopt, true};
}

/// True: there is a whole request. False: it was refused, or the connection has ended.
net::awaitable<bool> PooledServer::Impl::read(Connection& connection, RequestReader& reader) {
  using State = RequestReader::State;
  Wire& wire = *connection.wire;
  wire.cut_after(options.limits.read);
  for (int turn = 1;; ++turn) {
    const State before = reader.state();
    connection.idle = before == State::before;
    if (before == State::whole || before == State::refused) break;
    if (reader.take_expectation()) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      if (!co_await wire.send(kContinue)) co_return false;
    }
    const auto [size, ended] = wire.receive(piece);
    if (ended || (size == 0 && draining && before == State::before)) co_return false;
    if (size == 0) {
      co_await wire.readable();
      continue;
    }
    reader.take(std::string_view(piece).substr(0, size));
    explicit_bzero(piece.data(), size);  // it may have had keys
    const bool head_begins = before == State::before && reader.state() != before;
    const bool body_begins = before != State::body && reader.state() == State::body;
    if (head_begins || body_begins) wire.cut_after(options.limits.read);
    if (turn % kPiecesInARow == 0) co_await net::post(io, net::use_awaitable);
  }
  co_return reader.state() == State::whole;
}

net::awaitable<HttpResponse> PooledServer::Impl::ask(RequestHead& head, const Wire& wire) {
  if (asked >= options.handlers + options.waiting) {
    HttpResponse busy = plain_answer(503, "The server has too much to do.\n");
    busy.headers.emplace_back("Retry-After", "1");
    co_return busy;
  }
  ++asked;
  head.request.peer = wire.peer();
  auto request = std::make_shared<HttpRequest>(std::move(head.request));
  head.request.method = request->method;
  const std::function<HttpResponse()> work = [this, request = std::move(request)] { return answer_to(*request); };
  HttpResponse answer = co_await on_pool<HttpResponse>(pool, work);
  --asked;
  co_return answer;
}

net::awaitable<bool> PooledServer::Impl::send_source(Wire& wire, BodySource& source, bool chunks) {
  const std::function<Piece()> next = [this, &source] { return next_of(source); };
  while (!draining) {
    wire.cut_never();
    Piece piece_of_it = co_await on_pool<Piece>(sources, next);
    if (piece_of_it.failed) {
      wire.reset();
      co_return false;
    }
    if (!piece_of_it.text) break;
    if (piece_of_it.text->empty()) {
      if (!draining) co_await wire.pause(options.source_pause);
      if (wire.is_given_up()) co_return false;
      continue;
    }
    if (chunks) piece_of_it.text = fmt::format("{:x}\r\n{}\r\n", piece_of_it.text->size(), *piece_of_it.text);
    wire.cut_after(options.limits.write);
    if (!co_await wire.send(*piece_of_it.text)) co_return false;
  }
  if (!chunks) co_return true;
  wire.cut_after(options.limits.write);
  static constexpr std::string_view kEnd = "0\r\n\r\n";
  co_return co_await wire.send(kEnd);
}

/// False: the connection is of no more use.
net::awaitable<bool> PooledServer::Impl::send(Wire& wire, const HttpResponse& answer, const RequestHead& head,
                                              bool keep_alive) {
  const bool is_source = answer.source && answer.status != 204 && answer.status != 304;
  std::string wire_head = !is_source    ? head_of(answer, keep_alive)
                          : head.http11 ? head_of(answer, keep_alive, "Transfer-Encoding: chunked")
                                        : head_of(answer, keep_alive, "");
  if (keep_alive && !head.http11) wire_head.insert(wire_head.size() - 2, "Connection: keep-alive\r\n");
  const bool has_body = !is_source && head.request.method != "HEAD" && answer.status != 204 && answer.status != 304;
  const bool together = has_body && answer.body.size() <= kSentTogether;
  if (together) wire_head += answer.body;
  wire.cut_after(options.limits.write);
  if (!co_await wire.send(wire_head)) co_return false;
  if (has_body && !together) co_return co_await wire.send(answer.body);
  if (is_source && head.request.method != "HEAD") co_return co_await send_source(wire, *answer.source, head.http11);
  co_return true;
}

/// The request that is whole. False: the connection ends.
net::awaitable<bool> PooledServer::Impl::answer(Wire& wire, RequestReader& reader) {
  wire.cut_never();
  RequestHead head = reader.release();
  const HttpResponse answer = co_await ask(head, wire);
  const bool goes_on = head.keep_alive && !draining && (head.http11 || !answer.source);
  const bool sent = co_await send(wire, answer, head, goes_on);
  co_return sent&& goes_on;
}

net::awaitable<void> PooledServer::Impl::refuse(Wire& wire, const HttpResponse& refusal) {
  const RequestHead none{};
  co_await send(wire, refusal, none, false);
}

net::awaitable<void> PooledServer::Impl::serve(std::shared_ptr<Connection> connection) {
  try {
    connection->wire->cut_after(options.limits.read);
    connection->shakes_hands = true;
    const bool shaken = co_await connection->wire->handshake();
    connection->shakes_hands = false;
    if (shaken) {
      RequestReader reader(options.limits);
      bool goes_on = true;
      while (goes_on) {
        goes_on = co_await read(*connection, reader);
        if (goes_on) goes_on = co_await answer(*connection->wire, reader);
      }
      if (reader.state() == RequestReader::State::refused) co_await refuse(*connection->wire, reader.refusal());
      co_await connection->wire->finish(piece);
    }
  } catch (const std::exception& e) {
    log(LogLevel::warning, fmt::format("a connection failed: {}", e.what()));
  }
  connection->wire->cut();
  closed(*connection);
}

net::awaitable<void> PooledServer::Impl::accept_all() {
  while (!draining) {
    auto [error, socket] = co_await acceptor.async_accept(kAwait);
    if (error == net::error::operation_aborted || error == net::error::bad_descriptor || draining) co_return;
    if (error) {  // no descriptors left: some connections will end
      net::steady_timer timer(io, std::chrono::milliseconds(100));
      co_await timer.async_wait(kAwait);
      continue;
    }
    if (open.size() >= options.connections) continue;  // closes it
    try {
      begin(std::move(socket));
    } catch (const std::exception& e) {  // no memory: some connections will end
      log(LogLevel::warning, fmt::format("a connection cannot begin: {}", e.what()));
    }
  }
}

void PooledServer::Impl::begin(tcp::socket socket) {
  std::unique_lock turn(mutex);
  auto identity = tls;
  turn.unlock();
  auto connection = std::make_shared<Connection>(std::make_shared<Wire>(std::move(socket), std::move(identity)));
  opened(*connection);
  net::co_spawn(io, serve(connection), net::detached);
}

void PooledServer::Impl::stop_accepting() {
  error_code ignored;
  acceptor.close(ignored);
  for (const auto& [wire, connection] : open) connection->shakes_hands ? wire->cut() : wire->wake();
  const std::lock_guard turn(mutex);
  accepts = false;
  changed.notify_all();
}

void PooledServer::Impl::cut_everything() {
  for (const auto& [wire, connection] : open) wire->cut();
  const std::lock_guard turn(mutex);
  everything_cut = true;
  changed.notify_all();
}

PooledServer::PooledServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PooledServer::~PooledServer() {
  drain(std::chrono::milliseconds(0));
  impl_->pool.join();
  impl_->sources.join();
  impl_->stays.reset();
  impl_->io_thread.join();
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
  if (!error) impl->port = acceptor.local_endpoint(error).port();
  if (error) {
    return std::unexpected(Error{error == net::error::address_in_use ? Errc::conflict : Errc::unavailable,
                                 fmt::format("cannot listen on {}:{}: {}", how.address, how.port, error.message()),
                                 "Choose another port, or 0 to let the system choose one.",
                                 {}});
  }
  net::co_spawn(impl->io, impl->accept_all(), net::detached);
  impl->io_thread = std::thread([raw = impl.get()] { raw->io.run(); });
  return std::unique_ptr<PooledServer>(new PooledServer(std::move(impl)));
}

std::uint16_t PooledServer::port() const { return impl_->port; }

Result<void> PooledServer::use_identity(const TlsIdentity& identity) {
  if (!impl_->options.tls) return fail(Errc::invalid_input, "the server speaks plain HTTP", "Start it with a certificate.");
  auto context = tls_context(identity);
  if (!context) return pass(context);
  auto shared = std::make_shared<net::ssl::context>(std::move(*context));
  const std::lock_guard turn(impl_->mutex);
  impl_->tls = std::move(shared);
  return {};
}

bool PooledServer::drain(std::chrono::milliseconds patience) {
  auto& impl = *impl_;
  impl.draining = true;
  net::post(impl.io, [&impl] { impl.stop_accepting(); });
  std::unique_lock turn(impl.mutex);
  const auto until = std::chrono::steady_clock::now() + patience;
  impl.changed.wait(turn, [&impl] { return !impl.accepts; });
  if (impl.changed.wait_until(turn, until, [&impl] { return impl.connections == 0; })) return true;
  impl.cut_off = true;
  net::post(impl.io, [&impl] { impl.cut_everything(); });
  impl.changed.wait(turn, [&impl] { return impl.everything_cut; });
  return false;
}

}  // namespace portalkey
