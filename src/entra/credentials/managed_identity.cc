#include "entra/credentials/managed_identity.h"

#include <fmt/format.h>

#include <array>

#include "base/ascii.h"
#include "base/files.h"
#include "base/first_sentence.h"
#include "base/foreign_text.h"
#include "base/percent_encoding.h"
#include "entra/credentials/cached_credential.h"
#include "entra/oauth/expiry_text.h"
#include "entra/oauth/json_answer.h"
#include "http/another_answer.h"
#include "http/header_text.h"

namespace portalkey {
namespace {

using enum ManagedIdentityHost;
using namespace std::chrono_literals;

constexpr auto kProbeTime = 1s;
constexpr auto kAttemptTime = 10s;
/// Waits between attempts; the last only after 410, for an endpoint under renewal may be away for 70 seconds.
constexpr std::array kWaits{2s, 4s, 8s, 16s, 40s};
constexpr std::size_t kUsualWaits = 4;
constexpr std::string_view kImds = "http://169.254.169.254";
constexpr std::string_view kEndpoint = "the managed identity endpoint";

Result<void> check_endpoint(const ManagedIdentityPlace& place) {
  if (place.endpoint.valid()) return {};
  return fail(Errc::invalid_input,
              fmt::format("{} in the environment is no address of a metadata endpoint: {}; nothing was sent", place.setting,
                          place.endpoint.problem()),
              fmt::format("Correct {}: plain HTTP goes to this machine and its own network only.", place.setting));
}

Deadline sooner(const Deadline& deadline, std::chrono::milliseconds left, const Clock& clock) {
  return {std::min(deadline.at, clock.steady_now() + left), deadline.stop};
}

/// `WWW-Authenticate: Basic realm=/path/to/file.key`
std::string realm(const Response& response) {
  std::string_view text(response.headers.contains("www-authenticate") ? response.headers.find("www-authenticate")->second
                                                                      : std::string_view());
  const auto at = lower(text).find("realm=");
  if (at == std::string::npos) return {};
  text.remove_prefix(at + 6);
  text = trimmed(text.substr(0, text.find(',')));
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) text = text.substr(1, text.size() - 2);
  return std::string(text);
}

class ManagedIdentity final : public CachedCredential {
 public:
  ManagedIdentity(Http& local, ManagedIdentityPlace place, std::string client_id, Clock& clock)
      : CachedCredential(clock), local_(local), place_(std::move(place)), client_id_(std::move(client_id)) {}

  std::string description() const override {
    return client_id_.empty() ? fmt::format("the managed identity of this {}", name_of(place_.host))
                              : fmt::format("the managed identity {} of this {}", client_id_, name_of(place_.host));
  }

 private:
  Result<TokenAnswer> fetch(const std::string& resource, const std::string&, const Deadline& deadline) override {
    if (auto fine = check(); !fine) return pass(fine);
    auto response = send_with_retries(resource, deadline);
    if (!response) return pass(response);
    if (place_.host == azure_arc && response->status == 401) {
      auto key = arc_key(realm(*response));
      if (!key) return pass(key);
      Request repeated = request(resource);
      repeated.secret_headers.emplace_back("Authorization", std::move(*key));
      response = local_.send(repeated, sooner(deadline, kAttemptTime, clock_));
      if (!response) return pass(response);
    }
    if (response->status != 200) return std::unexpected(refusal(*response));
    return decode(*response);
  }

  Result<void> check() const {
    if (place_.host == service_fabric) {
      return fail(Errc::invalid_input, "managed identities of Service Fabric are not supported",
                  "Use a workload identity or a client certificate there.");
    }
    if (auto fine = check_endpoint(place_); !fine) return fine;
    if (!client_id_.empty() && (place_.host == azure_arc || place_.host == cloud_shell)) {
      return fail(Errc::invalid_input,
                  fmt::format("a client id is set, but {} has no user-assigned identities", name_of(place_.host)),
                  "Remove credential.client_id from the profile and AZURE_CLIENT_ID from the environment.");
    }
    return {};
  }

  Request request(const std::string& resource) const {
    const auto query = [&](std::string_view version, std::string_view client_parameter) {
      std::string out = fmt::format("api-version={}&resource={}", version, percent_encode(resource));
      if (!client_id_.empty()) out += fmt::format("&{}={}", client_parameter, percent_encode(client_id_));
      return place_.endpoint.with_query(out);
    };
    Request out;
    switch (place_.host) {
      case app_service:
        out.url = query("2019-08-01", "client_id");
        out.secret_headers.emplace_back("X-IDENTITY-HEADER", place_.key.clone());
        break;
      case app_service_2017:
        out.url = query("2017-09-01", "clientid");
        out.secret_headers.emplace_back("secret", place_.key.clone());
        break;
      case cloud_shell:
        out.method = "POST";
        out.url = place_.endpoint;
        out.headers = {{"Metadata", "true"}, {"Content-Type", "application/x-www-form-urlencoded"}};
        out.body = form_encode({{"resource", resource}});
        break;
      case azure_arc:
        out.url = query("2020-06-01", "client_id");
        out.headers = {{"Metadata", "true"}};
        break;
      case service_fabric:
      case imds:
        out.url = query("2018-02-01", "client_id");
        out.headers = {{"Metadata", "true"}};
        break;
    }
    return out;
  }

