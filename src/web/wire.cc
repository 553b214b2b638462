// g++ 12 destroys a braced temporary in a co_await expression twice: everything awaited here is a named object or a plain call.
#include "web/wire.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <climits>

#include "web/tls_bio.h"

namespace portalkey {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using tcp = net::ip::tcp;

constexpr auto kWireAwait = net::as_tuple(net::use_awaitable);
constexpr std::chrono::seconds kLinger{2};
constexpr std::size_t kMostLingering = std::size_t{64} * 1024 * 1024;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

struct Wire::Tls {
  std::shared_ptr<net::ssl::context> identity;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, SSL_free};
};

Wire::Wire(tcp::socket socket, std::shared_ptr<net::ssl::context> identity)
    : socket_(std::move(socket)), timer_(socket_.get_executor()) {
  error_code ignored;
  socket_.native_non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);  // the programs that we start must not keep it open
  if (!identity) return;
  tls_ = std::make_unique<Tls>();
  tls_->ssl.reset(SSL_new(identity->native_handle()));
  tls_->identity = std::move(identity);
  BIO* const bio = tls_->ssl ? socket_bio(socket_.native_handle()) : nullptr;
  if (bio == nullptr) {
    cut();
    return;
  }
  SSL_set_bio(tls_->ssl.get(), bio, bio);
  SSL_set_accept_state(tls_->ssl.get());
}

Wire::~Wire() = default;

std::string Wire::peer() const {
  error_code error;
  const auto address = socket_.remote_endpoint(error).address();
  if (error) return {};
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

std::ptrdiff_t Wire::tls_outcome(int result) {
  if (result > 0) return result;
  const int error = SSL_get_error(tls_->ssl.get(), result);
  ERR_clear_error();
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return -1;
  wait_ = error == SSL_ERROR_WANT_READ ? tcp::socket::wait_read : tcp::socket::wait_write;
  return 0;
}

net::awaitable<bool> Wire::handshake() {
  while (tls_ && !cut_) {
    ERR_clear_error();
    const auto done = tls_outcome(SSL_do_handshake(tls_->ssl.get()));
    if (done > 0) break;
    if (done < 0) co_return false;
    co_await until_ready();
  }
  co_return !cut_;
}

Wire::Received Wire::receive(std::span<char> into) {
  if (cut_) return {0, true};
  std::ptrdiff_t got = 0;
  if (tls_) {
    ERR_clear_error();
    got = tls_outcome(SSL_read(tls_->ssl.get(), into.data(), static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX))));
  } else {
    wait_ = tcp::socket::wait_read;
    got = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
    if (got == 0) return {0, true};
    if (got < 0 && would_block()) got = 0;
  }
  if (got < 0) return {0, true};
  return {static_cast<std::size_t>(got), false};
}

std::ptrdiff_t Wire::try_send(std::string_view bytes) {
  if (cut_) return -1;
  if (tls_) {
    ERR_clear_error();
    return tls_outcome(
        SSL_write(tls_->ssl.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX))));
  }
  wait_ = tcp::socket::wait_write;
  const auto sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return sent < 0 && would_block() ? 0 : sent;
}

net::awaitable<void> Wire::until_ready() { co_await socket_.async_wait(wait_, kWireAwait); }

net::awaitable<void> Wire::readable() { return until_ready(); }

net::awaitable<bool> Wire::send(std::string_view bytes) {
  sending_ = true;
  while (!bytes.empty()) {
    const auto sent = try_send(bytes);
    if (sent < 0) co_return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (sent == 0) co_await until_ready();
  }
  sending_ = false;
  co_return true;
}

net::awaitable<void> Wire::pause(std::chrono::milliseconds duration) {
  net::steady_timer timer(socket_.get_executor(), duration);
  pausing_ = &timer;
  co_await timer.async_wait(kWireAwait);
  pausing_ = nullptr;
}

void Wire::wake() {
  error_code ignored;
  if (socket_.is_open()) socket_.cancel(ignored);
  if (pausing_ != nullptr) pausing_->cancel();
}

void Wire::cut_after(std::chrono::milliseconds duration) {
  deadline_ = std::chrono::steady_clock::now() + duration;
  if (!watched_ || timer_.expiry() > deadline_) watch();
}

void Wire::cut_never() { deadline_ = std::chrono::steady_clock::time_point::max(); }

/// The timer is left running when the deadline moves away, and looks again when it ends: most requests need none of it.
void Wire::watch() {
  watched_ = true;
  timer_.expires_at(deadline_);
  timer_.async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->watched_ = false;
    if (self->deadline_ <= std::chrono::steady_clock::now()) return self->cut();
    if (self->deadline_ != std::chrono::steady_clock::time_point::max()) self->watch();
  });
}

void Wire::cut() {
  if (cut_) return;
  cut_ = true;
  error_code ignored;
  if (sending_) socket_.set_option(net::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  if (pausing_ != nullptr) pausing_->cancel();
}

void Wire::reset() {
  sending_ = true;
  cut();
}

bool Wire::is_given_up() {
  if (cut_) return true;
  pollfd asked{socket_.native_handle(), POLLRDHUP, 0};
  return ::poll(&asked, 1, 0) > 0;
}

net::awaitable<void> Wire::finish(std::span<char> sink) {
  if (cut_) co_return;
  cut_after(kLinger);
  if (tls_) {
    ERR_clear_error();
    SSL_shutdown(tls_->ssl.get());
    ERR_clear_error();
  }
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  wait_ = tcp::socket::wait_read;
  for (std::size_t total = 0; !cut_ && total < kMostLingering;) {
    const auto got = ::recv(socket_.native_handle(), sink.data(), sink.size(), 0);
    if (got == 0 || (got < 0 && !would_block())) break;
    if (got > 0) total += static_cast<std::size_t>(got);
    co_await until_ready();
  }
  cut();
}

}  // namespace portalkey
