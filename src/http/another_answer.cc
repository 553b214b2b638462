#include "http/another_answer.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/foreign_text.h"
#include "base/secret_json.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestLook = 16 << 10, kLongestTitle = 80;

/// Behind white space and a byte order mark.
std::string_view begun(std::string_view body) {
  body = trimmed(body);
  if (body.starts_with("\xEF\xBB\xBF")) body = trimmed(body.substr(3));
  return body;
}

/// The text of `<title>`, however it is written; empty if there is none.
std::string title_in(std::string_view page) {
  page = page.substr(0, kLongestLook);
  const std::string small = lower(page);
  auto from = small.find("<title");
  if (from == std::string::npos) return {};
  from = small.find('>', from);
  const auto to = from == std::string::npos ? from : small.find("</title", from);
  return to == std::string::npos ? std::string() : foreign_text(page.substr(from + 1, to - from - 1), kLongestTitle);
}

std::string name_of_body(std::string_view body) {
  body = begun(body);
  if (body.empty()) return "an empty body";
  if (body.front() == '<') {
    const std::string look = lower(body.substr(0, kLongestLook));
    const std::string title = title_in(body);
    if (!title.empty()) return fmt::format("an HTML page titled \"{}\"", title);
    return look.contains("<html") || look.contains("<!doctype html") ? "an HTML page" : "XML or HTML";
  }
  boost::system::error_code problem;
  parse_secret_json(body, problem);
  return problem ? "text that is not JSON" : "JSON of another shape";
}

}  // namespace

bool is_markup(const Response& response) {
  return response.body.reveal([](std::string_view body) { return begun(body).starts_with('<'); });
}

std::string what_came(const Response& response) { return response.body.reveal(name_of_body); }

Error another_answer(std::string_view service, const Response& response) {
  return another_answer(service, response.status, what_came(response));
}

Error another_answer(std::string_view service, int status, std::string_view came) {
  constexpr int kProxyWantsSignIn = 407, kNetworkWantsSignIn = 511;  // RFC 9110 §15.5.8, RFC 6585 §6: no service's own
  Error error;
  error.code = status == 429 ? Errc::throttled : Errc::unavailable;
  error.what = fmt::format("status {} came with {}, and not with an answer of {}'s", status, came, service);
  if (status == kProxyWantsSignIn) {
    error.remedy =
        "The status is a proxy's, which wants a sign-in: see what the profile's proxy, https_proxy or a proxy in between asks.";
  } else if (status == kNetworkWantsSignIn) {
    error.remedy = "The status is a network's, which wants a sign-in: open any page in a browser of this machine.";
  } else if (status == 429 || status >= 500) {
    error.remedy = "Try again in a few minutes. If it stays so, a proxy or gateway in between may be answering: [[examine]]";
  } else {
    error.remedy =
        "A proxy, firewall or captive portal in between may be answering: [[examine]] shows what the hosts are reached "
        "by.";
  }
  error.context.emplace_back("status", std::to_string(status));
  return error;
}

}  // namespace portalkey