  Result<Response> send_with_retries(const std::string& resource, const Deadline& deadline) {
    for (std::size_t attempt = 0;; ++attempt) {
      auto response = local_.send(request(resource), sooner(deadline, kAttemptTime, clock_));
      if (!response && response.error().code != Errc::unavailable) return response;
      const int status = response ? response->status : 0;
      const bool passing = status == 0 || status == 404 || status == 410 || status == 429 || status >= 500;
      const bool more = attempt < kUsualWaits || (status == 410 && attempt < kWaits.size());
      if (!passing || !more || clock_.steady_now() + kWaits[attempt] >= deadline.at) {
        if (!response) return std::unexpected(absent(std::move(response).error()));
        return response;
      }
      if (!clock_.sleep_for(kWaits[attempt], deadline.stop)) return fail(Errc::cancelled, "interrupted");
    }
  }

  Error absent(Error error) const {
    error.what = fmt::format("no managed identity answers on this machine ({})", error.what);
    error.remedy =
        "If this is no machine of Azure's, choose another credential; otherwise check that nothing (a firewall, a container's "
        "network) keeps this program from the metadata endpoint.";
    return std::move(error).with("endpoint", place_.endpoint.text());
  }

  /// The file that Azure Arc's agent names proves who may read it. Nothing but such a file is ever read and sent.
  Result<Secret> arc_key(const std::filesystem::path& file) const {
    const auto refuse = [&](std::string what) {
      return std::unexpected(Error{Errc::unauthenticated,
                                   std::move(what),
                                   "Check which program listens at IDENTITY_ENDPOINT; it should be Azure Arc's agent.",
                                   {{"endpoint", place_.endpoint.text()}}});
    };
    if (file.empty()) return refuse("Azure Arc's agent names no key file");
    std::error_code problem;
    const bool plain = std::filesystem::is_regular_file(std::filesystem::symlink_status(file, problem));
    const bool expected = file.is_absolute() && file.lexically_normal() == file && file.parent_path() == place_.arc_folder &&
                          file.extension() == ".key";
    if (!expected) return refuse("Azure Arc's agent names a file that is not a key of its own; it was not read");
    if (!plain) {
      std::error_code ignored;
      if (std::filesystem::exists(std::filesystem::symlink_status(file, ignored)))
        return refuse("Azure Arc's agent names a file that is no plain file; it was not read");
    }
    auto key = read_file(file, 4096, FileUse::input);  // the folder is the agent's account's, which is neither ours nor root's
    if (!key) {
      return std::unexpected(Error{Errc::forbidden,
                                   fmt::format("Azure Arc's key file cannot be read ({})", key.error().what),
                                   "Run as root, or put this account into the group himds.",
                                   {{"file", file.string()}}});
    }
    return key->reveal([](std::string_view bare) {
      std::string line = fmt::format("Basic {}", trimmed(bare));
      Secret out(line);
      wipe(line);
      return out;
    });
  }

  Error refusal(const Response& response) const {
    const auto object = json_answer(response);
    if (!object && !response.body.empty()) return another_answer(kEndpoint, response).with("endpoint", place_.endpoint.text());
    const std::string error = object ? foreign_code(text_member(*object, "error")) : "";
    const std::string message = object ? text_member(*object, "error_description") + text_member(*object, "message") : "";
    const std::string description = lower(message);
    const std::string sentence = foreign_text(first_sentence(message));
    const std::string said = sentence.empty() ? "" : fmt::format(", and says: {}", sentence);
    const auto make = [&](Errc code, std::string what, std::string remedy) {
      Error out{code, std::move(what), std::move(remedy), {{"endpoint", place_.endpoint.text()}}};
      out.context.emplace_back("status", std::to_string(response.status));
      if (!error.empty()) out.context.emplace_back("code", error);
      return out;
    };
    const bool no_identity = description.contains("identity not found") || description.contains("no managed identity") ||
                             description.contains("identity(ies) not found");
    if (response.status == 400 && (no_identity || error == "invalid_client")) {
      return make(Errc::not_found,
                  client_id_.empty()
                      ? fmt::format("this {} has no managed identity, or several and none chosen", name_of(place_.host))
                      : fmt::format("this {} has no managed identity {}", name_of(place_.host), client_id_),
                  "Assign one (az vm identity assign, az webapp identity assign), or name a user-assigned one by its client id "
                  "in credential.client_id.");
    }
    if (response.status == 400 &&
        (error == "invalid_resource" || description.contains("aadsts500011") || description.contains("aadsts50001"))) {
      return make(Errc::invalid_input, "the managed identity's tenant does not know the resource",
                  "Check the profile's cloud: the machine must be in the same one.");
    }
    if (response.status == 400) {
      return make(Errc::invalid_input, fmt::format("{} refused the request{}", kEndpoint, said),
                  "If it misses the header Metadata, or finds X-Forwarded-For, something rewrites the requests to it.");
    }
    if (response.status == 401 || response.status == 403) {
      return make(Errc::forbidden, fmt::format("{} does not let this program in{}", kEndpoint, said),
                  "It lets in the account or the container that the identity belongs to.");
    }
    if (response.status == 429)
      return make(Errc::throttled, "the managed identity endpoint asks to slow down",
                  "Wait a minute and run the command again.");
    return make(Errc::unavailable, fmt::format("{} answers {}{}", kEndpoint, response.status, said),
                "Try again in a few minutes; the machine's agent may be under renewal.");
  }

