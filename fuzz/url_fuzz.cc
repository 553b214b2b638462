// An address from anywhere: what is accepted, libcurl must read in the same way, host by host and byte by byte; and a list is
// followed only to where it began.

#include <cstdlib>

#include "answer.h"
#include "base/ascii.h"
#include "http/curl_url.h"
#include "http/pages.h"

namespace {

using namespace portalkey;

void require(bool promise) {
  if (!promise) std::abort();
}

std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

void check(const Url& url, const std::string& given) {
  if (!url.valid()) {
    require(!url.problem().empty() && url.text().empty() && url.host().empty() && !as_curl_reads(url));
    return;
  }
  require(as_curl_reads(url).has_value());
  require((url.is_local() ? Url::local(url.text()) : Url(url.text())).text() == url.text());  // once read, always the same
  require(url.origin() + std::string(url.target()) == url.text() && same_resource(url, url));
  // and the text as it was given, had libcurl been handed that
  const CurlUrl bare(curl_url());
  require(curl_url_set(bare.get(), CURLUPART_URL, given.c_str(), 0) == CURLUE_OK);
  require(lower(part(bare.get(), CURLUPART_HOST)) == url.host() && part(bare.get(), CURLUPART_USER).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(text_of(data, size));
  check(Url(text), text);
  check(Url::local(text), text);

  const Url list("https://graph.microsoft.com/beta/users?$top=1");
  Pages pages(list, "a service", kSetupPages);
  if (pages.take(1, 1, text) && pages.more())
    require(pages.url().host() == list.host() && lower(pages.url().path()).starts_with("/beta/users"));
  const Url below = list.below({text});
  require(!below.valid() || below.text() == "https://graph.microsoft.com/beta/users/" + text);
  return 0;
}
