#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "http/http.h"

namespace portalkey {

/// May plain HTTP go to the URL's host? Only as far as this machine and its own network: `localhost`, or a literal address that
/// is loopback, link-local (169.254.0.0/16, where cloud machines are told about themselves) or private (containers).
bool is_local_url(std::string_view url);

/// Plain HTTP for metadata endpoints, which have no TLS: no proxy, no redirects, answers of at most 1 MiB; any URL that is not
/// local is refused before anything leaves. `link_local_port`: if not 0, 169.254.169.254 is 127.0.0.1 at this port (a sandbox).
/// One thread at a time.
std::unique_ptr<Http> make_local_http(Clock& clock, std::uint16_t link_local_port = 0);

}  // namespace portalkey
