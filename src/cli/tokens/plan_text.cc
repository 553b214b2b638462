#include "cli/tokens/plan_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace portalkey {
namespace {

using Kind = TokenChange;

std::string_view sign_of(Kind kind) {
  switch (kind) {
    case Kind::create: return "+";
    case Kind::remove:
    case Kind::move_out: return "-";
    default: return "~";
  }
}

std::string explained(const PlannedChange& change) {
  const std::string_view then = change.with_key ? ", and activate" : ", not activated: the file does not have its secret key";
  switch (change.change) {
    case Kind::create: return change.upn.empty() ? "for nobody yet" : fmt::format("for {}, and activate", change.upn);
    case Kind::assign: return fmt::format("to {}{}", change.upn, then);
    case Kind::activate: return fmt::format("of {}", change.upn);
    case Kind::reassign: return fmt::format("from {} to {}{}", change.from, change.upn, then);
    case Kind::move_out: return fmt::format("of {} from the portal, when it is active in Microsoft Graph", change.from);
    case Kind::unassign: return change.from.empty() ? std::string("nobody's") : fmt::format("from {}", change.from);
    case Kind::remove:
      return fmt::format("{}{}", change.from.empty() ? "nobody's" : "of " + change.from,
                         change.replaced_by.empty() ? "" : fmt::format(", when {} is active", change.replaced_by));
  }
  return {};
}

}  // namespace

std::string plan_text(const TokenPlan& plan, std::size_t shown) {
  std::map<Kind, std::size_t> counts;
  for (const auto& change : plan.changes) ++counts[change.change];
  std::vector<const PlannedChange*> changes;
  for (const auto& change : plan.changes) changes.push_back(&change);
  if (changes.size() > shown) {
    std::ranges::stable_partition(changes, [](const auto* change) { return takes(change->change); });
    changes.resize(shown);
  }
  std::string text;
  for (const auto* change : changes) {
    text +=
        fmt::format("{} {:<9} {}  {}\n", sign_of(change->change), name_of(change->change), change->serial, explained(*change));
  }
  if (plan.changes.size() > changes.size()) text += fmt::format("  and {} more\n", plan.changes.size() - changes.size());
  const std::size_t told = std::min(plan.impossible.size(), shown);
  for (std::size_t i = 0; i < told; ++i) {
    const auto& row = plan.impossible[i];
    text += fmt::format("! {}{}  {}. {}\n", row.line != 0 ? fmt::format("line {} ", row.line) : "", row.serial, row.reason,
                        row.remedy);
  }
  if (plan.impossible.size() > told) text += fmt::format("! and {} more\n", plan.impossible.size() - told);
  if (!text.empty()) text += "\n";
  text += "Plan:";
  for (const auto& [kind, count] : counts) text += fmt::format(" {} to {},", count, name_of(kind));
  text += fmt::format(" {} unchanged", plan.unchanged.size());
  if (!plan.impossible.empty()) text += fmt::format(", {} impossible", plan.impossible.size());
  return text + "\n";
}

}  // namespace portalkey
