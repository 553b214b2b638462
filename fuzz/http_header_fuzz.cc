// Header values of a server that may be anybody.

#include <cstdlib>

#include "answer.h"
#include "base/time_text.h"
#include "http/chain.h"
#include "http/server_clock.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portalkey;
  const auto text = text_of(data, size);
  const auto now = from_unix_seconds(1'767'225'600);
  if (const auto wait = retry_after(text, now); wait && (wait->count() < 0 || *wait > std::chrono::hours(24))) std::abort();
  if (const auto date = parse_http_date(text); date && parse_http_date(http_date(*date)) != date) std::abort();
  if (const auto time = parse_iso_time(text); time && parse_iso_time(iso_time(*time)) != time) std::abort();

  Response response;
  response.headers.emplace("date", text);
  response.sent = response.received = now;
  ManualClock clock(now);
  ServerClock server(clock);
  server.observe(response);
  (void)server.now();
  return 0;
}
