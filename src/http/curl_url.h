#pragma once
// The last look at an address before a request leaves: how libcurl reads it.

#include <curl/curl.h>

#include <memory>

#include "http/url.h"

namespace portalkey {

struct CurlUrlCleanup {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using CurlUrl = std::unique_ptr<CURLU, CurlUrlCleanup>;

/// For CURLOPT_CURLU, so that nothing is parsed again. invalid_input if it is no address, or if libcurl finds anything in it
/// (scheme, host, port, user, path) that is not what was judged.
Result<CurlUrl> as_curl_reads(const Url& url);

}  // namespace portalkey
