#include "app/operations/validate_seeds.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace portalkey {
namespace {

/// An import asks Microsoft Graph about guests, where it can: so does a validation that asks the tenant.
constexpr const char* kGuestNotAsked =
    "Give the token to an account of this tenant. Whether the user is an external member, [[setting|against-tenant]] asks "
    "Microsoft Graph.";

/// Judges each token, and remembers what the tenant is to be asked about.
class Judge final : public SeedSink {
 public:
  Judge(const SeedValidation& wanted, bool asks_tenant, ValidationSink& to)
      : backend_(wanted.backend), asks_tenant_(asks_tenant), to_(to) {}

  void on_token(TokenSeed&& token) override {
    auto rejection = why_token_rejected(token, backend_);
    const bool taken = !rejection;
    if (!rejection) rejection = why_user_rejected(token.upn, backend_, asks_tenant_ ? Guests::allowed : Guests::by_upn);
    if (rejection && rejection->code == OutcomeCode::guest) rejection->remedy = kGuestNotAsked;
    if (rejection) rejected_.push_back(token.place());
    if (asks_tenant_) {
      auto& one = remembered_.emplace_back(token);
      one.taken = taken;
      one.left_out = rejection.has_value();
    }
    to_.on_token(std::move(token), rejection ? &*rejection : nullptr);
  }
  void on_problem(RowProblem&& problem) override {
    if (problem.kind == RowProblem::Kind::too_many) ++too_many_;
    to_.on_problem(std::move(problem));
  }

  std::int64_t importable(const SeedFileSummary& summary, const std::optional<TenantFindings>& findings) const {
    const auto rejected = std::ranges::count_if(rejected_, [&](auto place) { return !is_withdrawn(place, summary); });
    return std::max<std::int64_t>(0, summary.tokens - rejected - (findings ? findings->unusable : too_many_));
  }
  std::vector<TokenInFile> remembered(const SeedFileSummary& summary) {
    std::erase_if(remembered_, [&](const auto& token) { return is_withdrawn(token.place(), summary); });
    std::ranges::stable_sort(remembered_, {}, &TokenInFile::place);
    return std::move(remembered_);
  }

 private:
  static bool is_withdrawn(std::int64_t place, const SeedFileSummary& summary) {
    return std::ranges::binary_search(summary.withdrawn, place);
  }

  const std::optional<Backend> backend_;
  const bool asks_tenant_;
  ValidationSink& to_;
  std::vector<std::int64_t> rejected_;
  std::vector<TokenInFile> remembered_;
  std::int64_t too_many_ = 0;
};

}  // namespace

Result<ValidatedSeeds> validate_seeds(const OpenedSeeds& seeds, const SeedValidation& wanted, Tenant* tenant,
                                      ValidationSink& to) {
  Judge judge(wanted, tenant != nullptr, to);
  auto summary = seeds.read(judge);
  if (!summary) return pass(summary);
  ValidatedSeeds out;
  out.summary = std::move(*summary);
  if (tenant != nullptr) {
    auto found = check_against_tenant(*tenant, judge.remembered(out.summary));
    if (!found) return pass(found);
    out.findings = std::move(*found);
    for (auto& problem : std::exchange(out.findings->problems, {})) to.on_problem(std::move(problem));
  }
  out.importable = judge.importable(out.summary, out.findings);
  return out;
}

}  // namespace portalkey
