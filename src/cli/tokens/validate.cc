#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/operations/tenant_findings.h"
#include "app/process_environment.h"
#include "base/json_text.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/pasteable.h"
#include "cli/terminal/references.h"
#include "cli/terminal/secret_output.h"
#include "cli/tokens/json_tokens.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/seed_problems.h"
#include "cli/tokens/tokens_command.h"
#include "jobs/verdict/tenant_check.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/entra_fields.h"

namespace portalkey {
namespace {

namespace json = boost::json;

struct ValidateOptions {
  SeedInput seeds;
  bool reveal_secrets = false;
  bool all = false;
  bool against_tenant = false;
  std::optional<Backend> backend;  ///< through which the tokens would be imported, if a profile says it
};

json::object describe(const RowProblem& problem) {
  json::object out{{"line", problem.line},   {"serial", problem.serial},          {"upn", problem.upn},
                   {"field", problem.field}, {"what", in_commands(problem.what)}, {"remedy", in_commands(problem.remedy)}};
  if (problem.row != 0) out["row"] = problem.row;
  if (problem.column != 0) out["column"] = problem.column;
  const auto add = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) out[name] = in_commands(text);
  };
  add("file", problem.file);
  add("value", problem.value);
  add("expected", problem.expected);
  add("cause", problem.cause);
  return out;
}

void print_problems(const std::vector<RowProblem>& problems, bool warnings, JsonOutput& to) {
  constexpr std::size_t kAtOnce = 64 * 1024;
  std::string out = "[";
  const char* between = "";
  for (const auto& problem : problems) {
    if (problem.warning != warnings) continue;
    out += std::exchange(between, ",") + json_text(describe(problem));
    if (out.size() < kAtOnce) continue;
    to.add(out);
    out.clear();
  }
  to.add(out + "]");
}

/// The backend that an import with the same options would use; nullopt if no profile says it.
std::optional<Backend> backend_of(const ProfileChoice& choice) {
  if (choice.backend) return choice.backend;
  const auto profile = load_profile(choice, process_environment());
  return profile ? std::optional(profile->backend) : std::nullopt;
}

/// Why an import through this backend would reject a token, by itself. Nobody's token is one for Graph only: where the
/// backend is not known, that alone is no reason.
struct Rejection {
  std::string why, remedy;
  bool graph_would = false;  ///< Microsoft Graph, which is not asked, takes it
  bool guest = false;        ///< by the form of the UPN
};
/// `asked`: the tenant judges the users.
std::optional<Rejection> why_rejected(const TokenSeed& token, std::optional<Backend> backend, bool asked) {
  const bool by_graph = backend == Backend::graph;
  if (auto why = by_graph ? why_not_graph(token) : why_not_portal(token); !why.empty()) {
    const bool graph_would = !by_graph && why_not_graph(token).empty();
    return Rejection{std::move(why), graph_would ? "Microsoft Graph takes it: --backend graph." : remedy_for_entra(token),
                     graph_would};
  }
  if (token.upn.empty() && backend == Backend::portal) {
    return Rejection{"the file does not say who gets this token",
                     "Add a column upn with the user principal name, or --assign LIST; Microsoft "
                     "Graph also takes tokens that nobody has: --backend graph.",
                     true};
  }
  if (auto problem = token.upn.empty() ? std::nullopt : problem_of_upn(token.upn))
    return Rejection{"no user of Entra can have its user principal name", std::move(problem->remedy)};
  // An import asks Microsoft Graph, where it can: so does --against-tenant.
  if (!asked && is_guest_upn(token.upn)) {
    return Rejection{
        std::string(kGuestByUpn),
        "Give the token to an account of this tenant. Whether the user is an external member, --against-tenant asks "
        "Microsoft Graph.",
        false, true};
  }
  return std::nullopt;
}

/// What `import` would end with. `importable`: as far as the file, and the tenant if it was asked, tell.
ExitCode verdict(const SeedFileSummary& summary, std::int64_t importable) {
  if (importable <= 0) return ExitCode::failed;
  return summary.problems == 0 && importable == summary.tokens ? ExitCode::done : ExitCode::partly_done;
}

