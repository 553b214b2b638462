#pragma once
// Between Beast's messages and ours. Only for .cc files of this part.

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>

#include "web/http_message.h"

namespace portalkey {

HttpRequest to_request(boost::beast::http::request<boost::beast::http::string_body>&& in, const std::string& peer);

/// The head of the answer, up to and with the empty line. `length`: `Content-Length: N`, `Transfer-Encoding: chunked`, or
/// nothing.
std::string head_of(const HttpResponse& answer, bool keep_alive, const std::string& length);
/// With the length of its body, where it may have one.
std::string head_of(const HttpResponse& answer, bool keep_alive);

}  // namespace portalkey
