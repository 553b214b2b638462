#include "directory/portal/portal_tokens.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "base/ascii.h"
#include "base/foreign_text.h"
#include "base/percent_encoding.h"
#include "base/secret_json.h"
#include "base/visible_text.h"
#include "http/another_answer.h"
#include "http/pages.h"
#include "seeds/write/entra_csv.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr std::string_view kBase = "/api/MultiFactorAuthentication/HardwareToken/";

Result<json::value> parse(const Response& response) {
  boost::system::error_code problem;
  json::value out;
  response.body.reveal([&](std::string_view body) { out = parse_secret_json(body, problem); });
  if (problem) return std::unexpected(another_answer("the portal API", response));
  return out;
}

std::string text(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr) return {};
  if (value->is_string()) return visible_text(value->get_string());
  return value->is_int64() ? std::to_string(value->get_int64()) : std::string();
}

TenantToken token_of(const json::object& item) {
  TenantToken token;
  token.oath_id = text(item, "oathId");
  token.user_id = text(item, "objectId");
  token.upn = held_upn(text(item, "upn"));
  token.display_name = text(item, "displayName");
  token.serial = text(item, "serialNumber");
  token.manufacturer = text(item, "manufacturer");
  token.model = text(item, "model");
  const std::string interval = text(item, "timeInterval");
  if (int step = 0; std::from_chars(interval.data(), interval.data() + interval.size(), step).ec == std::errc())
    token.step = step;
  const auto* enabled = item.if_contains("enabled");
  token.active = enabled != nullptr && enabled->is_bool() && enabled->get_bool();
  return token;
}

UploadStatus::State state_of(std::string_view reported) {
  const std::string word = lower(reported);
  if (word.starts_with("completed")) {
    const bool clean = word == "completed" || word.contains("noerror");
    return clean ? UploadStatus::State::completed : UploadStatus::State::completed_with_errors;
  }
  if (word.contains("fail") || word.contains("error")) return UploadStatus::State::failed;
  return UploadStatus::State::running;  // the names of the running states are not recorded
}

}  // namespace

Secret entra_csv(std::span<const TokenSeed* const> tokens) {
  std::string csv(kEntraCsvHeader);
  std::size_t bound = csv.size();
  for (const auto* token : tokens) {
    bound +=
        token->upn.size() + token->serial.size() + token->base32.size() + token->manufacturer.size() + token->model.size() + 64;
  }
  csv.reserve(bound);  // a larger copy would leave the smaller one behind
  for (const auto* token : tokens) append_entra_csv_row(csv, *token);
  Secret out(csv);
  wipe(csv);
  return out;
}

Result<void> PortalTokens::each(const TokenFilter& filter, const Deadline& deadline,
                                const std::function<void(TenantToken)>& take) {
  std::string skip;
  PageCount pages("the portal API", kTokenPages, skip);
  do {
    // All three parameters are always sent, also when empty, as the portal's own scripts do.
    PortalCall call;
    std::string upn;
    for (const char c : filter.upn) upn += c == '\'' ? "''" : std::string(1, c);
    call.path = fmt::format("{}users?skipToken={}&upn={}&enabledFilter={}", kBase, percent_encode(skip), percent_encode(upn),
                            filter.active ? (*filter.active ? "true" : "false") : "");
    auto response = api_.call(std::move(call), deadline);
    if (!response) return pass(response);
    auto page = parse(*response);
    if (!page) return pass(page);
    const auto* items = page->is_object() ? page->get_object().if_contains("items") : nullptr;
    if (items == nullptr || !items->is_array()) {
      return fail(Errc::unavailable, "the portal API's list of tokens has another shape than recorded",
                  "The API is unsupported and may have changed.");
    }
    for (const auto& item : items->get_array()) {
      if (!item.is_object()) continue;
      auto token = token_of(item.get_object());
      // The service may match more than the whole name; its rules are not recorded.
      if (filter.upn.empty() || same_ignoring_case(token.upn, filter.upn)) take(std::move(token));
    }
    skip = text(page->get_object(), "skipToken");
    if (auto on = pages.take(items->get_array().size(), response->body.size(), skip); !on) return on;
  } while (!skip.empty());
  return {};
}

