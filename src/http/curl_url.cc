#include "http/curl_url.h"

#include <fmt/format.h>

#include <new>
#include <string>

namespace portalkey {
namespace {

/// Empty if the address has no such part.
std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

}  // namespace

Result<CurlUrl> as_curl_reads(const Url& url) {
  if (!url.valid()) return std::unexpected(url.refusal());
  CurlUrl read(curl_url());
  if (!read) throw std::bad_alloc();
  const auto set = curl_url_set(read.get(), CURLUPART_URL, url.text().c_str(), CURLU_PATH_AS_IS);
  const std::string port = part(read.get(), CURLUPART_PORT);
  const bool same = set == CURLUE_OK && part(read.get(), CURLUPART_SCHEME) == (url.is_local() ? "http" : "https") &&
                    part(read.get(), CURLUPART_HOST) == url.host() && part(read.get(), CURLUPART_USER).empty() &&
                    part(read.get(), CURLUPART_PASSWORD).empty() && part(read.get(), CURLUPART_OPTIONS).empty() &&
                    part(read.get(), CURLUPART_ZONEID).empty() && part(read.get(), CURLUPART_FRAGMENT).empty() &&
                    (url.is_local() || port.empty()) && part(read.get(), CURLUPART_URL) == url.text();
  if (!same) {
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("libcurl reads an address on {} in another way; nothing was sent", url.host()),
                                 "Please report this with the version of libcurl (curl --version).",
                                 {{"host", std::string(url.host())}}});
  }
  return read;
}

}  // namespace portalkey
