#include "http/curl_http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/ascii.h"
#include "base/tasks.h"
#include "http/curl_url.h"
#include "http/header_text.h"
#include "http/transport_error.h"
#include "http/unechoed.h"

namespace portalkey {
namespace {

constexpr long kKeptConnections = 128;
constexpr const char* kUserAgent = "portalkey/" PORTALKEY_VERSION;

struct EasyCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiCleanup {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct SlistCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Slist = std::unique_ptr<curl_slist, SlistCleanup>;

void add_line(Slist& list, const std::string& line) {
  curl_slist* grown = curl_slist_append(list.get(), line.c_str());
  if (grown == nullptr) throw std::bad_alloc();
  [[maybe_unused]] const auto* same = list.release();  // curl took it over: `grown` owns it now
  list.reset(grown);
}

struct Exchange {
  std::optional<CURLcode> done;
  Response response;
  std::string body;
  std::size_t limit = 0;
  bool too_large = false;
  std::string_view unsent;  // of the request's body
};

std::size_t give_body(char* to, std::size_t, std::size_t room, void* from) {
  auto& unsent = static_cast<Exchange*>(from)->unsent;
  const std::size_t count = std::min(room, unsent.size());
  std::ranges::copy(unsent.substr(0, count), to);
  unsent.remove_prefix(count);
  return count;
}

std::size_t take_body(char* data, std::size_t, std::size_t count, void* to) {
  auto& exchange = *static_cast<Exchange*>(to);
  if (exchange.body.size() + count > exchange.limit) {
    exchange.too_large = true;
    return 0;
  }
  exchange.body.append(data, count);
  return count;
}

std::size_t take_header(char* data, std::size_t, std::size_t count, void* to) {
  auto& exchange = *static_cast<Exchange*>(to);
  const std::string_view line = trimmed({data, count});
  if (line.starts_with("HTTP/")) {  // a new header block: an interim answer (100) came before
    exchange.response.headers.clear();
    return count;
  }
  if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    exchange.response.headers.emplace(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return count;
}

struct Watch {
  const ExtraTrust* trust;
  PeerCertificate* seen;
};

CURLcode prepare_tls(CURL*, void* context, void* to) {
  const auto* watch = static_cast<const Watch*>(to);
  watch->trust->apply(static_cast<ssl_ctx_st*>(context), watch->seen);
  return CURLE_OK;
}

/// The transfers that one thread has under way, and the connections that are kept after them.
class Wire final : public TaskIo {
 public:
  Wire() : multi_(curl_multi_init()) {
    if (!multi_) throw std::bad_alloc();
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kKeptConnections);
  }

  CURLM* multi() const { return multi_.get(); }

  void poll(std::chrono::milliseconds at_most) override {
    int running = 0;
    if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) running = 0;
    if (!note_done()) return;
    curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(at_most.count()), nullptr);
    curl_multi_perform(multi_.get(), &running);
    note_done();
  }

  std::thread::id thread;       ///< whose transfers they are
  std::size_t exchanges = 0;    ///< under way; 0: any thread may take it
  PeerCertificate certificate;  ///< of the latest handshake; kept connections point to it

 private:
  /// Returns whether none was.
  bool note_done() {
    int queued = 0;
    bool none = true;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &queued)) {
      if (message->msg != CURLMSG_DONE) continue;
      void* exchange = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
      static_cast<Exchange*>(exchange)->done = message->data.result;
      none = false;
    }
    return none;
  }

  std::unique_ptr<CURLM, MultiCleanup> multi_;
};

