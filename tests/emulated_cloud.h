#pragma once
// Microsoft's cloud as the sandbox emulates it, in this process and without sockets: an Http that answers as strictly as the
// sandbox does, on a clock that moves when told.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <optional>

#include "base/ascii.h"
#include "base/percent_encoding.h"
#include "base/random.h"
#include "base/time_text.h"
#include "entra/credentials/app_credentials.h"
#include "http/http.h"
#include "sandbox/emulator.h"

namespace portalkey {

class EmulatedCloud final : public Http {
 public:
  /// A tenant whose app registration may manage hardware tokens through Graph, and whose people sign in at once.
  static sandbox::SandboxOptions usual() {
    sandbox::SandboxOptions options;
    options.auto_approve = true;
    options.grant_graph = true;
    return options;
  }
  explicit EmulatedCloud(sandbox::SandboxOptions options = usual()) {
    // The signing key takes the longest; tests share one, in an otherwise untouched state.
    static std::map<bool, std::string> fresh;  // by whether the subscription is empty
    auto& state = fresh[options.empty_subscription];
    if (state.empty()) {
      const SystemClock real;
      sandbox::SandboxOptions first;
      first.empty_subscription = options.empty_subscription;
      state = sandbox::Emulator::make(std::move(first), real, {})->saved();
    }
    auto made = sandbox::Emulator::make(std::move(options), clock, state);
    EXPECT_TRUE(made);
    emulator_.emplace(std::move(*made));
  }

  Result<Response> send(const Request& request, const Deadline& deadline) override {
    if (deadline.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    if (!request.url.valid()) return std::unexpected(request.url.refusal());
    const auto text = [](const auto& secret) { return secret.reveal([](std::string_view bare) { return std::string(bare); }); };
    HttpRequest asked;
    asked.method = request.method;
    asked.host = std::string(request.url.host());
    set_target(asked, request.url.text());
    for (const auto& [name, value] : request.headers) asked.headers.emplace_back(lower(name), value);
    if (!request.bearer.empty()) asked.headers.emplace_back("authorization", "Bearer " + text(request.bearer));
    asked.body = request.late_body ? text(request.late_body()) : text(request.body);
    asked.peer = "127.0.0.1";
    Response response;
    response.sent = clock.now();
    const auto answer = emulator_->handle(asked);
    ++sent;
    if (std::exchange(lose_next, false)) return fail(Errc::unavailable, "the answer was lost");
    response.status = answer.status;
    for (const auto& [name, value] : answer.headers) response.headers.emplace(lower(name), value);
    if (response.header("date").empty()) response.headers.emplace("date", http_date(clock.now()));
    response.body = Secret(answer.body);
    response.received = clock.now();
    return response;
  }

  Deadline deadline() const { return Deadline::in(std::chrono::minutes(5), clock); }
  std::string tenant() { return emulator_->world().state.tenant_id; }
  /// The app registration `portalkey`.
  std::unique_ptr<Credential> app() {
    const auto& own = sandbox::own_app(emulator_->world());
    return make_client_secret_credential(
        {TokenEndpoint(*this, *find_cloud("global"), tenant(), clock, random), own.client_id},
        [password = own.passwords.front().secret] { return Result<Secret>(Secret(password)); }, clock);
  }
  /// An access token of the service account for the portal's API.
  Secret portal_token() {
    const std::string base = "https://login.microsoftonline.com/" + tenant() + "/oauth2/";
    const std::string who =
        fmt::format("client_id={}&resource={}", std::string(sandbox::kAzurePowerShell), find_cloud("global")->portal_resource);
    const auto code = post_form(base + "devicecode", who).at("device_code");
    const auto answer = post_form(base + "token", who + "&grant_type=device_code&code=" + std::string(code.as_string()));
    return Secret(std::string_view(answer.at("access_token").as_string()));
  }

  ManualClock clock{from_unix_seconds(1'767'225'600)};
  Random random{1};
  int sent = 0;
  bool lose_next = false;  ///< the answer of the next request, which is carried out

 private:
  boost::json::object post_form(const std::string& url, const std::string& form) {
    Request request;
    request.method = "POST";
    request.url = Url(url);
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = {Secret(form), {}};
    auto answer = send(request, deadline());
    EXPECT_TRUE(answer && answer->status == 200) << url;
    return answer->body.reveal([](std::string_view text) { return boost::json::parse(text).as_object(); });
  }

  std::optional<sandbox::Emulator> emulator_;
};

}  // namespace portalkey
