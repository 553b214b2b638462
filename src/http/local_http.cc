#include "http/local_http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/ascii.h"
#include "http/curl_url.h"
#include "http/header_text.h"
#include "http/unechoed.h"

namespace portalkey {
namespace {

constexpr std::size_t kBodyLimit = 1 << 20;

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

void add_line(List& list, const std::string& line) {
  curl_slist* grown = curl_slist_append(list.get(), line.c_str());
  if (grown == nullptr) throw std::bad_alloc();
  [[maybe_unused]] const auto* same = list.release();
  list.reset(grown);
}

struct Exchange {
  Response response;
  std::string body;
  std::stop_token stop;
};

std::size_t take_body(char* data, std::size_t, std::size_t count, void* to) {
  auto& exchange = *static_cast<Exchange*>(to);
  if (exchange.body.size() + count > kBodyLimit) return 0;
  exchange.body.append(data, count);
  return count;
}

std::size_t take_header(char* data, std::size_t, std::size_t count, void* to) {
  const std::string_view line = trimmed({data, count});
  if (const auto colon = line.find(':'); colon != std::string_view::npos && !line.starts_with("HTTP/")) {
    static_cast<Exchange*>(to)->response.headers.emplace(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return count;
}

int interrupted(void* exchange, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(exchange)->stop.stop_requested() ? 1 : 0;
}

class LocalHttp final : public Http {
 public:
  LocalHttp(Clock& clock, std::uint16_t link_local_port) : clock_(clock) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialised != CURLE_OK) throw std::bad_alloc();
    if (link_local_port != 0) add_line(connect_to_, fmt::format("169.254.169.254:80:127.0.0.1:{}", link_local_port));
  }

  Result<Response> send(const Request& request, const Deadline& deadline) override {
    if (!request.url.is_local()) {
      return fail(Errc::invalid_input, "plain HTTP goes to this machine and its own network only; nothing was sent");
    }
    const auto url = as_curl_reads(request.url);
    if (!url) return std::unexpected(url.error());
    const std::string host(request.url.host());
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline.at - clock_.steady_now());
    if (left.count() <= 0) return std::unexpected(late(host));
    const std::unique_ptr<CURL, FreeEasy> easy(curl_easy_init());
    if (!easy) throw std::bad_alloc();
    Exchange exchange;
    exchange.stop = deadline.stop;
    List headers;
    add_line(headers, "Expect:");
    for (const auto& [name, value] : request.headers) {
      if (auto fine = check_header(name, value); !fine) return pass(fine);
      add_line(headers, fmt::format("{}: {}", name, value));
    }
    for (const auto& [name, value] : request.secret_headers) {
      auto fine = value.reveal([&](std::string_view bare) { return check_header(name, bare); });
      if (!fine) return pass(fine);
      value.reveal([&](std::string_view bare) {
        std::string line = fmt::format("{}: {}", name, bare);
        add_line(headers, line);
        wipe(line);
      });
    }
    CURL* h = easy.get();
    curl_easy_setopt(h, CURLOPT_CURLU, url->get());
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);  // the progress call is where a stop request is seen, once a second at least
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, interrupted);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, &exchange);
    if (connect_to_) curl_easy_setopt(h, CURLOPT_CONNECT_TO, connect_to_.get());
    CURLcode code = CURLE_OK;
    exchange.response.sent = clock_.now();
    request.body.reveal([&](std::string_view body) {
      if (request.method != "GET") {
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, body.data() == nullptr ? "" : body.data());
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, request.method.c_str());
      }
      code = curl_easy_perform(h);
    });
    exchange.response.received = clock_.now();
    exchange.response.body = Secret(exchange.body);
    wipe(exchange.body);
    if (deadline.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    if (code == CURLE_OPERATION_TIMEDOUT) return std::unexpected(late(host));
    if (code != CURLE_OK) {
      return std::unexpected(Error{Errc::unavailable,
                                   fmt::format("{} gave no complete answer", host),
                                   "Check that this machine has a metadata endpoint there.",
                                   {{"host", host}, {"network", curl_easy_strerror(code)}}});
    }
    long status = 0;
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    exchange.response.status = static_cast<int>(status);
    return std::move(exchange.response);
  }

 private:
  static Error late(const std::string& host) {
    return {Errc::unavailable, fmt::format("{} did not answer in time", host), "Try again.", {{"host", host}}};
  }

  Clock& clock_;
  List connect_to_;
};

}  // namespace

std::unique_ptr<Http> make_local_http(Clock& clock, std::uint16_t link_local_port) {
  return make_unechoed(std::make_unique<LocalHttp>(clock, link_local_port));
}

}  // namespace portalkey
