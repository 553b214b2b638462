#pragma once
// An answer of a service made from fuzzed bytes, and an Http that always gives it. The bytes are readable, so that a corpus can
// be written by hand: the status, then the headers Date, Retry-After, x-ms-request-id, Location and Azure-AsyncOperation,
// tab-separated; on the next line the body.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/http.h"

namespace portalkey {

inline Response answer_of(std::string_view bytes) {
  Response response;
  const auto end = bytes.find('\n');
  auto head = bytes.substr(0, end);
  response.body = Secret(end == std::string_view::npos ? std::string_view() : bytes.substr(end + 1));
  const auto next = [&] {
    const auto tab = head.find('\t');
    const auto word = head.substr(0, tab);
    head.remove_prefix(tab == std::string_view::npos ? head.size() : tab + 1);
    return word;
  };
  const auto status = next();
  std::from_chars(status.data(), status.data() + status.size(), response.status);
  response.status = std::clamp(response.status, 100, 599);  // libcurl lets nothing else through
  for (const auto* name : {"date", "retry-after", "x-ms-request-id", "location", "azure-asyncoperation"})
    response.headers.emplace(name, next());
  response.sent = response.received = from_unix_seconds(1'767'225'600);
  return response;
}

class OneAnswerHttp final : public Http {
 public:
  explicit OneAnswerHttp(std::string_view bytes) : bytes_(bytes) {}
  Result<Response> send(const Request&, const Deadline&) override { return answer_of(bytes_); }

 private:
  std::string_view bytes_;
};

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace portalkey
