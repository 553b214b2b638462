#include "cli/tenant_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "backends/portal_licences.h"
#include "cli/progress_line.h"
#include "jobs/tenant_check.h"
#include "provision/directory_users.h"

namespace portalkey {
namespace {

constexpr std::chrono::minutes kLookingUsersUp{30};

using Users = std::map<std::string, DirectoryUser>;

class Check {
 public:
  Check(Services& services, const std::vector<TokenInFile>& tokens)
      : services_(services), tokens_(tokens), progress_(services.clock()) {}

  Result<TenantFindings> run() && {
    progress_.phase("reading the tenant's tokens");
    auto listed = services_.tokens().list({}, services_.deadline());
    if (!listed) return pass(listed);
    out_.tokens_in_tenant = listed->size();
    tenant_.set(std::move(*listed));
    out_.checked = {"serial numbers",
                    "tokens per user (without authenticator apps, which count as well and which the portal API does not show)",
                    "guests by the form of their UPN"};
    const auto nobodys =
        std::ranges::count_if(tokens_, [](const auto& token) { return token.for_portal && token.upn.empty(); });
    if (nobodys != 0) {
      out_.not_checked.push_back({fmt::format("users and their limit for {} tokens", nobodys),
                                  "neither the file nor a list says who gets them", "Add --assign FILE."});
    }
    if (auto read = read_licence(); !read) return pass(read);
    auto users = read_users();
    if (!users) return pass(users);
    for (const auto& token : tokens_) judge(token, *users);
    return std::move(out_);
  }

 private:
  /// An interruption ends the run; whatever else fails leaves one thing unchecked.
  Result<void> leave_out(std::string what, Error error) {
    if (error.code == Errc::cancelled) return std::unexpected(std::move(error));
    out_.not_checked.push_back({std::move(what), std::move(error.what), std::move(error.remedy)});
    return {};
  }

  Result<void> read_licence() {
    auto premium = has_entra_premium(services_.portal(), services_.deadline());
    if (!premium) return leave_out("whether the tenant has Entra ID P1 or P2", std::move(premium).error());
    out_.premium = *premium;
    out_.checked.emplace_back("Entra ID P1 or P2 in the tenant");
    return {};
  }

  /// Looking for a credential that nobody has set up could end at a person who is asked to sign in.
  bool has_credential() const {
    const auto& profile = services_.profile();
    const auto& credential = profile.credential;
    return profile.vault.type == VaultProfile::Type::key_vault || credential.type != CredentialType::automatic ||
           !credential.client_secret_file.empty() || !credential.client_certificate_file.empty() ||
           !credential.federated_token_file.empty();
  }

  /// nullopt: the users were not looked up.
  Result<std::optional<Users>> read_users() {
    constexpr const char* kWhat = "whether the users exist, are disabled or guests";
    std::set<std::string> accounts;
    for (const auto& token : tokens_) {
      if (token.for_portal && !token.upn.empty()) accounts.insert(account_of(token.upn));
    }
    const auto not_checked = [&](Error error) -> Result<std::optional<Users>> {
      if (auto left = leave_out(kWhat, std::move(error)); !left) return pass(left);
      return std::nullopt;
    };
    if (accounts.empty()) return std::nullopt;
    if (services_.profile().cloud.graph.empty())
      return not_checked(
          {Errc::not_found, "the profile's cloud names no host of Microsoft Graph", "Set graph in its table.", {}});
    if (!has_credential()) {
      return not_checked({Errc::not_found,
                          "the profile has no credential for Microsoft Graph",
                          "Give it a table credential of an application with the permission User.Read.All, or add --credential "
                          "(azure_cli, device_code ...).",
                          {}});
    }
    progress_.phase(fmt::format("looking {} users up", accounts.size()));
    const Azure azure{services_.http(), services_.azure(), services_.clock(), services_.profile().cloud,
                      services_.deadline(kLookingUsersUp)};
    auto found = find_users(Graph(azure), {accounts.begin(), accounts.end()},
                            [&](std::size_t done) { progress_.step(done, accounts.size(), std::chrono::seconds(0)); });
    if (!found && found.error().code == Errc::forbidden) {
      return not_checked({Errc::forbidden,
                          fmt::format("{} may not read users in Microsoft Graph", services_.azure().description()),
                          "Grant it the permission User.Read.All with an administrator's consent.",
                          {}});
    }
    if (!found) return not_checked(std::move(found).error());
    out_.checked.emplace_back("users");
    const auto hidden = std::ranges::count_if(*found, [](const auto& entry) { return !entry.second.enabled; });
    const auto of_no_type = std::ranges::count_if(*found, [](const auto& entry) { return !entry.second.guest; });
    constexpr const char* kBasicOnly = "Grant User.Read.All; User.ReadBasic.All is not enough.";
    if (hidden != 0)
      out_.not_checked.push_back(
          {"whether users are disabled", fmt::format("Graph does not show it of {} users", hidden), kBasicOnly});
    if (of_no_type != 0)
      out_.not_checked.push_back(
          {"whether users are guests", fmt::format("Graph does not show it of {} users", of_no_type), kBasicOnly});
    return std::move(*found);
  }