/// Passes everything on, and counts the tokens that an import would reject.
class CountRejected final : public SeedSink {
 public:
  /// `tells_guests`: with a warning each.
  CountRejected(SeedSink& to, std::optional<Backend> backend, bool asked, bool tells_guests)
      : to_(to), backend_(backend), asked_(asked), tells_guests_(tells_guests) {}
  void on_token(TokenSeed&& token) override {
    if (auto rejection = why_rejected(token, backend_, asked_)) {
      rejected_.push_back(token.place());
      if (rejection->guest && tells_guests_) {
        auto problem = problem_of(token, name_of(Column::upn), "left out: " + rejection->why, std::move(rejection->remedy));
        problem.warning = true;
        to_.on_problem(std::move(problem));
      }
    }
    to_.on_token(std::move(token));
  }
  void on_problem(RowProblem&& problem) override {
    if (problem.kind == RowProblem::Kind::too_many) ++too_many_;
    to_.on_problem(std::move(problem));
  }

  /// `findings`: null if the tenant was not asked.
  std::int64_t importable(const SeedFileSummary& summary, const TenantFindings* findings) const {
    const auto rejected = std::ranges::count_if(
        rejected_, [&](std::int64_t place) { return !std::ranges::binary_search(summary.withdrawn, place); });
    return summary.tokens - rejected - (findings == nullptr ? too_many_ : findings->unusable);
  }

 private:
  SeedSink& to_;
  const std::optional<Backend> backend_;
  const bool asked_, tells_guests_;
  std::vector<std::int64_t> rejected_;
  std::int64_t too_many_ = 0;
};

json::object describe(const TenantFindings& findings) {
  json::array checked, not_checked;
  for (const auto& what : findings.checked) checked.emplace_back(what);
  for (const auto& gap : findings.not_checked)
    not_checked.push_back({{"what", gap.what}, {"why", gap.why}, {"remedy", in_commands(gap.remedy)}});
  return {{"tokens", findings.tokens_in_tenant},
          {"premiumLicence", findings.premium ? json::value(*findings.premium) : json::value(nullptr)},
          {"checked", std::move(checked)},
          {"notChecked", std::move(not_checked)}};
}

/// Passes everything on, and remembers the tokens to ask the tenant about.
class AndRemember final : public SeedSink {
 public:
  AndRemember(SeedSink& to, std::optional<Backend> backend) : to_(to), backend_(backend) {}
  void on_token(TokenSeed&& token) override {
    auto& one = tokens_.emplace_back(token);
    one.taken = (backend_ == Backend::graph ? why_not_graph(token) : why_not_portal(token)).empty();
    one.left_out = why_rejected(token, backend_, true).has_value();
    to_.on_token(std::move(token));
  }
  void on_problem(RowProblem&& problem) override { to_.on_problem(std::move(problem)); }

  std::vector<TokenInFile> tokens(const SeedFileSummary& summary) && {
    std::erase_if(tokens_, [&](const auto& token) { return std::ranges::binary_search(summary.withdrawn, token.place()); });
    std::ranges::stable_sort(tokens_, {}, &TokenInFile::place);
    return std::move(tokens_);
  }

 private:
  SeedSink& to_;
  const std::optional<Backend> backend_;
  std::vector<TokenInFile> tokens_;
};

/// `findings`: null if the tenant was not asked.
Result<void> print_tokens(const OpenedSeeds& seeds, const SeedFileSummary& summary, JsonTokens& tokens,
                          const TenantFindings* findings, JsonOutput& to) {
  JsonArray array(to, findings);
  if (!tokens.holds_all()) {
    JsonTokensAgain again(tokens, summary.withdrawn, array);
    if (auto read = seeds.read_again(again); !read) return pass(read);
  }
  tokens.print_before(std::numeric_limits<std::int64_t>::max(), summary.withdrawn, array);
  return {};
}

/// With remedies that can be pasted.
Result<TenantFindings> findings_of(Tenant& services, const std::vector<TokenInFile>& tokens) {
  auto found = check_against_tenant(services, tokens);
  if (!found) return found;
  for (auto& problem : found->problems) problem.remedy = pasteable(problem.remedy);
  return found;
}