/// As many wires as threads ever sent at the same time.
class Wires {
 public:
  /// That of this thread while it has anything under way, otherwise a free one: so kept connections go from thread to thread.
  Wire& take() {
    const std::lock_guard turn(mutex_);
    const auto here = std::this_thread::get_id();
    auto found = std::ranges::find_if(all_, [&](const auto& wire) { return wire->exchanges > 0 && wire->thread == here; });
    if (found == all_.end()) found = std::ranges::find(all_, std::size_t{0}, [](const auto& wire) { return wire->exchanges; });
    Wire& wire = found == all_.end() ? *all_.emplace_back(std::make_unique<Wire>()) : **found;
    wire.thread = here;
    ++wire.exchanges;
    return wire;
  }
  void give_back(Wire& wire) {
    const std::lock_guard turn(mutex_);
    if (--wire.exchanges > 0) return;
    if (auto* tasks = Tasks::here(); tasks != nullptr && tasks->io() == &wire) tasks->set_io(nullptr);
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Wire>> all_;
};

class CurlHttp final : public Http {
 public:
  CurlHttp(CurlOptions options, Clock& clock) : options_(std::move(options)), clock_(clock) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialised != CURLE_OK) throw std::bad_alloc();
    if (options_.loopback_port != 0) add_line(connect_to_, fmt::format("::127.0.0.1:{}", options_.loopback_port));
    trust_ = ExtraTrust::load(options_.extra_ca_files);
  }

  Result<Response> send(const Request& request, const Deadline& deadline) override {
    if (request.url.is_local()) return fail(Errc::invalid_input, "only https addresses are called here; nothing was sent");
    const auto checked = as_curl_reads(request.url);
    if (!checked) return std::unexpected(checked.error());
    const std::string host(request.url.host());
    if (!trust_) return std::unexpected(trust_.error());
    if (!request.bearer.empty() && !request.bearer.reveal(is_access_token)) {
      return fail(Errc::invalid_input,
                  "what was to be sent as an access token has characters that no token has; nothing was sent",
                  "See which credential gave it: [[examine]]");
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline.at - clock_.steady_now());
    if (left.count() <= 0) return out_of_time(host);

    std::unique_ptr<CURL, EasyCleanup> easy(curl_easy_init());
    if (!easy) throw std::bad_alloc();
    Exchange exchange;
    exchange.limit = options_.body_limit;

    Slist headers;
    add_line(headers, "Expect:");
    bool typed = false;
    for (const auto& [name, value] : request.headers) {
      if (auto fine = check_header(name, value); !fine) return pass(fine);
      typed |= same_ignoring_case(name, "content-type");
      add_line(headers, fmt::format("{}: {}", name, value));
    }
    if (!typed) add_line(headers, "Content-Type:");  // or libcurl calls whatever is posted, even nothing, a form
    if (!request.bearer.empty()) {
      request.bearer.reveal([&](std::string_view token) {
        std::string line = fmt::format("Authorization: Bearer {}", token);
        add_line(headers, line);
        wipe(line);
      });
    }

    CURL* h = easy.get();
    curl_easy_setopt(h, CURLOPT_CURLU, checked->get());
    curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.method == "HEAD") curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(h, CURLOPT_PRIVATE, &exchange);
    curl_easy_setopt(h, CURLOPT_PIPEWAIT, 1L);  // HTTP/2: one connection for all
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(h, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(h, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, static_cast<long>(std::min(left, options_.attempt_timeout).count()));
    curl_easy_setopt(h, CURLOPT_USERAGENT, kUserAgent);
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, &exchange);
    if (!options_.ca_file.empty()) {
      curl_easy_setopt(h, CURLOPT_CAINFO, options_.ca_file.c_str());
      curl_easy_setopt(h, CURLOPT_CAPATH, nullptr);
    }
    const struct Taken {
      Wires& wires;
      Wire& wire;
      explicit Taken(Wires& from) : wires(from), wire(from.take()) {}
      ~Taken() { wires.give_back(wire); }
    } taken(wires_);
    taken.wire.certificate = {};
    Watch watch{&*trust_, &taken.wire.certificate};
    curl_easy_setopt(h, CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
    curl_easy_setopt(h, CURLOPT_SSL_CTX_DATA, &watch);
    // Which proxy is decided here, not by libcurl's own look at the environment: so messages name the one that was used.
    const Proxy* proxy = options_.loopback_port != 0 ? nullptr : proxy_for(host, options_.proxies);
    if (proxy != nullptr && !proxy->problem.empty())
      return std::unexpected(explain({CURLE_URL_MALFORMAT, host, proxy, 0, {}, nullptr}));
    curl_easy_setopt(h, CURLOPT_NOPROXY, "");
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    if (proxy != nullptr)
      proxy->url.reveal([&](std::string_view url) { curl_easy_setopt(h, CURLOPT_PROXY, std::string(url).c_str()); });
    if (connect_to_) curl_easy_setopt(h, CURLOPT_CONNECT_TO, connect_to_.get());

    CURLcode code = CURLE_OK;
    exchange.response.sent = clock_.now();
    request.body.reveal([&](std::string_view body) {
      if (request.method != "GET" && request.method != "HEAD") {
        // A body that comes from a function cannot be sent a second time. libcurl would otherwise repeat a request by itself
        // when a kept connection breaks, behind the back of whoever counts (http/chain.h).
        exchange.unsent = body;
        curl_easy_setopt(h, CURLOPT_POST, 1L);
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        curl_easy_setopt(h, CURLOPT_READFUNCTION, give_body);
        curl_easy_setopt(h, CURLOPT_READDATA, &exchange);
        if (body.empty())
          curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);  // nothing to read, so nothing would stop a repetition
        curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, request.method.c_str());
      }
      code = transfer(taken.wire, h, exchange, deadline.stop);
    });
    exchange.response.received = clock_.now();
    exchange.response.body = Secret(exchange.body);
    wipe(exchange.body);

    if (options_.facts) {
      const char* address = nullptr;
      curl_easy_getinfo(h, CURLINFO_PRIMARY_IP, &address);
      *options_.facts = {address == nullptr ? "" : address, proxy == nullptr ? "" : proxy->shown, taken.wire.certificate};
    }
    if (deadline.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    if (exchange.too_large) {
      return fail(Errc::unavailable, fmt::format("the answer of {} is larger than {} bytes", host, options_.body_limit));
    }
    if (code != CURLE_OK) {
      if (options_.loopback_port != 0 && code == CURLE_COULDNT_CONNECT) {
        return std::unexpected(Error{Errc::invalid_input,
                                     "the sandbox is not running",  // nothing to wait for: not to be retried
                                     "Start it in another terminal: [[start-sandbox|DIR]]",
                                     {{"port", std::to_string(options_.loopback_port)}}});
      }
      TransportFailure failure{code, host, proxy, 0, exchange.response.header("proxy-authenticate"), &taken.wire.certificate};
      curl_easy_getinfo(h, CURLINFO_HTTP_CONNECTCODE, &failure.connect_status);
      return std::unexpected(explain(failure));
    }
    long status = 0;
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    exchange.response.status = static_cast<int>(status);
    return std::move(exchange.response);
  }

 private:
  static std::unexpected<Error> out_of_time(const std::string& host) {
    return std::unexpected(
        Error{Errc::unavailable, fmt::format("no time was left to ask {}", host), "Try again.", {{"host", host}}});
  }

  CURLcode transfer(Wire& wire, CURL* easy, const Exchange& exchange, const std::stop_token& stop) {
    curl_multi_add_handle(wire.multi(), easy);
    const struct Added {
      Wire& wire;
      CURL* easy;
      ~Added() { curl_multi_remove_handle(wire.multi(), easy); }
    } added{wire, easy};
    const std::stop_callback wake(stop, [&wire] { curl_multi_wakeup(wire.multi()); });
    const std::chrono::seconds for_ever(3600);  // libcurl's own timeouts end a transfer
    if (auto* tasks = Tasks::here()) {
      tasks->set_io(&wire);
      tasks->wait(clock_.steady_now() + for_ever, stop, [&] { return exchange.done.has_value(); });
    } else {
      while (!exchange.done && !stop.stop_requested()) wire.poll(std::chrono::milliseconds(1000));
    }
    return exchange.done.value_or(CURLE_ABORTED_BY_CALLBACK);
  }

  CurlOptions options_;
  Clock& clock_;
  Slist connect_to_;
  Result<ExtraTrust> trust_;
  Wires wires_;
};

}  // namespace

std::unique_ptr<Http> make_curl_http(CurlOptions options, Clock& clock) {
  return make_unechoed(std::make_unique<CurlHttp>(std::move(options), clock));
}

}  // namespace portalkey
