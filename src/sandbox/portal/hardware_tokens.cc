// /MultiFactorAuthentication/HardwareToken: upload, listUploads, users, enable, remove.

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/time_text.h"
#include "otp/base32.h"
#include "sandbox/portal/call.h"
#include "sandbox/portal/portal.h"
#include "sandbox/wire/json.h"
#include "sandbox/world/oath_codes.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kRoot = "/multifactorauthentication/hardwaretoken/";
constexpr std::string_view kHeader = "upn,serial number,secret key,time interval,manufacturer,model";
constexpr std::size_t kPageSize = 25;
constexpr int kTokensPerUser = 5;
constexpr std::int64_t kUploadKept = 30LL * 86400 * 1000;
constexpr std::string_view kDoneImage =
    "https://iam.hosting.portal.azure.net/iam/Content/Images/Directories/directoryDeletionRequirementMet.svg";

HttpResponse bad_request(const PortalCall& call, std::string message) {
  return portal_error(call, {400, "BadRequest", std::move(message)});
}

HttpResponse upload_refused(const PortalCall& call, std::string message) {
  return portal_error(call, {400, "BadRequest", std::move(message), "ClientException", "hardwareTokenUploadValidationFailure"});
}

/// In older instructions an apostrophe is doubled, in newer ones it is not; both name the same account.
std::string without_doubled_quotes(std::string_view upn) {
  std::string out;
  for (std::size_t i = 0; i < upn.size(); ++i) {
    out += upn[i];
    if (upn[i] == '\'' && i + 1 < upn.size() && upn[i + 1] == '\'') ++i;
  }
  return out;
}

/// How many columns the rows below this header line have; 0: it is not taken. Public scripts also write it in capitals,
/// `timeinterval` in one word (as Microsoft's page once did), and a seventh column `enabled`, as downloads have.
std::size_t columns_below(std::string_view line, bool exact) {
  if (line == kHeader) return 6;
  if (exact) return 0;
  std::string header = lower(line);
  if (const auto at = header.find("timeinterval"); at != std::string::npos) header.insert(at + 4, " ");
  if (header == kHeader) return 6;
  return header == std::string(kHeader) + ",enabled" ? 7 : 0;
}

/// Reads the whole CSV. The text of a validation failure, which refuses the upload at once; empty if it is well formed.
std::string read_rows(std::string_view text, bool exact_header, std::vector<UploadRow>& rows) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::int64_t line_number = 0;
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++line_number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (columns == 0) {
      columns = columns_below(line, exact_header);
      if (columns == 0) return "The header row is not valid. Expected: " + std::string(kHeader);
      continue;
    }
    if (trimmed(line).empty()) continue;
    std::vector<std::string> fields;
    for (;;) {
      const auto comma = line.find(',');
      fields.emplace_back(trimmed(line.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      line.remove_prefix(comma + 1);
    }
    if (fields.size() != columns)
      return "Row " + std::to_string(line_number) + " does not have " + (columns == 6 ? "six" : "seven") + " columns.";
    UploadRow row{line_number, without_doubled_quotes(fields[0]), fields[1], fields[2], fields[3], fields[4], fields[5], {}};
    const std::string where = " for: " + row.upn + ", serial number: " + row.serial;
    if (row.base32.empty()) return "The secret key is missing" + where;
    if (row.base32.size() > 128) return "The secret key is longer than 128 characters" + where;
    if (row.base32.find('=') != std::string::npos) return "Invalid base32 encoding due to illegal character =" + where;
    if (const auto key = decode_base32(row.base32); !key) {
      return key.error().kind == Base32Error::Kind::illegal_character
                 ? "Invalid base32 encoding due to illegal character " + std::string(1, key.error().character) + where
                 : "Invalid base32 encoding due to illegal length" + where;
    }
    rows.push_back(std::move(row));
  }
  if (columns == 0) return "The header row is not valid. Expected: " + std::string(kHeader);
  return {};
}

