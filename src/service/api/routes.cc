#include "service/api/routes.h"

#include <algorithm>
#include <charconv>

#include "base/utf8.h"
#include "service/api/shapes.h"
#include "service/resources/about.h"
#include "service/resources/imports.h"
#include "service/resources/jobs.h"
#include "service/resources/session.h"
#include "service/resources/tokens.h"
#include "service/resources/users.h"

namespace portalkey {
namespace {

using Kind = Field::Kind;

Field top(std::int64_t most) { return {Kind::number, "top", "At most so many", false, false, false, {}, {}, 1, most}; }
Field after() { return {Kind::text, "after", "`next` of the page before"}; }

std::vector<Field> token_filter() {
  return {{Kind::text, "search", "Begins a serial number or a UPN"},
          {Kind::text, "upn", "Of this user; `none`: of nobody"},
          {Kind::text, "state", "In this state", false, false, false, {"active", "not activated", "unassigned"}},
          {Kind::text, "serialNumber", "Is contained in the serial number"},
          {Kind::text, "manufacturer", "Is contained in the manufacturer's name"},
          {Kind::text, "model", "Is contained in the model"}};
}

template <class... More>
std::vector<Field> with(std::vector<Field> fields, More... more) {
  (fields.push_back(more), ...);
  return fields;
}

/// What a write that becomes a job answers.
std::vector<Answer> job_answers() {
  return {{200, "The job at its end, with its tokens; or what a preview found", &shapes::job_or_outcomes()},
          {202, "The job goes on", &shapes::job()}};
}

std::vector<Route> make_routes() {
  std::vector<Route> all;
  const auto add = [&](Route route) { all.push_back(std::move(route)); };
  constexpr std::string_view kTokens = "/v1/tenants/{tenant}/tokens";
  constexpr std::string_view kToken = "/v1/tenants/{tenant}/tokens/{serialNumber}";

  add({.method = "GET",
       .path = "/healthz",
       .id = "getHealth",
       .summary = "Whether the process answers",
       .open = true,
       .answers = {{200, "It does", &shapes::status()}},
       .handle = get_health});
  add({.method = "GET",
       .path = "/readyz",
       .id = "getReadiness",
       .summary = "Whether the service can do its work",
       .open = true,
       .answers = {{200, "It can", &shapes::status()}, {503, "What is missing", &shapes::status()}},
       .handle = get_readiness});
  add({.method = "GET",
       .path = "/metrics",
       .id = "getMetrics",
       .summary = "Figures for Prometheus",
       .right = Right::audit_read,
       .answers = {{200, "The figures", nullptr, "text/plain"}},
       .handle = get_metrics});
  add({.method = "GET",
       .path = "/openapi.json",
       .id = "getOpenApi",
       .summary = "This document",
       .open = true,
       .answers = {{200, "OpenAPI 3.1"}},
       .handle = get_openapi});
  add({.method = "GET",
       .path = "/v1/me",
       .id = "getMe",
       .summary = "Who calls, and what they may do",
       .answers = {{200, "The caller", &shapes::me()}},
       .handle = get_me});
  add({.method = "GET",
       .path = "/v1/tenants",
       .id = "listTenants",
       .summary = "The tenants that the caller may work in",
       .answers = {{200, "The tenants", &shapes::tenants()}},
       .handle = list_tenants});
  add({.method = "GET",
       .path = "/v1/audit",
       .id = "searchAudit",
       .summary = "What was asked for and done, the newest first",
       .right = Right::audit_read,
       .query = {{Kind::text, "tenant", "Of this tenant"},
                 {Kind::text, "action", "Only this action"},
                 {Kind::text, "serialNumber", "About this token"},
                 {Kind::text, "upn", "About this user"},
                 {Kind::text, "job", "Of this job"},
                 {Kind::text, "caller", "By this caller: id or name"},
                 {Kind::text, "from", "Not before this time", false, false, false, {}, "date-time"},
                 {Kind::text, "until", "Before this time", false, false, false, {}, "date-time"},
                 {Kind::number, "before", "`next` of the page before", false, false, false, {}, {}, 1, INT64_MAX},
                 top(1000)},
       .answers = {{200, "Entries", &shapes::audit_page()}},
       .handle = search_audit});

  add({.method = "GET",
       .path = kTokens,
       .id = "listTokens",
       .summary = "The tenant's tokens, from the mirror",
       .description = "`asOf` is when the tenant was last read whole.",
       .right = Right::tokens_read,
       .query = with(token_filter(),
                     Field{Kind::text,
                           "orderBy",
                           "A column, with `:desc` behind it downwards",
                           false,
                           false,
                           false,
                           {"serial", "serial:desc", "upn", "upn:desc", "state", "state:desc", "interval", "interval:desc",
                            "manufacturer", "manufacturer:desc", "model", "model:desc"}},
                     top(500), after()),
       .answers = {{200, "A page", &shapes::token_page()}},
       .handle = list_tokens});
  add({.method = "POST",
       .path = kTokens,
       .id = "addToken",
       .summary = "Put one token into the tenant, give it to its user and activate it",
       .right = Right::imports_write,
       .writes = true,
       .body = &shapes::new_token(),
       .answers = job_answers(),
       .handle = add_token});
  add({.method = "GET",
       .path = "/v1/tenants/{tenant}/token-counts",
       .id = "countTokens",
       .summary = "How many tokens there are, by state",
       .right = Right::tokens_read,
       .query = token_filter(),
       .answers = {{200, "The counts", &shapes::token_counts()}},
       .handle = count_tokens});
  add({.method = "GET",
       .path = kToken,
       .id = "getToken",
       .summary = "One token as the tenant has it now, and its story",
       .right = Right::tokens_read,
       .answers = {{200, "The token", &shapes::known_token()}},
       .handle = get_token});
  add({.method = "DELETE",
       .path = kToken,
       .id = "removeToken",
       .summary = "Take a token out of the tenant",
       .right = Right::tokens_write,
       .writes = true,
       .answers = job_answers(),
       .handle = remove_token});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/tokens/{serialNumber}/assign",
       .id = "assignToken",
       .summary = "Give a token that is there to a user",
       .right = Right::tokens_write,
       .writes = true,
       .body = &shapes::assignment(),
       .answers = job_answers(),
       .handle = assign_token});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/tokens/{serialNumber}/unassign",
       .id = "unassignToken",
       .summary = "Take a token from its user and keep it",
       .right = Right::tokens_write,
       .writes = true,
       .answers = job_answers(),
       .handle = unassign_token});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/tokens/{serialNumber}/activate",
       .id = "activateToken",
       .summary = "Activate a token, with the code it shows or with its secret key",
       .right = Right::tokens_write,
       .writes = true,
       .body = &shapes::activation(),
       .answers = {{200, "The token; or the job at its end, with its tokens", &shapes::job_or_outcomes()},
                   {202, "The job goes on", &shapes::job()}},
       .handle = activate_token});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/tokens/{serialNumber}/replace",
       .id = "replaceToken",
       .summary = "Give a user another token for this one, which goes when the other is active",
       .right = Right::imports_write,
       .writes = true,
       .body = &shapes::replacement(),
       .answers = job_answers(),
       .handle = replace_token});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/tokens/{serialNumber}/check",
       .id = "checkToken",
       .summary = "Whether a device's code fits a secret key, and how far off its clock is",
       .description = "Nothing is sent to the tenant.",
       .right = Right::tokens_read,
       .body = &shapes::code_check(),
       .answers = {{200, "What the codes say", &shapes::checked_code()}},
       .handle = check_token});

  add({.method = "GET",
       .path = "/v1/tenants/{tenant}/users/{upn}",
       .id = "getUser",
       .summary = "A user's tokens and free places",
       .right = Right::tokens_read,
       .answers = {{200, "The user", &shapes::user()}},
       .handle = get_user});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/users/{upn}/leave",
       .id = "userLeaves",
       .summary = "Take a user's tokens, for somebody who leaves",
       .right = Right::tokens_write,
       .writes = true,
       .body = &shapes::leaving(),
       .body_optional = true,
       .answers = job_answers(),
       .handle = user_leaves});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/users-without-token",
       .id = "usersWithoutToken",
       .summary = "Who of these users has no token",
       .right = Right::tokens_read,
       .body = &shapes::user_list(),
       .answers = {{200, "Those who have none", &shapes::users()}},
       .handle = users_without_token});

  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/imports",
       .id = "startImport",
       .summary = "Import tokens: rows, or a seed file of any format that portalkey reads",
       .description = "As JSON with the rows or the file in base64, or as multipart/form-data with the part `file`, and, if "
                      "need be, a list `people` of who gets which token.",
       .right = Right::imports_write,
       .writes = true,
       .query =
           {{Kind::text, "until", "Of a form: stop when the tokens are uploaded", false, false, false, {"active", "uploaded"}},
            {Kind::flag, "again", "Of a form: tokens that were taken away may come back"},
            {Kind::flag, "preview", "Of a form: change nothing"}},
       .body = &shapes::import(),
       .other_bodies = true,
       .answers = job_answers(),
       .handle = start_import});

  add({.method = "GET",
       .path = "/v1/tenants/{tenant}/jobs",
       .id = "listJobs",
       .summary = "Jobs, the newest first",
       .right = Right::tokens_read,
       .query =
           {{Kind::text, "state", "In this state", false, false, false, {"open", "done", "cancelled", "planned", "queued"}},
            top(500),
            after()},
       .answers = {{200, "A page", &shapes::job_page()}},
       .handle = list_jobs});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/jobs",
       .id = "startJob",
       .summary = "Assign, unassign or remove many tokens, or take leavers' tokens",
       .description = "For a list of tokens or for all that fit a filter. With `preview` nothing is changed.",
       .right = Right::tokens_write,
       .writes = true,
       .body = &shapes::job_of_tokens(),
       .answers = job_answers(),
       .handle = start_job_of_tokens});
  add({.method = "GET",
       .path = "/v1/tenants/{tenant}/jobs/{job}",
       .id = "getJob",
       .summary = "How a job is",
       .right = Right::tokens_read,
       .answers = {{200, "The job", &shapes::job()}},
       .handle = get_job});
  add({.method = "GET",
       .path = "/v1/tenants/{tenant}/jobs/{job}/result",
       .id = "getJobResult",
       .summary = "What became of a job, when it has ended",
       .description = "A `ticket` from a `Location` header stands for a caller.",
       .right = Right::tokens_read,
       .query = {{Kind::text, "ticket", "From a Location header"}},
       .answers = job_answers(),
       .handle = get_job_result});
  add({.method = "GET",
       .path = "/v1/tenants/{tenant}/jobs/{job}/tokens",
       .id = "listJobTokens",
       .summary = "What became of each token of a job, and why",
       .right = Right::tokens_read,
       .query = {top(1000), {Kind::number, "after", "`next` of the page before", false, false, false, {}, {}, 0, INT64_MAX}},
       .answers = {{200, "A page", &shapes::outcome_page()}},
       .handle = get_job_tokens});
  add({.method = "GET",
       .path = "/v1/tenants/{tenant}/jobs/{job}/events",
       .id = "watchJob",
       .summary = "A job's events as they come (server-sent events)",
       .description = "`Last-Event-ID` goes on where one was cut off.",
       .right = Right::tokens_read,
       .answers = {{200, "Events", nullptr, "text/event-stream"}},
       .handle = get_job_events});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/jobs/{job}/cancel",
       .id = "cancelJob",
       .summary = "End a job and wipe its secret keys",
       .right = Right::tokens_write,
       .writes = true,
       .answers = job_answers(),
       .handle = cancel_job});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/jobs/{job}/resume",
       .id = "resumeJob",
       .summary = "Go on with a job that stopped or failed in part",
       .right = Right::tokens_write,
       .writes = true,
       .answers = job_answers(),
       .handle = resume_job});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/jobs/{job}/undo",
       .id = "undoJob",
       .summary = "Take back what a job did, as far as it can be",
       .right = Right::tokens_write,
       .writes = true,
       .answers = job_answers(),
       .handle = undo_job});

  add({.method = "GET",
       .path = "/v1/tenants/{tenant}/session",
       .id = "getSession",
       .summary = "The service account's session and what ends it",
       .right = Right::session_manage,
       .answers = {{200, "The session", &shapes::session()}},
       .handle = get_session});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/session/rotate",
       .id = "rotateSession",
       .summary = "Renew the session now",
       .right = Right::session_manage,
       .writes = true,
       .answers = {{200, "The session", &shapes::rotated()}},
       .handle = rotate_session});
  add({.method = "GET",
       .path = "/v1/tenants/{tenant}/portal/operations",
       .id = "listPortalOperations",
       .summary = "The documented reads of the portal's API",
       .right = Right::portal_invoke,
       .query = {{Kind::text, "search", "A word in name, path or description"}},
       .answers = {{200, "Reads", &shapes::portal_operations()}},
       .handle = portal_operations});
  add({.method = "POST",
       .path = "/v1/tenants/{tenant}/portal/call",
       .id = "callPortal",
       .summary = "Call the portal's API: a documented read, or what the settings allow",
       .right = Right::portal_invoke,
       .writes = true,
       .body = &shapes::portal_call(),
       .answers = {{200, "The portal's answer"}},
       .handle = call_portal_api});
  return all;
}

