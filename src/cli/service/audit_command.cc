#include "cli/service/audit_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>

#include "app/process_environment.h"
#include "base/files.h"
#include "base/new_file.h"
#include "base/time_text.h"
#include "cli/service/audit_output.h"
#include "cli/terminal/secret_output.h"
#include "service/audit/checkpoint_text.h"
#include "service/audit/export.h"
#include "service/audit/sqlite_audit_log.h"
#include "service/run/served_profiles.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostCheckpoints = 1UL << 30;  ///< bytes of a log

struct AuditCommand {
  std::filesystem::path state;
  std::filesystem::path file;         ///< an export to verify, or to write; empty: none
  std::filesystem::path checkpoints;  ///< empty: none
  std::vector<std::string> keys;
  std::string trail, form = "jsonl";
  AuditFilter filter;
  int most = 50;
  std::int64_t before = 0;
  std::chrono::hours age{0};
  bool dry_run = false;
  std::shared_ptr<OutputFormat> format = std::make_shared<OutputFormat>();
  SystemClock clock;
};

using Work = Result<ExitCode> (*)(AuditCommand&);

Result<std::unique_ptr<AuditTrail>> open_trail(AuditCommand& command) {
  if (command.state.empty())
    return fail(Errc::invalid_input, "the folder of the service's state is not named", "Name it: [[setting|state|DIR]]");
  return open_audit_log(command.state, command.clock, MissingTrail::not_found);
}

/// The public key of the folder, empty where none was made yet.
Result<std::string> public_key_of(const AuditCommand& command) {
  if (command.state.empty()) return std::string();
  auto key = SigningKey::open(command.state, SigningKey::Missing::not_found);
  if (!key && key.error().code != Errc::not_found) return pass(key);
  return key ? key->public_key() : std::string();
}

Result<std::vector<Checkpoint>> given_checkpoints(const AuditCommand& command) {
  if (command.checkpoints.empty()) return std::vector<Checkpoint>{};
  auto text = command.checkpoints == "-" ? read_stdin(kMostCheckpoints)
                                         : read_file(command.checkpoints, kMostCheckpoints, FileUse::input);
  if (!text) return pass(text);
  auto found = text->reveal([](std::string_view bytes) { return checkpoints_in(bytes); });
  if (!found.empty()) return found;
  return std::unexpected(Error{Errc::invalid_input,
                               "no checkpoint is in the file",
                               "Check which file was given.",
                               {{"file", command.checkpoints.string()}}});
}

Result<ExitCode> do_verify(AuditCommand& command) {
  std::unique_ptr<AuditTrail> trail;
  if (command.file.empty()) {
    auto opened = open_trail(command);
    if (!opened) return pass(opened);
    trail = std::move(*opened);
  }
  auto reading = trail ? trail->read() : open_exported_trail(command.file);
  if (!reading) return pass(reading);
  auto checkpoints = given_checkpoints(command);
  if (!checkpoints) return pass(checkpoints);
  auto public_key = public_key_of(command);
  if (!public_key) return pass(public_key);
  Attested attested{std::move(*checkpoints), command.keys, command.trail};
  if (attested.keys.empty() && !public_key->empty()) attested.keys.push_back(*public_key);
  auto verification = verify(**reading, attested);
  if (!verification) return pass(verification);
  print_verification(*verification, *public_key, *command.format);
  return verification->sound() ? ExitCode::done : ExitCode::failed;
}

Result<ExitCode> do_show(AuditCommand& command) {
  auto trail = open_trail(command);
  if (!trail) return pass(trail);
  auto page = (*trail)->search(command.filter, static_cast<std::size_t>(command.most), command.before);
  if (!page) return pass(page);
  print_entries(*page, *command.format);
  return ExitCode::done;
}

Result<ExitCode> do_export(AuditCommand& command) {
  auto trail = open_trail(command);
  if (!trail) return pass(trail);
  auto reading = (*trail)->read();
  if (!reading) return pass(reading);
  const auto form = command.form == "csv" ? AuditExportFormat::csv : AuditExportFormat::json_lines;
  auto output =
      command.file.empty() || command.file == "-" ? SecretOutput::standard_output(true) : SecretOutput::create(command.file);
  if (!output) return pass(output);
  auto done = export_trail(**reading, form, [&](std::string_view bytes) { return output->write(bytes); },
                           {command.filter.from, command.filter.until});
  if (done) done = output->keep();
  if (!done) return pass(done);
  return ExitCode::done;
}

Result<ExitCode> do_prune(AuditCommand& command) {
  auto trail = open_trail(command);
  if (!trail) return pass(trail);
  auto key = SigningKey::open(command.state, SigningKey::Missing::made);
  if (!key) return pass(key);
  AuditPruning pruning{command.clock.now() - command.age, command.dry_run, {}};
  pruning.by.caller_kind = "local";
  pruning.by.caller_id = std::to_string(::getuid());
  auto pruned = prune(**trail, *key, command.clock, pruning);
  if (!pruned) return pass(pruned);
  print_pruned(*pruned, command.dry_run, *command.format);
  return ExitCode::done;
}

