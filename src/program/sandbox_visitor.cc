#include "program/sandbox_visitor.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/files.h"
#include "base/random.h"
#include "cli/terminal/shell_word.h"
#include "otp/base32.h"

namespace portalkey {
namespace {

constexpr std::size_t kKeyBytes = 20;  // as RFC 4226 has it, and vendors deliver

struct Sample {
  std::string serial, upn, key;
  int step;
};

std::vector<Sample> samples(const sandbox::SandboxReady& ready) {
  static constexpr std::string_view kPeople[] = {"anna.adler",   "ben.brandt", "carla.conti",
                                                 "david.duarte", "eva.ek",     "farid.faris"};
  std::vector<Sample> out;
  Random random;
  for (const auto name : kPeople) {
    std::string bytes;
    while (bytes.size() < kKeyBytes) bytes += static_cast<char>(random.below(256));
    const auto number = out.size() + 1;
    out.push_back({fmt::format("10000000{:02}", number), fmt::format("{}@{}", name, ready.domain),
                   encode_base32(bytes).reveal([](std::string_view key) { return std::string(key); }),
                   number % 3 == 0 ? 60 : 30});
  }
  // Where only listed accounts exist, these do.
  for (std::size_t i = 0; i < std::min(ready.only_users.size(), out.size()); ++i) out[i].upn = ready.only_users[i];
  if (!ready.only_users.empty()) out.resize(std::min(out.size(), ready.only_users.size()));
  return out;
}

std::string profile_text(const sandbox::SandboxReady& ready, std::string_view name, std::string_view more) {
  std::string text = fmt::format("\n[profile.{}]\nsandbox = \".\"\ntenant = \"{}\"\nservice_account = \"{}\"\n{}", name,
                                 ready.domain, ready.service_account, more);
  if (ready.vault_url.empty()) return text;
  return text + fmt::format(
                    "\n[profile.{0}.vault]\ntype = \"key_vault\"\nurl = \"{1}\"\n\n[profile.{0}.credential]\ntype = "
                    "\"client_secret\"\nclient_id = \"{2}\"\nclient_secret_file = \"client-secret\"\n",
                    name, ready.vault_url, ready.client_id);
}

Result<void> write_unless_there(const std::filesystem::path& file, std::string_view text) {
  std::error_code problem;
  if (std::filesystem::exists(std::filesystem::symlink_status(file, problem))) return {};
  return write_file_atomically(file, text);
}

}  // namespace

Result<void> write_visitor_files(const sandbox::SandboxReady& ready) {
  const auto seeds_file = ready.folder / "seeds.csv", people_file = ready.folder / "people.csv";
  std::error_code problem;
  const bool both_missing = !std::filesystem::exists(seeds_file, problem) && !std::filesystem::exists(people_file, problem);
  if (both_missing) {  // they belong together
    std::string seeds = "serial number,secret key,time interval,manufacturer,model\r\n", people = "serial number,upn\r\n";
    for (const auto& one : samples(ready)) {
      seeds += fmt::format("{},{},{},Contoso,C100\r\n", one.serial, one.key, one.step);
      people += fmt::format("{},{}\r\n", one.serial, one.upn);
    }
    if (auto written = write_unless_there(seeds_file, seeds); !written) return written;
    if (auto written = write_unless_there(people_file, people); !written) return written;
  }
  return write_unless_there(
      ready.folder / "config.toml",
      "# Profiles on this sandbox, written as for a real tenant: `sandbox` alone makes them come here. Yours to change.\n" +
          profile_text(ready, "default", "") + profile_text(ready, "graph", "backend = \"graph\"\n"));
}

std::string what_to_type(const sandbox::SandboxReady& ready) {
  const auto in_folder = [&](const char* name) { return shell_word((ready.folder / name).string()); };
  const std::string portal = "  portalkey --config " + in_folder("config.toml") + " ";
  const std::string graph = portal + "--profile graph ";
  std::string text = fmt::format("The sandbox is ready and serves until Ctrl+C. It keeps everything in {}\n",
                                 shell_word(ready.folder.string()));
  if (!ready.auto_approve) {
    text += fmt::format(
        "Sign-ins wait for somebody: the address shown is this machine's own, device codes are typed at "
        "http://127.0.0.1:{}/devicelogin (--auto-approve: for nobody).\n",
        ready.admin_port);
  }
  text += "Type in another terminal:\n\n";
  if (ready.vault_url.empty()) {
    return text + fmt::format("  portalkey --sandbox {} --credential device_code setup apply --location westeurope{}\n",
                              shell_word(ready.folder.string()), ready.auto_approve ? "" : "   (sign in as admin@contoso.com)");
  }
  text += portal + (ready.auto_approve ? "login --device-code\n" : "login\n");  // which takes no browser
  text += portal + fmt::format("tokens import {} --assign {}\n", in_folder("seeds.csv"), in_folder("people.csv"));
  text += portal + "tokens list\n\n";
  if (!ready.graph_granted) {
    return text + "Microsoft Graph lets the app do nothing yet: start the sandbox with --grant-graph for --profile graph.\n";
  }
  text += "The same through Microsoft Graph, where the app has its permissions and nobody signs in:\n\n";
  text += graph + fmt::format("tokens import {}\n", in_folder("seeds.csv"));
  return text + graph + "tokens list\n";
}

}  // namespace portalkey