Result<std::optional<TenantToken>> PortalTokens::again(const TenantToken& token, const Deadline& deadline) {
  auto listed = list({.upn = token.upn, .active = std::nullopt}, deadline);
  if (!listed) return pass(listed);
  for (auto& one : *listed) {
    if (one.oath_id == token.oath_id) return std::move(one);
  }
  return std::nullopt;
}

Result<void> PortalTokens::upload(const std::string& name, std::span<const TokenSeed* const> tokens, const Deadline& deadline) {
  asks_for_a_change();
  json::object body{{"id", nullptr}, {"mimeType", "application/vnd.ms-excel"}, {"name", name}};
  entra_csv(tokens).reveal([&](std::string_view csv) { body["content"] = csv; });
  PortalCall call;
  call.method = "POST";
  call.path = std::string(kBase) + "upload";
  std::vector<Secret> keys;
  for (const auto* token : tokens) keys.push_back(token->base32.clone());
  call.body = {serialize_secret_json(std::move(body)), std::move(keys)};
  call.idempotency = Idempotency::no;
  auto response = api_.call(std::move(call), deadline);
  if (!response) return pass(response);
  const bool refused = response->body.reveal([](std::string_view answer) { return trimmed(answer) == "false"; });
  if (refused) return fail(Errc::invalid_input, "the portal API did not take the upload and gave no reason");
  return {};
}

Result<std::vector<UploadStatus>> PortalTokens::uploads(const Deadline& deadline) {
  PortalCall call;
  call.path = std::string(kBase) + "listUploads";
  auto response = api_.call(std::move(call), deadline);
  if (!response) return pass(response);
  auto parsed = parse(*response);
  if (!parsed) return pass(parsed);
  // A bare array in public scripts, {"items":[…]} in a recording: take both.
  const json::value* list = &*parsed;
  if (list->is_object()) list = list->get_object().if_contains("items");
  if (list == nullptr || !list->is_array()) {
    return fail(Errc::unavailable, "the portal API's list of uploads has another shape than recorded",
                "The API is unsupported and may have changed.");
  }
  std::vector<UploadStatus> uploads;
  for (const auto& item : list->get_array()) {
    if (!item.is_object()) continue;
    UploadStatus upload;
    upload.name = text(item.get_object(), "fileName");
    upload.reported = foreign_text(text(item.get_object(), "fileProcessingStatus"), 64);
    upload.state = state_of(upload.reported);
    uploads.push_back(std::move(upload));
  }
  return uploads;
}

Result<void> PortalTokens::activate(const TenantToken& token, const std::function<std::string()>& code,
                                    const Deadline& deadline) {
  asks_for_a_change();
  PortalCall call;
  call.method = "POST";
  call.path = std::string(kBase) + "enable";
  call.idempotency = Idempotency::no;
  call.late_body = [&token, &code]() -> Body {
    const Secret shown(code());
    json::object body{{"displayName", token.display_name},
                      {"enableAction", "Activate"},
                      {"enabled", false},
                      {"enabledImg", ""},
                      {"manufacturer", token.manufacturer},
                      {"model", token.model},
                      {"oathId", token.oath_id},
                      {"objectId", token.user_id},
                      {"serialNumber", token.serial},
                      {"timeInterval", token.step.value_or(30)},
                      {"upn", token.upn}};
    shown.reveal([&](std::string_view digits) { body["verificationCode"] = digits; });
    return {serialize_secret_json(std::move(body)), secret_list(shown)};
  };
  auto response = api_.call(std::move(call), deadline);
  if (!response) return pass(response);
  const bool refused = response->body.reveal([](std::string_view answer) { return trimmed(answer) == "false"; });
  if (refused) return fail(Errc::invalid_input, "the portal API did not accept the code");
  return {};
}

Result<void> PortalTokens::remove(const TenantToken& token, const Deadline& deadline) {
  asks_for_a_change();
  PortalCall call;
  call.method = "POST";
  call.path = std::string(kBase) + "remove";
  call.idempotency = Idempotency::no;
  call.body = {serialize_secret_json(json::object{
                   {"oathId", token.oath_id}, {"objectId", token.user_id}, {"upn", token.upn}, {"serialNumber", token.serial}}),
               {}};
  auto response = api_.call(std::move(call), deadline);
  if (!response) return pass(response);
  return {};
}

}  // namespace portalkey
