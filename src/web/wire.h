#pragma once
// One accepted connection, plain or TLS. Bytes go through buffers of the caller, so that one that waits holds none; Asio's TLS
// stream holds 34 KB. Everything is called on the I/O thread. Only for .cc files of this part.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace portalkey {

class Wire : public std::enable_shared_from_this<Wire> {
 public:
  /// Over TLS with `identity`, plain without.
  Wire(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> identity);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// The client's address; one of IPv4 is told as such also on a socket for both.
  std::string peer() const;

  /// Before anything else. Nothing to do without TLS. False: it failed.
  boost::asio::awaitable<bool> handshake();

  struct Received {
    std::size_t size = 0;  ///< 0: nothing now, or
    bool ended = false;    ///< nothing any more
  };
  /// What has come, without waiting.
  Received receive(std::span<char> into);
  /// Until there may be something to receive, the wire is cut, or wake().
  boost::asio::awaitable<void> readable();
  /// False: it could not all be sent.
  boost::asio::awaitable<bool> send(std::string_view bytes);
  /// Waits; wake() and cut() end it.
  boost::asio::awaitable<void> pause(std::chrono::milliseconds duration);
  /// Ends readable() and pause().
  void wake();

  /// The wire is cut after `duration` from now. Each call forgets the one before.
  void cut_after(std::chrono::milliseconds duration);
  void cut_never();
  /// Closes. What is half sent is taken back from the kernel, and the client is told by RST that it is not whole.
  void cut();
  /// As cut() while something is half sent.
  void reset();
  /// Cut, or the client has ended its side.
  bool is_given_up();
  /// Ends our side, then reads on for a moment into `sink`: closing at once would make the kernel send RST, and the client
  /// would lose the answer.
  boost::asio::awaitable<void> finish(std::span<char> sink);

 private:
  struct Tls;

  /// 0: it must wait in the direction that wait_ says; below: over.
  std::ptrdiff_t try_send(std::string_view bytes);
  std::ptrdiff_t tls_outcome(int result);
  boost::asio::awaitable<void> until_ready();
  void watch();

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<Tls> tls_;
  boost::asio::ip::tcp::socket::wait_type wait_ = boost::asio::ip::tcp::socket::wait_read;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  bool watched_ = false;
  bool cut_ = false;
  bool sending_ = false;
  boost::asio::steady_timer* pausing_ = nullptr;
};

}  // namespace portalkey