/// `services`: null unless the tenant is to be asked.
Result<ExitCode> validate_as_json(const ValidateOptions& options, Tenant* services) {
  constexpr std::size_t kMostHeld = std::size_t{64} << 20;
  const auto seeds = OpenedSeeds::open(options.seeds);
  if (!seeds) return std::unexpected(seeds.error());
  JsonTokens tokens(options.reveal_secrets, seeds->can_be_read_again() ? kMostHeld : SIZE_MAX);
  CountRejected counted(tokens, options.backend, services != nullptr, true);
  AndRemember remembering(counted, options.backend);
  auto summary = services == nullptr ? seeds->read(counted) : seeds->read(remembering);
  if (!summary) return pass(summary);
  std::optional<TenantFindings> findings;
  if (services != nullptr) {
    auto found = findings_of(*services, std::move(remembering).tokens(*summary));
    if (!found) return pass(found);
    findings = std::move(*found);
    std::ranges::move(findings->problems, std::back_inserter(tokens.problems));
  }
  JsonOutput to;
  to.add(fmt::format("{{\"format\":{},\"tokens\":[", json_text(json::string(summary->format))));
  if (auto printed = print_tokens(*seeds, *summary, tokens, findings ? &*findings : nullptr, to); !printed) return pass(printed);
  std::ranges::stable_sort(tokens.problems, {}, &RowProblem::line);
  json::array notes;
  for (const auto& note : summary->notes) notes.emplace_back(in_commands(note));
  to.add("],\n\"errors\":");
  print_problems(tokens.problems, false, to);
  to.add(",\"warnings\":");
  print_problems(tokens.problems, true, to);
  std::string out = fmt::format(",\"notes\":{}", json_text(notes));
  if (findings) out += fmt::format(",\n\"tenant\":{}", json_text(describe(*findings)));
  to.add(out + "}");
  to.end();
  return verdict(*summary, counted.importable(*summary, findings ? &*findings : nullptr));
}

/// Counts, and prints problems as they are met, so that memory does not grow with the file.
class CountAndPrint final : public SeedSink {
 public:
  CountAndPrint(bool all, std::optional<Backend> backend, bool asked) : backend_(backend), asked_(asked), problems_(all) {}
  void on_token(TokenSeed&& token) override {
    const bool usual = why_not_portal(token).empty();
    if (token.upn.empty() && usual) ++without_user_;
    const auto rejected = why_rejected(token, backend_, asked_);
    if (!rejected) return;
    problems_.print_left_out(token, rejected->why, rejected->remedy, rejected->graph_would);
    odd_.push_back({token.place(), token.type, !rejected->graph_would, usual});
  }
  void on_problem(RowProblem&& problem) override {
    if (problem.warning) ++warnings_;
    problems_.print(problem);
  }

  std::string summary(const SeedFileSummary& summary, const TenantFindings* findings, std::int64_t importable) {
    problems_.finish();
    std::int64_t not_portal = 0, not_graph = 0;
    std::map<std::string_view, std::int64_t> kinds;
    for (const auto& odd : odd_) {
      if (std::ranges::binary_search(summary.withdrawn, odd.place)) continue;
      ++not_portal;
      if (odd.not_graph) ++not_graph;
      ++kinds[odd.usual                      ? "TOTP of nobody who can have it"
              : odd.type == OtpType::totp    ? "TOTP that the portal does not take"
              : odd.type == OtpType::hotp    ? "HOTP"
              : odd.type == OtpType::ocra    ? "OCRA"
              : odd.type == OtpType::pin     ? "PIN"
              : odd.type == OtpType::steam   ? "Steam"
              : odd.type == OtpType::unknown ? "of no known type"
                                             : "of other types"];
    }
    std::string out =
        fmt::format("{} rows: {} tokens can be imported, {} problems\n", summary.rows, std::max<std::int64_t>(importable, 0),
                    summary.problems + (findings == nullptr ? 0 : findings->errors));
    if (warnings_ != 0) out += fmt::format("{} warnings\n", warnings_);
    if (without_user_ != 0) {
      out += fmt::format(
          "{} tokens name no user: the portal takes a token for a user only (--assign LIST says who), Microsoft Graph also "
          "without\n",
          without_user_);
    }
    if (not_portal == 0) return out;
    out += fmt::format("Microsoft Graph would take {}. Left out of an import:", summary.tokens - not_graph);
    const char* between = " ";
    for (const auto& [kind, count] : kinds) out += fmt::format("{}{} {}", std::exchange(between, ", "), count, kind);
    return out + "\n";
  }

 private:
  struct Odd {
    std::int64_t place;
    OtpType type;
    bool not_graph, usual;
  };
  const std::optional<Backend> backend_;
  const bool asked_;
  std::vector<Odd> odd_;
  std::int64_t warnings_ = 0, without_user_ = 0;
  ProblemPrinter problems_;
};

