#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/json/validation_json.h"
#include "app/process_environment.h"
#include "base/counted.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/pasteable.h"
#include "cli/terminal/secret_output.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/seed_problems.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

struct ValidateOptions {
  SeedValidation wanted;
  bool reveal_secrets = false;
  bool all = false;
  bool against_tenant = false;
};

/// The backend that an import with the same options would use; nullopt if no profile says it.
std::optional<Backend> backend_of(const ProfileChoice& choice) {
  if (choice.backend) return choice.backend;
  const auto profile = load_profile(choice, process_environment());
  return profile ? std::optional(profile->backend) : std::nullopt;
}

/// What `import` would end with.
ExitCode verdict(const ValidatedSeeds& found) {
  if (found.all_importable()) return ExitCode::done;
  return found.importable == 0 ? ExitCode::failed : ExitCode::partly_done;
}

/// Counts, and prints problems as they are met, so that memory does not grow with the file.
class CountAndPrint final : public ValidationSink {
 public:
  explicit CountAndPrint(bool all) : problems_(all) {}
  void on_token(TokenSeed&& token, const Rejection* rejection) override {
    const bool usual = rejection == nullptr || !why_not(token, Backend::portal);
    if (token.upn.empty() && usual) ++without_user_;
    if (rejection == nullptr) return;
    problems_.print_left_out(token, rejection->reason, rejection->remedy, rejection->graph_would);
    odd_.push_back({token.place(), token.type, !rejection->graph_would, usual});
  }
  void on_problem(RowProblem&& problem) override {
    if (problem.warning) ++warnings_;
    problems_.print(problem);
  }

  std::string summary(const ValidatedSeeds& found) {
    const auto& summary = found.summary;
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
        fmt::format("{}: {} can be imported, {}\n", counted(summary.rows, "row"), counted(found.importable, "token"),
                    counted(summary.problems + (found.findings ? found.findings->errors : 0), "problem"));
    if (warnings_ != 0) out += counted(warnings_, "warning") + "\n";
    if (without_user_ != 0) {
      out += fmt::format(
          "{} no user: the portal takes a token for a user only (--assign LIST says who), Microsoft Graph also "
          "without\n",
          without_user_ == 1 ? "1 token names" : fmt::format("{} tokens name", without_user_));
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
  std::vector<Odd> odd_;
  std::int64_t warnings_ = 0, without_user_ = 0;
  ProblemPrinter problems_;
};

std::string tenant_summary(const TenantFindings& findings) {
  const auto present = std::ranges::count_if(findings.held, [](const auto& held) { return held.has_value(); });
  std::string out = fmt::format("The tenant has {}; {} of the file's are among them, {} cannot be imported there\n",
                                counted(findings.tokens_in_tenant, "token"), present, findings.unusable);
  if (findings.premium == false) {
    out +=
        "warning: no subscription of the tenant contains Microsoft Entra ID P1 or P2, without which the service takes no "
        "hardware OATH tokens\n";
  }
  for (const auto& what : findings.checked) out += fmt::format("  checked: {}\n", what);
  for (const auto& gap : findings.not_checked) {
    out += fmt::format("  not checked: {}: {}\n", gap.what, gap.why);
    if (!gap.remedy.empty()) out += fmt::format("    what to do: {}\n", pasteable(gap.remedy));
  }
  return out;
}

Result<ExitCode> validate_as_text(const ValidateOptions& options, Tenant* tenant) {
  const auto seeds = OpenedSeeds::open(options.wanted.seeds);
  if (!seeds) return std::unexpected(seeds.error());
  CountAndPrint sink(options.all);
  const auto found = validate_seeds(*seeds, options.wanted, tenant, sink);
  if (!found) return std::unexpected(found.error());
  const std::string counts = sink.summary(*found);
  const auto& file = options.wanted.seeds.file;
  std::string out = fmt::format("{}: {}\n", file == "-" ? "standard input" : file, found->summary.format);
  for (const auto& note : found->summary.notes) out += fmt::format("  {}\n", pasteable(note));
  print(harmless(out + counts + (found->findings ? tenant_summary(*found->findings) : std::string())));
  return verdict(*found);
}

/// `tenant`: null unless it is to be asked.
Result<ExitCode> validate(const ValidateOptions& options, OutputFormat format, Tenant* tenant) {
  if (const auto why = options.reveal_secrets ? why_no_secrets_to_standard_output() : std::string(); !why.empty()) {
    return fail(Errc::invalid_input,
                "secret keys are written to a pipe or to a file that only you can read; standard output is " + why,
                "Pipe the output into what needs it, or use umask 077 before > makes the file.");
  }
  if (format != OutputFormat::json) return validate_as_text(options, tenant);
  JsonOutput to;
  const auto found = validate_as_json(options.wanted, {.reveal_secrets = options.reveal_secrets}, tenant, pasteable,
                                      [&](std::string_view text) { to.add(text); });
  if (!found) return std::unexpected(found.error());
  to.end();
  return verdict(*found);
}

}  // namespace

void add_tokens_validate(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<ValidateOptions>();
  auto format = std::make_shared<OutputFormat>();
  const auto command = tokens.subcommand("validate", "Check a seed file, row by row; changes nothing");
  add_seed_file_options(command, options->wanted.seeds);
  add_serial_option(command, options->wanted.seeds);
  command.flag("--all", options->all, "Print every problem, not only the first few of a kind");
  command.flag("--against-tenant", options->against_tenant,
               "Also ask the tenant: serial numbers that are taken, tokens per user, missing or disabled users, guests");
  command.flag("--reveal-secrets", options->reveal_secrets, "With -o json: show the secret keys (secretBase32)");
  add_output_option(command, format, false);
  command.callback([options, format, &globals, &run] {
    if (options->reveal_secrets && *format != OutputFormat::json) throw WrongUsage("--reveal-secrets", "needs -o json");
    if (options->against_tenant) {
      run = [options, format, &globals] {
        return with_tenant(globals, *format, [&](Tenant& tenant) {
          options->wanted.backend = tenant.profile().backend;
          return validate(*options, *format, &tenant);
        });
      };
      return;
    }
    run = [options, format, &globals] {
      options->wanted.backend = backend_of(globals.profile);
      auto done = validate(*options, *format, nullptr);
      return static_cast<int>(done ? *done : report_error(done.error(), *format));
    };
  });
}

}  // namespace portalkey
