#include "cli/service/backup_command.h"

#include <fmt/format.h>

#include <set>

#include "app/operations/profiles.h"
#include "app/process_environment.h"
#include "base/counted.h"
#include "base/files.h"
#include "base/secret_file.h"
#include "base/time_text.h"
#include "service/backup/backup.h"
#include "service/run/served_profiles.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestPassphrase = 1000;

struct BackupCommand {
  std::filesystem::path file, state, passphrase_file, to;
  std::string version;
};

/// The service's folder, and of every profile that it serves its state, its sealed vault file and the config file it is in.
/// What is not there yet is left out.
Result<std::vector<BackupSource>> sources_of(const BackupCommand& command, const Globals& globals) {
  std::vector<BackupSource> found;
  auto add = [&, seen = std::set<std::filesystem::path>()](std::string name,
                                                           const std::filesystem::path& path) mutable -> Result<void> {
    if (path.empty() || !seen.insert(std::filesystem::absolute(path).lexically_normal()).second) return {};
    auto there = file_exists(path);
    if (!there) return pass(there);
    if (*there) found.push_back({std::move(name), path});
    return {};
  };
  auto service = service_folder({globals.profile, {}, command.state}, process_environment());
  if (!service) return pass(service);
  if (auto added = add("service", *service); !added) return pass(added);
  auto settings = load_serve_settings(globals.profile, process_environment());
  if (!settings) return pass(settings);
  auto profiles = served_profiles({globals.profile, {}, {}}, *settings, process_environment());
  if (!profiles) return pass(profiles);
  for (const auto& profile : *profiles) {
    const auto folder = "profiles/" + profile.name;
    if (auto added = add(folder + "/state", profile.state_folder); !added) return pass(added);
    if (profile.vault.type == VaultProfile::Type::file) {
      if (auto added = add(folder + "/" + profile.vault.path.filename().string(), profile.vault.path); !added)
        return pass(added);
    }
    if (auto added = add(folder + "/config.toml", profile.file); !added) return pass(added);
  }
  return found;
}

Result<ExitCode> back_up(const BackupCommand& command, const Globals& globals) {
  auto passphrase = read_secret_file(command.passphrase_file, kLongestPassphrase, "--passphrase-file");
  if (!passphrase) return pass(passphrase);
  auto sources = sources_of(command, globals);
  if (!sources) return pass(sources);
  SystemClock clock;
  auto made = make_backup(*sources, command.file, *passphrase, command.version, clock);
  if (!made) return pass(made);
  say(fmt::format("{} backed up into {}\n", counted(made->files.size(), "file"), harmless(command.file.string())));
  return ExitCode::done;
}

Result<ExitCode> restore(const BackupCommand& command) {
  auto passphrase = read_secret_file(command.passphrase_file, kLongestPassphrase, "--passphrase-file");
  if (!passphrase) return pass(passphrase);
  auto restored =
      command.to.empty() ? check_backup(command.file, *passphrase) : restore_backup(command.file, command.to, *passphrase);
  if (!restored) return pass(restored);
  for (const auto& file : restored->files) print(fmt::format("{:>12}  {}\n", file.size, harmless(file.name)));
  say(fmt::format("{} {}, backed up at {} by {}\n", counted(restored->files.size(), "file"),
                  command.to.empty() ? "in the backup, which is sound" : "restored", iso_time(restored->made),
                  harmless(restored->version)));
  return ExitCode::done;
}

void run_it(Command command, Run& run, const std::function<Result<ExitCode>()>& work) {
  command.callback([work, &run] {
    run = [work] {
      auto done = work();
      return static_cast<int>(done ? *done : report_error(done.error(), OutputFormat::table));
    };
  });
}

}  // namespace

void add_backup_commands(Command app, const std::string& version, const Globals& globals, Run& run) {
  auto options = std::make_shared<BackupCommand>();
  options->version = version;
  const auto backup = app.subcommand(
      "backup", "Write all that the service and its profiles need to go on into one sealed file, while they run");
  backup.option("FILE", options->file, "A new file").required();
  backup.option("--passphrase-file", options->passphrase_file, "The passphrase that seals it").required().type_name("FILE");
  backup.option("--state", options->state, "Where the service keeps its own files").type_name("DIR");
  run_it(backup, run, [options, &globals] { return back_up(*options, globals); });

  auto wishes = std::make_shared<BackupCommand>();
  const auto restored = app.subcommand("restore", "Check a backup, and write its files into a new folder");
  restored.option("FILE", wishes->file, "What backup wrote").required();
  restored.option("--passphrase-file", wishes->passphrase_file, "The passphrase that seals it").required().type_name("FILE");
  restored.option("--to", wishes->to, "A folder that is not there; without it the backup is only checked").type_name("DIR");
  run_it(restored, run, [wishes] { return restore(*wishes); });
}

}  // namespace portalkey
