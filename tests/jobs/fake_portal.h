#pragma once
// The tenant's hardware tokens in memory, in virtual time: enough of the portal API for the jobs, and knobs for what goes
// wrong.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <boost/url.hpp>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "base/random.h"
#include "base/time_text.h"
#include "directory/portal/portal_tokens.h"
#include "jobs/model/progress.h"
#include "otp/base32.h"
#include "otp/totp.h"

namespace portalkey {

class FakePortal final : public Http {
 public:
  struct Token {
    std::string serial, upn, base32, oath_id;
    int step = 30;
    bool active = false;
  };

  explicit FakePortal(ManualClock& local) : local_(local) {}

  Result<Response> send(const Request& request, const Deadline&) override {
    local_.advance(std::chrono::milliseconds(20));
    const boost::urls::url url(request.url.text());
    const std::string path(url.path());
    const Body made = request.late_body ? request.late_body() : request.body.clone();
    const std::string body = made.reveal([](std::string_view text) { return std::string(text); });
    if (path.ends_with("/users")) return users(boost::urls::url_view(url));
    if (path.ends_with("/upload")) return upload(body);
    if (path.ends_with("/listUploads")) return list_uploads();
    if (path.ends_with("/enable")) return enable(body);
    if (path.ends_with("/remove")) return remove(body);
    ADD_FAILURE() << "unexpected " << path;
    return answer(404, "");
  }

  WallTime now() const { return local_.now() + offset; }

  std::vector<Token> tokens;
  std::chrono::milliseconds offset{0};  // of the server's clock
  std::set<std::string> refused_upns;   // rows of these users are not created
  bool all_or_nothing = false;          // one refused row refuses its whole upload
  bool never_completes = false;
  int lose_uploads = 0;  // the next uploads arrive, but their answers are lost
  int drop_uploads = 0;  // the next uploads do not arrive
  int lose_activations = 0;
  bool refuse_leading_zero = false;
  int forbid_after = -1;          // activations that are allowed before 403
  int forbid_uploads_after = -1;  // uploads that are allowed before 403
  bool hide_uploads = false;      // the list of uploads cannot be read
  int uploads = 0, removals = 0;
  int drop_removals = 0;         // they do not arrive
  int lose_removals = 0;         // they work, but their answers are lost
  bool ignore_removals = false;  // answered, but not done
  std::function<void()> on_enable;
  std::vector<std::string> codes;                      // every code that was sent
  std::chrono::seconds window{0};                      // how far from now the code of an activation may be
  std::map<std::string, std::chrono::seconds> learnt;  // how far ahead a device's clock is, by its serial number
  std::vector<std::chrono::milliseconds> left_in_step;
  std::vector<WallTime> activation_times;

 private:
  Result<Response> answer(int status, std::string body) const {
    Response response;
    response.status = status;
    response.body = Secret(body);
    response.sent = local_.now() - std::chrono::milliseconds(20);
    response.received = local_.now();
    response.headers.emplace("date", http_date(now()));
    return response;
  }
  static Result<Response> lost() { return fail(Errc::unavailable, "answer lost"); }

  Result<Response> users(const boost::urls::url_view& url) const {
    std::string upn, skip;
    for (const auto& param : url.params()) {
      if (param.key == "upn") upn = param.value;
      if (param.key == "skipToken") skip = param.value;
    }
    boost::json::array items;
    const std::size_t begin = skip.empty() ? 0 : std::stoul(skip);
    std::size_t i = begin;
    for (; i < tokens.size() && items.size() < 25; ++i) {
      const auto& t = tokens[i];
      if (!upn.empty() && t.upn != upn) continue;
      items.push_back({{"oathId", t.oath_id},
                       {"objectId", "user-" + t.upn},
                       {"upn", t.upn},
                       {"serialNumber", t.serial},
                       {"timeInterval", t.step},
                       {"enabled", t.active}});
    }
    boost::json::value next = nullptr;
    if (i < tokens.size()) next = std::to_string(i);
    return answer(200, boost::json::serialize(boost::json::object{{"skipToken", next}, {"items", std::move(items)}}));
  }