  void report(const TokenInFile& token, const char* field, std::string what, std::string remedy, bool warning) {
    RowProblem problem;
    problem.line = token.line;
    problem.row = token.nth;
    problem.serial = token.serial;
    problem.upn = token.upn;
    problem.field = field;
    problem.what = std::move(what);
    problem.remedy = std::move(remedy);
    problem.warning = warning;
    if (!warning) {
      ++out_.errors;
      bad_ = true;
    }
    out_.problems.push_back(std::move(problem));
  }

  void judge(const TokenInFile& token, const std::optional<Users>& users) {
    auto& held = out_.held.emplace_back();
    if (!token.for_portal) return;  // told otherwise; an import leaves it out
    bad_ = false;
    auto verdict = tenant_.judge(token.serial, token.upn);
    if (verdict.present()) held = {verdict.token->upn, verdict.token->active};
    using State = TenantVerdict::State;
    if (verdict.state == State::taken || verdict.state == State::too_many) {
      report(token, verdict.state == State::taken ? "serial number" : "upn", std::move(verdict.what), std::move(verdict.remedy),
             false);
    } else if (verdict.present()) {
      const bool active = verdict.state == State::active;
      report(token, "serial number",
             fmt::format("the tenant has this token already: {}, {}", verdict.token->upn, active ? "active" : "not activated"),
             active ? "Nothing: an import sends nothing for it."
                    : "portalkey tokens activate FILE activates it, and so does an import.",
             true);
    }
    judge_user(token, users);
    if (bad_) ++out_.unusable;
  }

  void judge_user(const TokenInFile& token, const std::optional<Users>& users) {
    if (token.upn.empty()) return;
    const DirectoryUser* user = nullptr;
    if (users) {
      const auto found = users->find(account_of(token.upn));
      if (found == users->end()) {
        report(token, "upn", fmt::format("the tenant has no user {}", token.upn),
               "Correct the UPN (it may differ from the e-mail address), or create the user first.", false);
        return;
      }
      user = &found->second;
    }
    if (is_guest_upn(token.upn) || (user != nullptr && user->guest.value_or(false)))
      report(token, "upn", std::string(kGuestsHaveNone), std::string(kGuestRemedy), false);
    if (user != nullptr && !user->enabled.value_or(true)) {
      report(token, "upn", fmt::format("the account {} is disabled", token.upn),
             "Check that the user is still to get a token; nobody can sign in to the account.", true);
    }
  }

  Services& services_;
  const std::vector<TokenInFile>& tokens_;
  ProgressLine progress_;
  TenantCheck tenant_;
  TenantFindings out_;
  bool bad_ = false;  // the token being judged has an error
};

}  // namespace

Result<TenantFindings> check_against_tenant(Services& services, const std::vector<TokenInFile>& tokens) {
  return Check(services, tokens).run();
}

}  // namespace portalkey