HttpResponse upload(PortalCall& call) {
  World& world = call.world;
  if (!call.administers()) return portal_forbidden(call);
  if (!world.options.premium_licence) {
    return portal_error(call, {403, "Forbidden",
                               "Your organization needs a Microsoft Entra ID P1 or P2 license to upload hardware OATH tokens.",
                               "AuthorizationException"});
  }
  const auto body = parse_json_object(call.request.body);
  const auto content = body ? string_member(*body, "content") : std::nullopt;
  const auto name = body ? string_member(*body, "name") : std::nullopt;
  if (!content || !name || name->empty()) return bad_request(call, "The request is invalid.");
  UploadRecord record;
  if (auto problem = read_rows(*content, world.options.exact_upload_header, record.rows); !problem.empty())
    return upload_refused(call, std::move(problem));
  record.id = world.random.guid();
  record.name = *name;
  record.received = world.clock.milliseconds();
  record.due = record.received + world.options.upload_delay.count();
  world.state.uploads.push_back(std::move(record));
  world.touch();
  return portal_true();
}

/// Why the row's token cannot be, or empty.
std::string judge_row(World& world, const UploadRow& row, const OathTokens& tokens) {
  if (row.interval != "30" && row.interval != "60") return "The time interval must be 30 or 60.";
  if (row.serial.empty()) return "The serial number is missing.";
  const SandboxUser* user = find_user(world, row.upn);
  if (user == nullptr || user->deleted) return "User does not exist in the current directory";
  if (user->guest) return "Hardware tokens cannot be assigned to guest users.";
  if (tokens.find_serial(row.serial, OathOrigin::portal) != nullptr) return "A token with this serial number already exists.";
  if (tokens.count_of_user(lower(user->upn)) >= kTokensPerUser) return "The user already has five tokens.";
  return {};
}

void settle(World& world, UploadRecord& upload) {
  const std::string& outcome = world.state.policy.upload_outcome;
  OathTokens tokens = world.options.upload_all_or_nothing ? world.state.tokens : OathTokens();
  OathTokens& target = world.options.upload_all_or_nothing ? tokens : world.state.tokens;
  bool errors = false;
  for (auto& row : upload.rows) {
    row.error = outcome == "errors" ? "Something went wrong." : judge_row(world, row, target);
    if (row.error.empty()) {
      OathToken token;
      token.id = world.random.guid();
      token.user = lower(find_user(world, row.upn)->upn);
      token.serial = row.serial;
      token.base32 = row.base32;
      token.interval = row.interval == "60" ? 60 : 30;
      token.manufacturer = row.manufacturer;
      token.model = row.model;
      token.assigned = world.clock.seconds();
      target.add(std::move(token));
    } else {
      errors = true;
    }
    row.base32.clear();
  }
  if (world.options.upload_all_or_nothing && !errors) world.state.tokens = std::move(tokens);
  upload.status = errors ? "CompletedWithErrors" : "CompletedWithNoErrors";
}

HttpResponse list_uploads(PortalCall& call) {
  if (!call.may_read_tokens()) return portal_forbidden(call);
  json::array items;
  for (auto upload = call.world.state.uploads.rbegin(); upload != call.world.state.uploads.rend(); ++upload) {
    items.push_back({{"id", upload->id},
                     {"fileName", upload->name},
                     {"fileProcessingStatus", upload->status},
                     {"uploadedDateTime", iso_time(from_unix_seconds(upload->received / 1000))}});
  }
  if (call.world.options.list_uploads_items) return json_answer(200, {{"items", std::move(items)}});
  return json_answer(200, std::move(items));
}

HttpResponse delete_upload(PortalCall& call, std::string_view id) {
  if (!call.administers()) return portal_forbidden(call);
  const auto removed = std::erase_if(call.world.state.uploads, [&](const auto& upload) { return upload.id == id; });
  if (removed == 0) return portal_error(call, {404, "ResourceNotFound", "The upload was not found."});
  call.world.touch();
  return portal_true();
}

json::object row_of(const PortalCall& call, const OathToken& token) {
  const auto user = call.world.state.users.find(token.user);
  const bool known = user != call.world.state.users.end();
  return {{"oathId", token.id},
          {"objectId", known ? user->second.oid : ""},
          {"upn", known ? user->second.upn : token.user},
          {"displayName", known ? user->second.display_name : ""},
          {"serialNumber", token.serial},
          {"timeInterval", token.interval},
          {"manufacturer", token.manufacturer},
          {"model", token.model},
          {"enabled", token.enabled},
          {"enableAction", token.enabled ? "Disable" : "Activate"},
          {"enabledImg", token.enabled ? kDoneImage : ""}};
}

