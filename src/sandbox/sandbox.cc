#include "sandbox/sandbox.h"

#include <sys/stat.h>
#include <unistd.h>

#include <future>
#include <string>
#include <utility>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/log.h"
#include "sandbox/emulator.h"
#include "sandbox/entra/managed_identity.h"
#include "sandbox/entra/workload_issuer.h"
#include "sandbox/graph/consent.h"
#include "sandbox/wire/certificates.h"
#include "sandbox/wire/exchange_recorder.h"
#include "sandbox/wire/json.h"
#include "web/server.h"

namespace portalkey::sandbox {
namespace {

constexpr std::chrono::milliseconds kSaveDelay{150};
constexpr std::size_t kStateLimit = 1024UL * 1024 * 1024;

/// A file's text, or empty if it is not there.
Result<std::string> text_of(const std::filesystem::path& path) {
  const auto bytes = read_file(path, kStateLimit, FileUse::trusted);
  if (!bytes) {
    if (bytes.error().code == Errc::not_found) return std::string();
    return std::unexpected(bytes.error());
  }
  return bytes->reveal([](std::string_view view) { return std::string(view); });
}

Result<CertificateAndKey> authority(const std::filesystem::path& folder, const std::vector<std::string>& names) {
  auto certificate = text_of(folder / "ca.pem");
  auto key = text_of(folder / "ca-key.pem");
  if (!certificate) return pass(certificate);
  if (!key) return pass(key);
  if (!certificate->empty() && !key->empty()) return CertificateAndKey{*certificate, *key};
  auto made = make_certificate_authority(names);
  if (!made) return pass(made);
  if (auto written = write_file_atomically(folder / "ca-key.pem", made->key_pem); !written) return pass(written);
  if (auto written = write_file_atomically(folder / "ca.pem", made->certificate_pem); !written) return pass(written);
  ::chmod((folder / "ca.pem").c_str(), 0644);  // a certificate is public, and other users' clients may have to read it
  return made;
}

/// `asked` if it is set, else `earlier` if it is free, else any.
Result<std::uint16_t> listen_on(Server& server, std::uint16_t asked, std::uint16_t earlier,
                                const std::optional<TlsIdentity>& tls, const FaultyHandler& handler) {
  if (asked == 0 && earlier != 0) {
    if (auto port = server.listen_misbehaving(earlier, tls, handler)) return port;
  }
  return server.listen_misbehaving(asked, tls, handler);
}

/// Writes on a thread of its own: with ten thousand tokens an fsync takes longer than a hundred answers.
class Saver {
 public:
  Saver(Emulator& emulator, Server& server, std::filesystem::path file)
      : emulator_(emulator), server_(server), file_(std::move(file)) {}

  /// To be called after every request: a change is on its way to the disk soon, 150 ms later or, in a tenant of many thousand
  /// tokens, when twenty times what it takes to put them in words has passed: answers come first.
  void poll() {
    if (!emulator_.take_changed() || waiting_) return;
    waiting_ = true;
    wait();
  }
  /// Returns when everything up to now is on disk.
  Result<void> save() {
    if (writing_.valid()) writing_.wait();
    emulator_.take_changed();
    return write_file_atomically(file_, emulator_.saved());
  }

