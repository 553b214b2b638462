#pragma once

#include <cstdint>
#include <memory>

#include "http/http.h"

namespace portalkey {

/// Plain HTTP for metadata endpoints, which have no TLS: no proxy, no redirects, answers of at most 1 MiB; an address that
/// is not Url::local is refused before anything leaves. `link_local_port`: if not 0, 169.254.169.254 is 127.0.0.1 at this port
/// (a sandbox). One thread at a time.
std::unique_ptr<Http> make_local_http(Clock& clock, std::uint16_t link_local_port = 0);

}  // namespace portalkey
