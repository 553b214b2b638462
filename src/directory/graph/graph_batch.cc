#include "directory/graph/graph_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "base/ascii.h"
#include "base/secret_json.h"
#include "http/chain.h"
#include "http/unechoed.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr int kAttempts = 5;

/// A batch names each address below the version: `/users/...` of `https://graph.microsoft.com/beta/users/...`.
std::string_view below_version(const Url& url) {
  const auto target = url.target();
  return target.substr(std::min(target.find('/', 1), target.size()));
}

Body body_of(const std::vector<BatchItem>& items, std::span<const std::size_t> chosen) {
  json::array requests;
  std::vector<Secret> secrets;
  for (const auto i : chosen) {
    json::object request{{"id", std::to_string(i)}, {"method", items[i].method}, {"url", below_version(items[i].url)}};
    if (!items[i].body.is_null()) {
      request["headers"] = json::object{{"Content-Type", "application/json"}};
      request["body"] = items[i].body;
    }
    for (const auto& secret : items[i].secrets) secrets.push_back(secret.clone());
    requests.push_back(std::move(request));
  }
  return {serialize_secret_json(json::object{{"requests", std::move(requests)}}), std::move(secrets)};
}

Error unreadable() {
  return {
      Errc::unavailable, "Microsoft Graph's answer to a batch has another shape than documented", "Run the command again.", {}};
}

/// The answer as a whole is a success, so that the wire leaves it as it is: here its refusals lose what they quote.
Response response_of(const json::object& item, const Response& outer, SentSecrets& secrets) {
  Response response;
  const auto* status = item.if_contains("status");
  response.status = status != nullptr && status->is_int64() ? static_cast<int>(status->get_int64()) : 0;
  if (const auto* headers = item.if_contains("headers"); headers != nullptr && headers->is_object()) {
    for (const auto& header : headers->get_object()) {
      if (header.value().is_string()) response.headers.emplace(lower(header.key()), std::string(header.value().get_string()));
    }
  }
  if (const auto* body = item.if_contains("body"); body != nullptr && !body->is_null())
    response.body = serialize_secret_json(*body);
  response.sent = outer.sent;
  response.received = outer.received;
  if (response.status < 200 || response.status >= 300) hide_secrets(response, secrets);
  return response;
}

}  // namespace

std::vector<Result<Response>> send_batch(const std::vector<BatchItem>& items,
                                         const std::function<Result<Response>(Body body)>& post, Clock& clock,
                                         const Deadline& deadline) {
  SentSecrets secrets;
  for (const auto& item : items) {
    for (const auto& secret : item.secrets) secrets.add(secret);
  }
  std::vector<Result<Response>> out;
  for (std::size_t i = 0; i < items.size(); ++i) out.emplace_back(std::unexpected(unreadable()));
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].url.valid()) {
      waiting.push_back(i);
    } else {
      out[i] = std::unexpected(items[i].url.refusal());
    }
  }
  for (int attempt = 1; !waiting.empty(); ++attempt) {
    std::vector<std::size_t> again;
    std::chrono::milliseconds wait{0};
    for (std::size_t begin = 0; begin < waiting.size(); begin += kGraphBatch) {
      const auto chosen = std::span(waiting).subspan(begin, std::min(kGraphBatch, waiting.size() - begin));
      auto answer = post(body_of(items, chosen));
      if (!answer) {
        for (const auto i : chosen) out[i] = std::unexpected(answer.error());
        continue;
      }
      for (const auto i : chosen) out[i] = std::unexpected(unreadable());
      boost::system::error_code problem;
      json::value parsed;
      answer->body.reveal([&](std::string_view body) { parsed = parse_secret_json(body, problem); });
      const auto* responses = !problem && parsed.is_object() ? parsed.get_object().if_contains("responses") : nullptr;
      if (responses == nullptr || !responses->is_array()) continue;
      for (const auto& one : responses->get_array()) {
        const auto* id = one.is_object() ? one.get_object().if_contains("id") : nullptr;
        if (id == nullptr || !id->is_string()) continue;
        std::size_t i = items.size();
        const std::string_view digits = id->get_string();
        std::from_chars(digits.data(), digits.data() + digits.size(), i);
        if (std::ranges::find(chosen, i) == chosen.end()) continue;
        out[i] = response_of(one.get_object(), *answer, secrets);
        if (out[i]->status != 429) continue;
        again.push_back(i);
        wait = std::max(wait, retry_after(out[i]->header("retry-after"), clock.now()).value_or(std::chrono::seconds(5)));
      }
    }
    if (attempt == kAttempts || again.empty() || clock.steady_now() + wait >= deadline.at) break;
    if (!clock.sleep_for(wait, deadline.stop)) break;
    waiting = std::move(again);
  }
  return out;
}

}  // namespace portalkey