std::string tenant_summary(const TenantFindings& findings) {
  const auto present = std::ranges::count_if(findings.held, [](const auto& held) { return held.has_value(); });
  std::string out = fmt::format("The tenant has {} tokens; {} of the file's are among them, {} cannot be imported there\n",
                                findings.tokens_in_tenant, present, findings.unusable);
  if (findings.premium == false) {
    out +=
        "warning: no subscription of the tenant contains Microsoft Entra ID P1 or P2, without which the service takes no "
        "hardware OATH tokens\n";
  }
  for (const auto& what : findings.checked) out += fmt::format("  checked: {}\n", what);
  for (const auto& gap : findings.not_checked) {
    out += fmt::format("  not checked: {}: {}\n", gap.what, gap.why);
    if (!gap.remedy.empty()) out += fmt::format("    what to do: {}\n", in_commands(gap.remedy));
  }
  return out;
}

/// `services`: null unless the tenant is to be asked.
Result<ExitCode> validate_as_text(const ValidateOptions& options, Tenant* services) {
  CountAndPrint sink(options.all, options.backend, services != nullptr);
  CountRejected counted(sink, options.backend, services != nullptr, false);
  AndRemember remembering(counted, options.backend);
  const auto seeds = OpenedSeeds::open(options.seeds);
  if (!seeds) return std::unexpected(seeds.error());
  auto summary = services == nullptr ? seeds->read(counted) : seeds->read(remembering);
  if (!summary) return pass(summary);
  std::optional<TenantFindings> findings;
  if (services != nullptr) {
    auto found = findings_of(*services, std::move(remembering).tokens(*summary));
    if (!found) return pass(found);
    findings = std::move(*found);
    for (auto& problem : findings->problems) sink.on_problem(std::move(problem));
  }
  const auto* asked = findings ? &*findings : nullptr;
  const std::string counts = sink.summary(*summary, asked, counted.importable(*summary, asked));
  std::string out = fmt::format("{}: {}\n", options.seeds.file == "-" ? "standard input" : options.seeds.file, summary->format);
  for (const auto& note : summary->notes) out += fmt::format("  {}\n", in_commands(note));
  print(harmless(out + counts + (asked == nullptr ? std::string() : tenant_summary(*asked))));
  return verdict(*summary, counted.importable(*summary, asked));
}

Result<ExitCode> validate(const ValidateOptions& options, OutputFormat format, Tenant* services) {
  if (const auto why = options.reveal_secrets ? why_no_secrets_to_standard_output() : std::string(); !why.empty()) {
    return fail(Errc::invalid_input,
                "secret keys are written to a pipe or to a file that only you can read; standard output is " + why,
                "Pipe the output into what needs it, or use umask 077 before > makes the file.");
  }
  return format == OutputFormat::json ? validate_as_json(options, services) : validate_as_text(options, services);
}

}  // namespace

void add_tokens_validate(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<ValidateOptions>();
  auto format = std::make_shared<OutputFormat>();
  const auto command = tokens.subcommand("validate", "Check a seed file, row by row; changes nothing");
  add_seed_file_options(command, options->seeds);
  add_serial_option(command, options->seeds);
  command.flag("--all", options->all, "Print every problem, not only the first few of a kind");
  command.flag("--against-tenant", options->against_tenant,
               "Also ask the tenant: serial numbers that are taken, tokens per user, missing or disabled users, guests");
  command.flag("--reveal-secrets", options->reveal_secrets, "With -o json: show the secret keys (secretBase32)");
  add_output_option(command, format, false);
  command.callback([options, format, &globals, &run] {
    if (options->reveal_secrets && *format != OutputFormat::json) throw WrongUsage("--reveal-secrets", "needs -o json");
    if (options->against_tenant) {
      run = [options, format, &globals] {
        return with_tenant(globals, *format, [&](Tenant& services) {
          options->backend = services.profile().backend;
          return validate(*options, *format, &services);
        });
      };
      return;
    }
    run = [options, format, &globals] {
      options->backend = backend_of(globals.profile);
      auto done = validate(*options, *format, nullptr);
      return static_cast<int>(done ? *done : report_error(done.error(), *format));
    };
  });
}

}  // namespace portalkey