/// Nothing where it is no percent-encoding of UTF-8 text without control characters.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(text[i]);
    if (c == '%') {
      if (i + 2 >= text.size()) return {};
      unsigned value = 0;
      const auto [rest, wrong] = std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
      if (wrong != std::errc() || rest != text.data() + i + 3) return {};
      c = static_cast<unsigned char>(value);
      i += 2;
    }
    if (c < 0x20 || c == 0x7f) return {};
    out += static_cast<char>(c);
  }
  for (std::string_view rest = out; !rest.empty();) {
    const auto size = utf8_character(rest).size;
    if (size == 0) return {};
    rest.remove_prefix(size);
  }
  return out;
}

/// Whether the path fits; fills in what stands in braces.
bool fits(std::string_view pattern, std::string_view path, std::map<std::string, std::string>& values) {
  values.clear();
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = pattern.substr(0, std::min(pattern.find('/', 1), pattern.size()));
    const auto given = path.substr(0, std::min(path.find('/', 1), path.size()));
    if (wanted.starts_with("/{")) {
      if (given.size() < 2) return false;
      auto value = decoded(given.substr(1));
      if (value.empty()) return false;
      values[std::string(wanted.substr(2, wanted.size() - 3))] = std::move(value);
    } else if (wanted != given) {
      return false;
    }
    pattern.remove_prefix(wanted.size());
    path.remove_prefix(given.size());
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::span<const Route> routes() {
  static const std::vector<Route> all = make_routes();
  return all;
}

const Route* find_route(std::string_view method, std::string_view target, std::map<std::string, std::string>& values,
                        std::string& allowed) {
  const std::string_view path = target.substr(0, target.find('?'));
  for (const auto& route : routes()) {
    if (!fits(route.path, path, values)) continue;
    if (route.method == method || (method == "HEAD" && route.method == "GET")) return &route;
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  values.clear();
  return nullptr;
}

}  // namespace portalkey
