#pragma once
// Requests out of the bytes of a connection, without the connection: one at a time, in order, whatever the pieces they come in.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "web/http_message.h"
#include "web/request_head.h"
#include "web/server.h"

namespace portalkey {

class RequestReader {
 public:
  enum class State {
    before,   ///< no byte of a request has come
    head,     ///< some of its head
    body,     ///< its head and not all of its body
    whole,    ///< all of it: release() gives it
    refused,  ///< refusal() says why; nothing is read any more
  };

  explicit RequestReader(const ServerLimits& limits) : limits_(limits) {}

  /// What came next on the connection, all of it. What follows a whole request is kept for later: do not read on before
  /// release(), and that is bounded by one piece.
  void take(std::string_view bytes);
  State state() const { return state_; }
  /// True once, if the client waits for `100 Continue` before it sends the body.
  bool take_expectation();
  /// The whole request; what came after it is read next.
  RequestHead release();
  const HttpResponse& refusal() const { return *refusal_; }

 private:
  enum class Chunk { size, data, end, trailer };

  void refuse(HttpResponse answer);
  void take_head(std::string_view& bytes);
  void head_is_whole();
  void take_counted(std::string_view& bytes);
  void take_chunked(std::string_view& bytes);
  void take_data(std::string_view& bytes);
  /// A line of the chunked form and its CR LF, off `bytes`, into line_. False: not all of it has come, or it was refused.
  bool take_line(std::string_view& bytes);
  void chunk_begins();
  void trailer_line();

  ServerLimits limits_;
  State state_ = State::before;
  std::string text_;                   // the head so far
  char previous_ = 0;                  // of the head
  bool line_empty_ = true;             // the line of the head that is being read
  bool skipped_ = false;               // an empty line before the request
  std::unique_ptr<RequestHead> head_;  // once it is whole: most connections are idle
  Chunk chunk_ = Chunk::size;
  std::uint64_t left_ = 0;   // of the body or the chunk
  std::string line_;         // of the chunked form, so far
  std::size_t framing_ = 0;  // bytes of extensions and trailers
  std::string rest_;         // what came after a whole request
  std::unique_ptr<HttpResponse> refusal_;
};

}  // namespace portalkey
