#pragma once
// A tenant whose backends answer from memory, and seed files for it.

#include <fmt/format.h>

#include <boost/json.hpp>
#include <fstream>

#include "tests/app/tenant_world.h"
#include "tests/jobs/fake_portal.h"

namespace portalkey {

/// Entra, the portal, and of Graph an inventory of tokens that nobody has.
class FakeMicrosoft final : public Http {
 public:
  explicit FakeMicrosoft(ManualClock& clock) : portal(clock) {}

  Result<Response> send(const Request& request, const Deadline& deadline) override {
    if (request.url.host() == "login.microsoftonline.com") {
      const auto token =
          unsigned_jwt(R"({"upn":"svc@contoso.com","oid":"0001","tid":"11111111-2222-3333-4444-555555555555","scp":"x"})");
      return answer(R"({"access_token":")" + token + R"(","refresh_token":"RT","expires_in":40000})");
    }
    if (request.url.text().contains("/AccountSkus")) return answer("[]");  // no licence at all
    if (request.url.text().contains("/users?$filter=")) return answer(users_asked_for(request.url));
    if (request.url.host() != "graph.microsoft.com") {
      if (on_upload && request.url.text().ends_with("/upload")) on_upload();
      return portal.send(request, deadline);
    }
    if (request.method == "GET") return answer(serialize(boost::json::object{{"value", devices}}));
    boost::json::array responses;
    const auto batch = request.body.reveal([](std::string_view text) { return boost::json::parse(text); });
    for (const auto& one : batch.at("requests").as_array()) {
      auto device = one.at("body").as_object();
      device.erase("secretKey");
      device["id"] = fmt::format("d{}", devices.size());
      device["status"] = "available";
      responses.push_back({{"id", one.at("id")}, {"status", 201}, {"body", device}});
      devices.push_back(std::move(device));
    }
    return answer(serialize(boost::json::object{{"responses", std::move(responses)}}));
  }

  FakePortal portal;
  /// Before the portal takes a file. The journal has no transaction open then, so another store can be used on this thread.
  std::function<void()> on_upload;
  boost::json::array devices;  ///< Graph's

 private:
  /// Everybody is there, a member.
  static std::string users_asked_for(const Url& url) {
    boost::json::array users;
    boost::urls::url asked(url.text());
    const std::string filter((*asked.params().find("$filter")).value);
    for (auto at = filter.find('\''); at != std::string::npos; at = filter.find('\'', at)) {
      const auto end = filter.find('\'', at + 1);
      const auto upn = filter.substr(at + 1, end - at - 1);
      users.push_back({{"id", "id-of-" + upn.substr(0, upn.find('@'))},
                       {"userPrincipalName", upn},
                       {"userType", "Member"},
                       {"accountEnabled", true}});
      at = end + 1;
    }
    return serialize(boost::json::object{{"value", std::move(users)}});
  }
  static Response answer(const std::string& body) {
    Response response;
    response.status = 200;
    response.body = Secret(body);
    return response;
  }
};

struct JobsWorld : TenantWorld {
  explicit JobsWorld(Backend backend = Backend::portal) : tenant(profile_of(backend), around()) { sign_in(tenant); }

  Profile profile_of(Backend backend) const {
    Profile out = profile();
    out.backend = backend;
    return out;
  }
  Surroundings around() {
    auto out = surroundings(&microsoft);
    out.environment = environment_of({{"PORTALKEY_PASSPHRASE", "five words taken at random"},
                                      {"AZURE_TENANT_ID", kTestTenant},
                                      {"AZURE_CLIENT_ID", "22222222-2222-3333-4444-555555555555"},
                                      {"AZURE_CLIENT_SECRET", "of the tests"}});
    out.stop = interrupt.get_token();
    return out;
  }

  /// A seed file with these rows after its header: `upn,serial,secret,interval,hash`.
  std::string seeds(std::initializer_list<std::string> rows) const {
    const auto path = (folder / "seeds.csv").string();
    std::ofstream out(path);
    out << "upn,serial number,secret key,time interval,hash\n";
    for (const auto& row : rows) out << row << "\n";
    return path;
  }
  /// A usable row for seeds(), the n-th: of user N, or of nobody.
  static std::string row(int n, bool with_user = true) {
    return fmt::format("{},T{:04},GEZDGNBVGY3TQOJQGEZDGNBVGY3TQ{}{}Q,30,SHA1",
                       with_user ? fmt::format("user{}@contoso.com", n) : "", n, static_cast<char>('A' + n / 26),
                       static_cast<char>('A' + n % 26));
  }
  std::vector<Job> journal() { return *every_job(**tenant.jobs()); }

  FakeMicrosoft microsoft{clock};
  FakePortal& portal = microsoft.portal;
  std::stop_source interrupt;
  Tenant tenant;
};

inline std::vector<TokenOutcome::State> states(const std::vector<TokenOutcome>& tokens) {
  std::vector<TokenOutcome::State> out;
  for (const auto& token : tokens) out.push_back(token.state);
  return out;
}

}  // namespace portalkey