  Result<Response> upload(const std::string& body) {
    if (forbid_uploads_after == 0) return answer(403, "");
    if (forbid_uploads_after > 0) --forbid_uploads_after;
    ++uploads;
    if (drop_uploads > 0) {
      --drop_uploads;
      return lost();
    }
    const auto parsed = boost::json::parse(body);
    const std::string csv(parsed.at("content").as_string());
    std::vector<Token> rows;
    bool refused = false;
    for (auto at = csv.find("\r\n") + 2; at < csv.size();) {
      const auto end = csv.find("\r\n", at);
      std::vector<std::string> cells{""};
      for (const char c : csv.substr(at, end - at)) {
        if (c == ',')
          cells.emplace_back();
        else
          cells.back() += c;
      }
      at = end + 2;
      if (refused_upns.contains(cells[0])) {
        refused = true;
        continue;
      }
      rows.push_back({cells[1], cells[0], cells[2], fmt::format("oath-{}", cells[1]), std::stoi(cells[3])});
    }
    if (!(refused && all_or_nothing) && !never_completes) tokens.insert(tokens.end(), rows.begin(), rows.end());
    states_[std::string(parsed.at("name").as_string())] = never_completes ? "InProgress"
                                                          : refused       ? "CompletedWithErrors"
                                                                          : "CompletedWithNoErrors";
    if (lose_uploads > 0) {
      --lose_uploads;
      return lost();
    }
    return answer(200, "true");
  }

  Result<Response> list_uploads() const {
    if (hide_uploads) return answer(503, "");
    boost::json::array out;
    for (const auto& [name, state] : states_) out.push_back({{"fileName", name}, {"fileProcessingStatus", state}});
    return answer(200, boost::json::serialize(out));
  }

  Result<Response> remove(const std::string& body) {
    ++removals;
    if (drop_removals > 0) {
      --drop_removals;
      return lost();
    }
    if (ignore_removals) return answer(200, "true");
    const auto parsed = boost::json::parse(body);
    std::erase_if(tokens, [&](const Token& token) { return token.oath_id == parsed.at("oathId").as_string(); });
    if (lose_removals > 0) {
      --lose_removals;
      return lost();
    }
    return answer(200, "true");
  }

  Result<Response> enable(const std::string& body) {
    if (on_enable) on_enable();
    const auto parsed = boost::json::parse(body);
    const std::string code(parsed.at("verificationCode").as_string());
    codes.push_back(code);
    activation_times.push_back(now());
    if (forbid_after == 0) return answer(403, "");
    if (forbid_after > 0) --forbid_after;
    for (auto& token : tokens) {
      if (token.oath_id != parsed.at("oathId").as_string()) continue;
      const std::chrono::seconds step(token.step);
      left_in_step.push_back(time_left_in_step(now(), step));
      const auto key = decode_base32(token.base32);
      const auto steps = step_of_code(*key, code, step);
      const bool right = steps.has_value();
      if (!right || (refuse_leading_zero && code.starts_with('0'))) return answer(400, R"({"Message":"wrong code"})");
      token.active = true;
      learnt[token.serial] = *steps * step;
      if (lose_activations > 0) {
        --lose_activations;
        return lost();
      }
      return answer(200, "");
    }
    return answer(404, "");
  }

  /// How many steps from now the code is; nullopt: further than `window`.
  std::optional<std::int64_t> step_of_code(const Secret& key, const std::string& code, std::chrono::seconds step) const {
    for (std::int64_t steps = 0; steps * step <= window; ++steps) {
      for (const auto at : {steps, -steps}) {
        if (totp(key, now() + at * step, step) == code) return at;
      }
    }
    return std::nullopt;
  }

  ManualClock& local_;
  std::map<std::string, std::string> states_;
};

struct SilentProgress final : Progress {
  void phase(std::string_view) override {}
  void step(std::size_t, std::size_t, std::chrono::seconds eta, std::string_view states) override {
    longest_eta = std::max(longest_eta, eta);
    if (!states.empty()) last_states = states;
  }
  std::chrono::seconds longest_eta{0};
  std::string last_states;
};

/// Portal, client and clock together; `seeds(n)` makes n distinct tokens of as many users.
struct JobWorld {
  ManualClock clock{from_unix_seconds(1'767'225'607)};
  Random random{1};
  FakePortal portal{clock};
  PortalApi api{portal, "main.iam.ad.ext.azure.com",
                [](const Secret*, const Deadline&) { return Result<Secret>(Secret("AT")); }, clock, random};
  PortalTokens tokens{api};
  SilentProgress progress;

  std::vector<TokenSeed> seeds(std::size_t count) {
    std::vector<TokenSeed> out;
    for (std::size_t i = 0; i < count; ++i) {
      TokenSeed seed;
      seed.line = static_cast<std::int64_t>(i) + 2;
      seed.upn = fmt::format("user{}@contoso.com", i);
      seed.serial = fmt::format("{:07}", i);
      std::string bytes;
      for (int k = 0; k < 20; ++k) bytes += static_cast<char>(random.next());
      seed.base32 = encode_base32(bytes);
      seed.step = i % 2 == 0 ? 30 : 60;
      out.push_back(std::move(seed));
    }
    return out;
  }
};

}  // namespace portalkey