struct Filter {
  std::string upn;  ///< lower case; what UPNs begin with
  std::optional<bool> enabled;
  bool passes(const OathToken& token) const {
    return (upn.empty() || token.user.starts_with(upn)) && (!enabled || token.enabled == *enabled);
  }
};

/// The text of a refusal, or empty.
std::string read_filter(const HttpRequest& request, Filter& filter) {
  const std::string_view upn = request.parameter("upn").value_or("");
  if (std::ranges::count(without_doubled_quotes(upn), '\'') * 2 != std::ranges::count(upn, '\'')) {
    return "The filter is not valid: a single quote must be doubled.";
  }
  filter.upn = lower(without_doubled_quotes(upn));
  const std::string enabled = lower(request.parameter("enabledFilter").value_or(""));
  if (!enabled.empty() && enabled != "true" && enabled != "false") return "The value of enabledFilter is not valid.";
  if (!enabled.empty()) filter.enabled = enabled == "true";
  return {};
}

HttpResponse users(PortalCall& call) {
  if (!call.may_read_tokens()) return portal_forbidden(call);
  Filter filter;
  if (auto problem = read_filter(call.request, filter); !problem.empty()) return bad_request(call, std::move(problem));
  std::int64_t after = 0;
  if (const auto token = call.request.parameter("skipToken"); token && !token->empty()) {
    const auto decoded = decode_base64url(*token);
    const auto parsed = decoded && decoded->starts_with("after:")
                            ? std::from_chars(decoded->data() + 6, decoded->data() + decoded->size(), after)
                            : std::from_chars_result{nullptr, std::errc::invalid_argument};
    if (parsed.ec != std::errc{}) return bad_request(call, "The skip token is not valid.");
  }
  json::array items;
  json::value next = nullptr;
  std::int64_t last = 0;
  const auto& all = call.world.state.tokens.all();
  for (auto token = all.upper_bound(after); token != all.end(); ++token) {
    if (!filter.passes(token->second)) continue;
    if (items.size() == kPageSize) {
      next = base64url("after:" + std::to_string(last));
      break;
    }
    items.push_back(row_of(call, token->second));
    last = token->first;
  }
  return json_answer(200, {{"skipToken", next}, {"items", std::move(items)}});
}

HttpResponse download(PortalCall& call) {
  if (!call.may_read_tokens()) return portal_forbidden(call);
  Filter filter;
  if (auto problem = read_filter(call.request, filter); !problem.empty()) return bad_request(call, std::move(problem));
  std::string csv = "upn,serial number,time interval,manufacturer,model,enabled\r\n";
  for (const auto& [sequence, token] : call.world.state.tokens.all()) {
    if (!filter.passes(token)) continue;
    const auto user = call.world.state.users.find(token.user);
    csv += (user == call.world.state.users.end() ? token.user : user->second.upn) + ',' + token.serial + ',' +
           std::to_string(token.interval) + ',' + token.manufacturer + ',' + token.model + ',' +
           (token.enabled ? "true" : "false") + "\r\n";
  }
  return text_answer(200, "text/csv; charset=utf-8", std::move(csv));
}

HttpResponse managed_by_graph(const PortalCall& call) {
  return bad_request(call, "This hardware token is managed through Microsoft Graph.");
}