 private:
  void wait() {
    server_.after(delay_, [this] {
      if (writing_.valid() && writing_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return wait();
      waiting_ = false;
      emulator_.take_changed();
      const auto begun = std::chrono::steady_clock::now();
      std::string words = emulator_.saved();
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
      delay_ = std::max<std::chrono::milliseconds>(kSaveDelay, 20 * took);
      writing_ = std::async(std::launch::async, [file = file_, text = std::move(words)] {
        if (auto written = write_file_atomically(file, text); !written) {
          log(LogLevel::warning, "the sandbox's state could not be saved: " + written.error().what);
        }
      });
    });
  }

  Emulator& emulator_;
  Server& server_;
  std::filesystem::path file_;
  std::future<void> writing_;
  std::chrono::milliseconds delay_{kSaveDelay};
  bool waiting_ = false;
};

std::string ready_line(const World& world, const std::filesystem::path& folder, bool with_pid) {
  json::array users;
  for (const auto& [key, user] : world.state.users) {
    if (users.size() == 1000) break;
    users.emplace_back(user.upn);
  }
  const auto& app = own_app(world);
  json::object out{{"port", world.state.port},
                   {"adminPort", world.state.admin_port},
                   {"adminTokenFile", (folder / "admin-token").string()},
                   {"caFile", (folder / "ca.pem").string()},
                   {"tenantId", world.state.tenant_id},
                   {"subscriptionId", world.state.subscription_id},
                   {"workloadIssuer", workload_issuer(world)},
                   {"vaultUrl", "https://" + lower(world.options.vault_name) + ".vault.azure.net"},
                   {"secretName", kSecretName},
                   {"serviceAccount", kServiceAccount},
                   {"adminAccount", kAdminAccount},
                   {"clientId", app.client_id},
                   {"clientSecretFile", (folder / "client-secret").string()},
                   {"users", std::move(users)}};
  const std::string local = "http://127.0.0.1:" + std::to_string(world.state.admin_port);
  out["imdsEndpoint"] = world.options.imds_address.empty()
                            ? local
                            : "http://" + world.options.imds_address + ':' + std::to_string(world.options.imds_port);
  out["identityEndpoint"] = local + std::string(kAppServicePath);
  out["identityHeaderFile"] = (folder / "identity-header").string();
  out["arcEndpoint"] = local + std::string(kArcPath);
  out["cloudShellEndpoint"] = local + std::string(kCloudShellPath);
  if (const auto* identity = find_managed_identity(world.state, false)) out["managedIdentityClientId"] = identity->client_id;
  if (const auto* identity = find_managed_identity(world.state, true)) out["userAssignedClientId"] = identity->client_id;
  if (with_pid) out["pid"] = ::getpid();
  return json::serialize(out) + '\n';
}

SandboxReady ready_facts(const World& world, const std::filesystem::path& folder) {
  SandboxReady ready;
  ready.line = ready_line(world, folder, false);
  ready.folder = folder;
  ready.admin_port = world.state.admin_port;
  ready.domain = kDomain;
  ready.service_account = kServiceAccount;
  ready.client_id = own_app(world).client_id;
  if (!world.options.empty_subscription) ready.vault_url = "https://" + lower(world.options.vault_name) + ".vault.azure.net";
  ready.auto_approve = world.options.auto_approve;
  ready.graph_granted = has_oath_permissions(world);
  if (!world.options.strict_users) return ready;
  for (const auto& [key, user] : world.state.users) {
    if (!user.disabled && !user.deleted && !user.guest) ready.only_users.push_back(user.upn);
  }
  return ready;
}

}  // namespace

Result<void> run_sandbox(const SandboxOptions& options, const std::function<void(const SandboxReady&)>& ready) {
  if (auto made = make_private_folder(options.folder); !made) return made;
  std::error_code error;
  const auto folder = std::filesystem::canonical(options.folder, error);
  if (error) return fail(Errc::not_found, "cannot use the sandbox's folder: " + error.message());

  SystemClock clock;
  auto lock = FileLock::take(folder / "lock", std::chrono::milliseconds(0), clock, {});
  if (!lock) {
    if (lock.error().code != Errc::conflict) return pass(lock);
    return std::unexpected(Error{Errc::conflict,
                                 "another sandbox is running on this folder",
                                 "Stop it, or choose another folder with --dir.",
                                 {{"folder", folder.string()}}});
  }
  auto saved = text_of(folder / "state.json");
  if (!saved) return pass(saved);
  auto made = Emulator::make(options, clock, *saved);
  if (!made) return pass(made);
  Emulator emulator = std::move(*made);
  State& state = emulator.world().state;

  const auto names = certificate_names();
  auto ca = authority(folder, names);
  if (!ca) return pass(ca);
  auto identity = make_server_certificate(*ca, names);
  if (!identity) return pass(identity);
  if (auto written = write_file_atomically(folder / "server-key.pem", identity->key_pem); !written) return written;
  if (auto written = write_file_atomically(folder / "server.pem", identity->certificate_pem); !written) return written;
  if (auto written = write_file_atomically(folder / "client-secret", own_app(emulator.world()).passwords.front().secret);
      !written)
    return written;

  std::optional<ExchangeRecorder> recorder;
  if (!options.record_file.empty()) {
    auto opened = ExchangeRecorder::open(options.record_file);
    if (!opened) return pass(opened);
    recorder = std::move(*opened);
  }
  if (auto written = write_file_atomically(folder / "admin-token", state.admin_token); !written) return written;
  if (auto written = write_file_atomically(folder / "identity-header", state.identity_header); !written) return written;

  Server server;
  server.stop_on_signals();
  Saver saver(emulator, server, folder / "state.json");
  const TlsIdentity tls{identity->certificate_pem, identity->key_pem};
  const auto port = listen_on(server, options.port, state.port, tls, [&](const HttpRequest& request) {
    auto answer = emulator.handle(request);
    if (recorder) recorder->add(request, answer);
    saver.poll();
    return answer;
  });
  if (!port) return std::unexpected(port.error());
  const auto admin_port =
      listen_on(server, options.admin_port, state.admin_port, std::nullopt, [&](const HttpRequest& request) {
        auto answer = emulator.admin(request);
        saver.poll();
        return answer;
      });
  if (!admin_port) return std::unexpected(admin_port.error());
  if (!options.imds_address.empty()) {
    const auto imds_port = server.listen_misbehaving(
        options.imds_port, std::nullopt,
        [&](const HttpRequest& request) {
          auto answer = emulator.metadata(request);
          saver.poll();
          return answer;
        },
        {}, options.imds_address);
    if (!imds_port) return std::unexpected(imds_port.error());
    emulator.world().options.imds_port = *imds_port;
  }
  state.port = *port;
  state.admin_port = *admin_port;
  if (auto written = saver.save(); !written) return written;
  if (auto written = write_file_atomically(folder / "sandbox.json", ready_line(emulator.world(), folder, true)); !written) {
    return written;
  }
  ready(ready_facts(emulator.world(), folder));

  server.run();
  return saver.save();
}

}  // namespace portalkey::sandbox
