#include "web/wire_form.h"

#include "base/ascii.h"
#include "base/time_text.h"

namespace portalkey {
namespace {

namespace http = boost::beast::http;

std::string_view reason_of(int status) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(status));
  return {reason.data(), reason.size()};
}

}  // namespace

HttpRequest to_request(http::request<http::string_body>&& in, const std::string& peer) {
  HttpRequest out;
  out.method.assign(in.method_string());
  const auto target = in.target();
  set_target(out, {target.data(), target.size()});
  for (const auto& field : in) {
    const auto name = field.name_string();
    const auto value = field.value();
    out.headers.emplace_back(lower({name.data(), name.size()}), std::string(value));
  }
  std::string_view host = out.header("host");
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
    host = host.substr(0, colon);
  }
  out.host = lower(host);
  out.body = std::move(in.body());
  out.peer = peer;
  return out;
}

std::string head_of(const HttpResponse& answer, bool keep_alive, const std::string& length) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + ' ' + std::string(reason_of(answer.status)) + "\r\n";
  const auto add = [&head](std::string_view name, std::string_view value) {
    head += name;
    head += ": ";
    // A value taken from a request must not be able to begin a header of its own.
    for (const char c : value) head += c == '\r' || c == '\n' ? ' ' : c;
    head += "\r\n";
  };
  for (const auto& [name, value] : answer.headers) add(name, value);
  if (answer.header("date").empty()) add("Date", http_date(std::chrono::system_clock::now()));
  if (!length.empty()) head += length + "\r\n";
  if (!keep_alive) add("Connection", "close");
  head += "\r\n";
  return head;
}

std::string head_of(const HttpResponse& answer, bool keep_alive) {
  const bool has_length = answer.status != 204 && answer.status != 304;
  return head_of(answer, keep_alive, has_length ? "Content-Length: " + std::to_string(answer.body.size()) : std::string());
}

}  // namespace portalkey
