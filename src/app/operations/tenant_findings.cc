#include "app/operations/tenant_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "base/ascii.h"
#include "base/counted.h"
#include "directory/portal/portal_licences.h"
#include "jobs/verdict/tenant_check.h"

namespace portalkey {
namespace {

using Users = std::map<std::string, DirectoryUser>;

class Check {
 public:
  Check(Tenant& tenant, const std::vector<TokenInFile>& tokens)
      : tenant_(tenant), tokens_(tokens), progress_(tenant.interaction().progress()) {}

  Result<TenantFindings> run() && {
    progress_->phase("reading the tenant's tokens");
    if (auto read = held_.read(*tenant_.open_tokens(), tenant_.deadline()); read) {
      out_.tokens_in_tenant = held_.size();
      out_.checked = {
          "serial numbers",
          "tokens per user (without authenticator apps, which count as well and which the portal API does not show)"};
    } else if (read.error().code != Errc::forbidden) {  // such as that somebody must sign in
      return pass(read);
    } else if (auto left = leave_out("serial numbers, and tokens per user", std::move(read).error()); !left) {
      return pass(left);
    }
    if (auto read = read_journal(); !read) return pass(read);
    out_.checked.emplace_back("guests by the form of their UPN");
    const auto nobodys = std::ranges::count_if(tokens_, [](const auto& token) { return token.taken && token.upn.empty(); });
    if (nobodys != 0) {
      out_.not_checked.push_back({fmt::format("users and their limit for {}", counted(nobodys, "token")),
                                  "neither the file nor a list says who gets them", "Add [[setting|assign|FILE]]."});
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

  Result<void> read_journal() {
    auto taken = tenant_.taken_away();
    if (!taken) return leave_out("whether tokens were taken away before", std::move(taken).error());
    taken_ = std::move(*taken);
    out_.checked.emplace_back("tokens that this profile's jobs on this machine took away");
    return {};
  }

  Result<void> read_licence() {
    auto premium = has_entra_premium(tenant_.portal(), tenant_.deadline());
    if (!premium) return leave_out("whether the tenant has Entra ID P1 or P2", std::move(premium).error());
    out_.premium = *premium;
    out_.checked.emplace_back("Entra ID P1 or P2 in the tenant");
    return {};
  }

  /// nullopt: the users were not looked up.
  Result<std::optional<Users>> read_users() {
    std::set<std::string> accounts;
    for (const auto& token : tokens_) {
      if (token.taken && !token.left_out && !token.upn.empty()) accounts.insert(account_of(token.upn));
    }
    if (accounts.empty()) return std::nullopt;
    auto users = look_users_up(tenant_, accounts, *progress_);
    if (!users) return pass(users);
    if (users->found) out_.checked.emplace_back("users");
    std::ranges::move(users->not_checked, std::back_inserter(out_.not_checked));
    return std::move(users->found);
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
    if (!token.taken) return;  // told otherwise; an import leaves it out
    bad_ = false;
    auto verdict = held_.judge(token.serial, token.upn);
    if (verdict.present()) held = {verdict.token->upn, verdict.token->active};
    using State = TenantVerdict::State;
    if (verdict.state == State::taken || verdict.state == State::too_many) {
      report(token, verdict.state == State::taken ? "serial number" : "upn", std::move(verdict.what), std::move(verdict.remedy),
             false);
    } else if (verdict.present()) {
      const bool active = verdict.state == State::active;
      report(token, "serial number",
             fmt::format("the tenant has this token already: {}, {}", verdict.token->upn, active ? "active" : "not activated"),
             active ? "Nothing: an import sends nothing for it." : "[[activate|FILE]] activates it, and so does an import.",
             true);
    }
    const bool comes = verdict.state == State::absent || (verdict.state == State::unassigned && !token.upn.empty());
    if (const auto taken = taken_.find(lower(token.serial)); comes && taken != taken_.end())
      report(token, "serial number", text_of(taken->second), std::string(kTakenRemedy), false);
    if (!token.left_out) judge_user(token, users);
    if (bad_ && !token.left_out) ++out_.unusable;
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
    // Who was asked about is judged by the answer: an external member has a guest's UPN, too.
    const bool told = user != nullptr && user->guest.has_value();
    if (told && *user->guest) report(token, "upn", std::string(kGuestsHaveNone), std::string(kGuestRemedy), false);
    if (!told && is_guest_upn(token.upn)) report(token, "upn", std::string(kGuestByUpn), std::string(kGuestByUpnRemedy), false);
    if (user != nullptr && !user->enabled.value_or(true)) {
      report(token, "upn", fmt::format("the account {} is disabled", token.upn),
             "Check that the user is still to get a token; nobody can sign in to the account.", true);
    }
  }

  Tenant& tenant_;
  const std::vector<TokenInFile>& tokens_;
  std::unique_ptr<Progress> progress_;
  TenantCheck held_;
  TakenTokens taken_;
  TenantFindings out_;
  bool bad_ = false;  // the token being judged has an error
};

}  // namespace

Result<TenantFindings> check_against_tenant(Tenant& tenant, const std::vector<TokenInFile>& tokens) {
  return Check(tenant, tokens).run();
}

}  // namespace portalkey