HttpResponse enable(PortalCall& call) {
  World& world = call.world;
  if (!call.may_activate()) return portal_forbidden(call);
  const auto body = parse_json_object(call.request.body);
  if (!body) return bad_request(call, "The request is invalid.");
  const auto id = string_member(*body, "oathId");
  const auto object_id = string_member(*body, "objectId");
  auto action = string_member(*body, "enableAction");
  if (!action) action = string_member(*body, "@enableAction");
  if (!id || !is_guid(*id)) return bad_request(call, "The request is invalid: oathId is missing.");
  if (!action) return bad_request(call, "The request is invalid: enableAction is missing.");
  OathToken* token = world.state.tokens.find(*id);
  if (token == nullptr) return portal_error(call, {404, "ResourceNotFound", "The hardware token was not found."});
  if (token->origin == OathOrigin::graph) return managed_by_graph(call);
  const SandboxUser* owner = find_user(world, token->user);
  if (!object_id || owner == nullptr || !same_ignoring_case(*object_id, owner->oid)) {
    return bad_request(call, "The request is invalid: objectId is not the token's user.");
  }
  if (same_ignoring_case(*action, "Disable")) {
    token->enabled = false;
    world.touch();
    return portal_true();
  }
  if (same_ignoring_case(*action, "Enable") && token->activated) {
    token->enabled = true;
    world.touch();
    return portal_true();
  }
  if (!same_ignoring_case(*action, "Activate")) return bad_request(call, "The request is invalid: unknown enableAction.");
  if (token->enabled) return portal_true();
  const std::int64_t now = world.clock.milliseconds();
  if (const std::int64_t wait = world.activations.wait(now); wait > 0) {
    auto answer = portal_error(call, {429, "TooManyRequests", "Too many activations. Try again later.", "ThrottlingException"});
    answer.headers.emplace_back("Retry-After", std::to_string((wait + 999) / 1000));
    return answer;
  }
  const auto* code = member(*body, "verificationCode");
  const auto window = world.options.portal_activation_wide ? ActivationWindow::wide : ActivationWindow::narrow;
  const bool is_text = code != nullptr && code->is_string() && code->get_string().size() == 6;
  if (!is_text || !take_activation_code(world, *token, view(code->get_string()), window)) {
    return portal_error(call, {400, "InvalidVerificationCode", "The verification code is not valid. Try again."});
  }
  world.activations.count(now);
  token->enabled = token->activated = true;
  world.touch();
  return portal_true();
}

HttpResponse remove(PortalCall& call) {
  World& world = call.world;
  if (!call.may_activate()) return portal_forbidden(call);
  const auto body = parse_json(call.request.body);
  if (!body) return bad_request(call, "The request is invalid.");
  const json::value* list = &*body;
  if (list->is_object()) {
    if (const auto* items = member(list->get_object(), "items")) list = items;
  }
  const json::array items = list->is_array() ? list->get_array() : json::array{*list};
  std::vector<std::string> ids;
  for (const auto& item : items) {
    const auto id = item.is_object() ? string_member(item.get_object(), "oathId") : std::nullopt;
    if (!id) return bad_request(call, "The request is invalid: oathId is missing.");
    const OathToken* token = world.state.tokens.find(*id);
    if (token == nullptr) return portal_error(call, {404, "ResourceNotFound", "The hardware token was not found."});
    if (token->origin == OathOrigin::graph) return managed_by_graph(call);
    ids.push_back(*id);
  }
  for (const auto& id : ids) world.state.tokens.remove(id);
  world.touch();
  return portal_true();
}

}  // namespace

void settle_uploads(World& world) {
  const std::int64_t now = world.clock.milliseconds();
  const auto old = std::erase_if(world.state.uploads, [&](const auto& upload) { return upload.received + kUploadKept < now; });
  if (old > 0) world.touch();
  if (world.state.policy.upload_outcome == "never") return;
  for (auto& upload : world.state.uploads) {
    if (upload.status != "InProgress" || upload.due > now) continue;
    settle(world, upload);
    world.touch();
  }
}

std::optional<HttpResponse> hardware_tokens(PortalCall& call) {
  if (!call.path.starts_with(kRoot)) return std::nullopt;
  const std::string_view rest = std::string_view(call.path).substr(kRoot.size());
  using Page = HttpResponse (*)(PortalCall&);
  struct Row {
    std::string_view path, method;
    Page page;
  };
  static constexpr Row kPages[] = {{"upload", "POST", upload}, {"listuploads", "GET", list_uploads},
                                   {"users", "GET", users},    {"users/download", "GET", download},
                                   {"enable", "POST", enable}, {"remove", "POST", remove}};
  for (const auto& row : kPages) {
    if (rest == row.path && call.request.method == row.method) return row.page(call);
  }
  if (rest.starts_with("upload/") && call.request.method == "DELETE") return delete_upload(call, rest.substr(7));
  const bool known = std::ranges::find(kPages, rest, &Row::path) != std::end(kPages) || rest.starts_with("upload/");
  if (known) {
    return json_answer(405,
                       {{"message", "The requested resource does not support http method '" + call.request.method + "'."}});
  }
  return std::nullopt;
}

}  // namespace portalkey::sandbox
