#pragma once
// The head of an HTTP/1.1 request, read strictly (RFC 9110, 9112): what two servers in a row could read in two ways is refused.
// No socket and no library.

#include <cstdint>
#include <expected>
#include <string_view>

#include "web/http_message.h"
#include "web/server.h"

namespace portalkey {

struct RequestHead {
  /// Without body and peer. The target is in origin form (`/a?b`, or `*` of OPTIONS) also where it was sent in absolute form.
  /// Its path has no empty segment but the last, no dot segment, no control character however written; `%2F` stays within a
  /// segment, so who splits the path splits the target, not `path`.
  HttpRequest request;
  std::uint64_t length = 0;  ///< of the body, if it is not `chunked`
  bool chunked = false;
  bool keep_alive = false;
  bool http11 = false;  ///< else HTTP/1.0
  bool expects_continue = false;
};

/// `head`: whole lines that end with CR LF, the last of them empty; neither CR nor LF elsewhere, no control character but TAB.
/// Else: the answer that refuses it (400, 413, 417, 431, 505), after which the connection is of no more use.
std::expected<RequestHead, HttpResponse> read_request_head(std::string_view head, const ServerLimits& limits);

/// Whether a line after the first may stand there: `name: value`, no blank before the colon.
bool is_field_line(std::string_view line);

}  // namespace portalkey