  Result<TokenAnswer> decode(const Response& response) const {
    auto object = json_answer(response);
    if (!object) return std::unexpected(another_answer(kEndpoint, response).with("endpoint", place_.endpoint.text()));
    TokenAnswer answer;
    answer.access_token = secret_member(*object, "access_token");
    if (!answer.access_token.reveal(is_access_token)) {
      return fail(Errc::unavailable,
                  "the managed identity endpoint's answer holds no access token, or one with characters that no token has",
                  "Check which program answers there.");
    }
    answer.lifetime = token_lifetime(*object, clock_.now());
    return answer;
  }

  Http& local_;
  ManagedIdentityPlace place_;
  std::string client_id_;
};

}  // namespace

std::string_view name_of(ManagedIdentityHost host) {
  switch (host) {
    case app_service:
    case app_service_2017: return "App Service";
    case cloud_shell: return "Cloud Shell";
    case azure_arc: return "Azure Arc machine";
    case service_fabric: return "Service Fabric";
    case imds: break;
  }
  return "virtual machine";
}

ManagedIdentityPlace find_managed_identity(const Environment& environment) {
  ManagedIdentityPlace place;
  const std::string identity = environment.variable("IDENTITY_ENDPOINT");
  const std::string msi = environment.variable("MSI_ENDPOINT");
  const bool identity_header = !environment.variable("IDENTITY_HEADER").empty();
  const bool msi_secret = !environment.variable("MSI_SECRET").empty();
  if (!identity.empty() && identity_header) {
    const bool fabric = !environment.variable("IDENTITY_SERVER_THUMBPRINT").empty();
    place.host = fabric ? service_fabric : app_service;
    place.setting = "IDENTITY_ENDPOINT";
    place.key = environment.secret("IDENTITY_HEADER");
  } else if (!msi.empty() && msi_secret) {
    place.host = app_service_2017;
    place.setting = "MSI_ENDPOINT";
    place.key = environment.secret("MSI_SECRET");
  } else if (!msi.empty()) {
    place.host = cloud_shell;
    place.setting = "MSI_ENDPOINT";
  } else if (!identity.empty() && !environment.variable("IMDS_ENDPOINT").empty()) {
    place.host = azure_arc;
    place.setting = "IDENTITY_ENDPOINT";
  } else {
    const std::string base = environment.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    if (!base.empty()) place.setting = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
    place.endpoint = Url::local(base.empty() ? kImds : base).below({"metadata", "identity", "oauth2", "token"});
    return place;
  }
  place.endpoint = Url::local(place.setting == "MSI_ENDPOINT" ? msi : identity);
  return place;
}

Result<void> probe_imds(Http& local, const ManagedIdentityPlace& place, const Clock& clock, std::stop_token stop) {
  if (auto fine = check_endpoint(place); !fine) return fine;
  Request request;
  request.url = place.endpoint.with_query("api-version=2018-02-01");
  auto response = local.send(request, Deadline{clock.steady_now() + kProbeTime, std::move(stop)});
  if (!response && response.error().code == Errc::unavailable) {
    return fail(Errc::unavailable, "no metadata service answers within a second: this is no machine of Azure's");
  }
  if (!response) return pass(response);
  // 410, 429 and 5xx are what it says while it is renewed or overrun; 404 is what other clouds' metadata services say.
  const int status = response->status;
  if (status == 400 || status == 410 || status == 429 || status >= 500) return {};
  return fail(Errc::unavailable,
              fmt::format("what answers at the metadata service's address is something else (status {})", status));
}

std::unique_ptr<Credential> make_managed_identity_credential(Http& local, ManagedIdentityPlace place, std::string client_id,
                                                             Clock& clock) {
  return std::make_unique<ManagedIdentity>(local, std::move(place), std::move(client_id), clock);
}

}  // namespace portalkey