WallTime time_of(const std::string& option, std::string text) {
  if (text.size() == 10) text += "T00:00:00Z";
  const auto time = parse_iso_time(text);
  if (!time) throw WrongUsage(option, "takes a day or a time in UTC: 2026-01-31 or 2026-01-31T12:00:00Z");
  return *time;
}

std::chrono::hours audit_age_of(const std::string& text) {
  std::int64_t count = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, count);
  const std::string_view unit(read.ptr, end);
  const int hours = unit == "h" ? 1 : unit == "d" ? 24 : unit == "w" ? 7 * 24 : 0;
  if (read.ec != std::errc() || hours == 0 || count < 0 || count > 100'000)
    throw WrongUsage("--older-than", "takes a number and h, d or w: 400d");
  return std::chrono::hours(count * hours);
}

Command add(Command audit, const char* name, const char* what, const std::shared_ptr<AuditCommand>& options, Work work,
            const Globals& globals, Run& run) {
  const auto command = audit.subcommand(name, what);
  command.option("--state", options->state, "Where the service keeps its own files").type_name("DIR");
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      if (options->state.empty()) {
        ServeWishes wishes;
        wishes.profile = globals.profile;
        if (auto folder = service_folder(wishes, process_environment())) options->state = std::move(*folder);
      }
      auto done = work(*options);
      return static_cast<int>(done ? *done : report_error(done.error(), *options->format));
    };
  });
  return command;
}

void add_verify(Command audit, const Globals& globals, Run& run) {
  auto options = std::make_shared<AuditCommand>();
  const auto command =
      add(audit, "verify", "Is the trail what was written, all of it, in its order? What is wrong exits with 1", options,
          do_verify, globals, run);
  command.option("FILE", options->file, "An export, instead of the service's own trail");
  command
      .option("--checkpoints", options->checkpoints,
              "Checkpoints that came back from outside, among whatever else: a log, journalctl's output; - is standard input")
      .type_name("FILE");
  command.option("--key", options->keys, "A public key that may sign (default: the one of the folder)")
      .type_name("KEY")
      .repeatable();
  command.option("--trail", options->trail, "The id that the trail must have; checkpoints of others are passed over")
      .type_name("ID");
  add_output_option(command, options->format, false);
}

void add_times(Command command, const std::shared_ptr<AuditCommand>& options) {
  command
      .option(
          "--since", [options](const std::string& text) { options->filter.from = time_of("--since", text); },
          "Not before this day or time (UTC)")
      .type_name("TIME");
  command
      .option(
          "--until", [options](const std::string& text) { options->filter.until = time_of("--until", text); },
          "Before this day or time (UTC)")
      .type_name("TIME");
}

void add_show(Command audit, const Globals& globals, Run& run) {
  auto options = std::make_shared<AuditCommand>();
  const auto command = add(audit, "show", "Entries of the trail, the newest first", options, do_show, globals, run);
  auto& filter = options->filter;
  command.option("--tenant", filter.tenant, "Of this profile's tenant").type_name("NAME");
  command.option("--action", filter.action, "Of this action: tokens.activate").type_name("ACTION");
  command.option("--serial", filter.serial, "About the token of this serial number").type_name("SERIAL");
  command.option("--user", filter.upn, "About this user's tokens").type_name("UPN");
  command.option("--job", filter.job, "About this job").type_name("JOB");
  command.option("--caller", filter.caller, "By this caller: its id or name").type_name("CALLER");
  add_times(command, options);
  command.option("--most", options->most, "At most so many").within(1, 10'000).shows_default();
  command.option("--before", options->before, "Only entries of a lower number: the next page")
      .not_negative()
      .type_name("NUMBER");
  add_rows_output_option(command, options->format);
}

}  // namespace

void add_audit_command(Command app, const Globals& globals, Run& run) {
  const auto audit = app.subcommand("audit", "The service's trail of what was asked for and done: verify, show, export, prune");
  audit.require_subcommand();
  add_verify(audit, globals, run);
  add_show(audit, globals, run);

  auto exported = std::make_shared<AuditCommand>();
  const auto to_file =
      add(audit, "export", "The trail with its hashes, for keeping and verifying elsewhere", exported, do_export, globals, run);
  to_file.option("FILE", exported->file, "A new file (default: standard output)");
  to_file.option("--format", exported->form, "jsonl (the default) or csv").one_of({"jsonl", "csv"}).type_name("FORMAT");
  add_times(to_file, exported);

  auto pruned = std::make_shared<AuditCommand>();
  const auto prune = add(audit, "prune", "Remove the oldest entries; a signed stub stays, from which the chain goes on", pruned,
                         do_prune, globals, run);
  prune
      .option(
          "--older-than", [pruned](const std::string& text) { pruned->age = audit_age_of(text); },
          "How old they are at least: 400d, 60w")
      .required()
      .type_name("AGE");
  prune.flag("--dry-run", pruned->dry_run, "Only tell how many");
  add_output_option(prune, pruned->format, false);
}

}  // namespace portalkey
