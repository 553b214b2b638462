#include "service/run/run_service.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/resource.h>

#include <csignal>

#include "app/operations/end_jobs.h"
#include "app/operations/session.h"
#include "base/files.h"
#include "base/log.h"
#include "service/audit/checkpoint_senders.h"
#include "service/audit/checkpointer.h"
#include "service/audit/signing_key.h"
#include "service/audit/sqlite_audit_log.h"
#include "service/callers/callers.h"
#include "service/mirror/refresher.h"
#include "service/mirror/sqlite_mirror.h"
#include "service/requests/request_memory.h"
#include "service/run/asks_at_the_start.h"
#include "service/run/own_certificate.h"
#include "service/run/schedule.h"
#include "service/run/sd_notify.h"
#include "service/run/served_profiles.h"
#include "service/service.h"
#include "web/pooled_server.h"

namespace portalkey {
namespace {

constexpr std::chrono::seconds kDrain{30};
constexpr std::chrono::seconds kWebhook{30};
constexpr std::chrono::days kFirstKey{365};
constexpr std::size_t kTicketKey = 32;
constexpr std::size_t kHandlers = 32;
constexpr std::size_t kMostWaiting = 20;  // of the handlers: the others answer meanwhile

/// The key of the tickets that let a poller look at a job: kept, so that they outlive a restart.
Result<Secret> ticket_key(const std::filesystem::path& folder) {
  const auto file = folder / "tickets.key";
  auto there = file_exists(file);
  if (!there) return pass(there);
  if (*there) {
    auto known = read_file(file, kTicketKey, FileUse::secret);
    if (!known || known->size() == kTicketKey) return known;
  }
  std::string bytes(kTicketKey, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  Secret key(bytes);
  auto written = write_file_atomically(file, bytes);
  wipe(bytes);
  if (!written) return pass(written);
  return key;
}

std::string url_of(const ServeSettings& settings, std::uint16_t port) {
  if (!settings.public_url.empty()) return settings.public_url;
  const bool here =
      settings.address == "127.0.0.1" || settings.address == "::1" || settings.address == "0.0.0.0" || settings.address == "::";
  const std::string host = here                             ? "localhost"
                           : settings.address.contains(':') ? "[" + settings.address + "]"
                                                            : settings.address;
  return fmt::format("{}://{}:{}", settings.behind_proxy ? "http" : "https", host, port);
}

void allow_many_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Result<void> post_checkpoint(Http& wire, Clock& clock, const Url& url, const std::string& body) {
  Request request;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = {Secret(body), {}};
  auto answer = wire.send(request, Deadline::in(kWebhook, clock));
  if (!answer) return pass(answer);
  if (answer->status >= 200 && answer->status < 300) return {};
  return fail(Errc::unavailable, fmt::format("the webhook answered {}", answer->status));
}

sigset_t signals_of_ours() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

/// Everything that is opened and wired for as long as the service runs.
class Running {
 public:
  Running(const ServeWishes& wishes, const Environment& environment, Interaction& asks)
      : wishes_(wishes), environment_(environment), person_(asks) {}

  Result<void> open();
  Result<ServiceStarted> serve();
  void wait_for_the_end();

 private:
  Result<void> open_stores();
  Result<void> open_tenants();
  Result<std::string> first_key();
  Result<std::optional<TlsIdentity>> identity();
  Result<void> sign_checkpoints();
  void plan_work();
  void plan_work_of(ServedTenant& tenant);
  void reload();
  void end();
  void tell_outside_change(const std::string& tenant, const OutsideChange& change);

  const ServeWishes& wishes_;
  const Environment& environment_;
  AsksAtTheStart person_;
  SystemClock clock_;
  ServeSettings settings_;
  std::filesystem::path state_;
  std::stop_source stop_;
  std::unique_ptr<AuditTrail> audit_;
  std::unique_ptr<Mirror> mirror_;
  std::unique_ptr<RequestMemory> requests_;
  std::unique_ptr<ApiKeys> keys_;
  std::unique_ptr<CallerUse> use_;
  std::unique_ptr<Authenticator> authenticator_;
  std::vector<std::unique_ptr<ServedTenant>> tenants_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<PooledServer> server_;
  std::unique_ptr<MirrorRefresher> refresher_;
  std::optional<SigningKey> signing_key_;
  std::unique_ptr<Http> checkpoint_wire_;  // null: no webhook
  std::unique_ptr<Checkpointer> checkpointer_;
  Schedule schedule_{clock_};
};

Result<void> Running::open() {
  auto settings = load_serve_settings(wishes_.profile, environment_);
  if (!settings) return pass(settings);
  settings_ = std::move(*settings);
  if (!wishes_.listen.empty() && !read_listen_address(wishes_.listen, settings_))
    return fail(Errc::invalid_input, "'" + wishes_.listen + "' is no address to listen on",
                "Give ADDRESS:PORT, such as 127.0.0.1:8443.");
  auto state = service_folder(wishes_, environment_);
  if (!state) return pass(state);
  state_ = std::move(*state);
  if (auto made = make_private_folder(state_); !made) return made;
  if (auto opened = open_stores(); !opened) return opened;
  return open_tenants();
}

Result<void> Running::open_stores() {
  auto audit = open_audit_log(state_, clock_);
  if (!audit) return pass(audit);
  audit_ = std::move(*audit);
  auto mirror = open_mirror(state_, clock_);
  if (!mirror) return pass(mirror);
  mirror_ = std::move(*mirror);
  auto requests = open_request_memory(state_, clock_);
  if (!requests) return pass(requests);
  requests_ = std::move(*requests);
  auto keys = open_api_keys(state_, clock_);
  if (!keys) return pass(keys);
  keys_ = std::move(*keys);
  auto use = open_caller_use(state_, clock_);
  if (!use) return pass(use);
  use_ = std::move(*use);
  return {};
}

Result<void> Running::open_tenants() {
  auto profiles = served_profiles(wishes_, settings_, environment_);
  if (!profiles) return pass(profiles);
  for (auto& profile : *profiles) {
    auto tenant = std::make_unique<ServedTenant>(std::move(profile), Surroundings{person_, environment_, stop_.get_token()},
                                                 *audit_, *mirror_);
    if (auto fine = tenant->tenant().check_files(); !fine) return fine;
    if (auto unlocked = tenant->tenant().unlock_vault(); !unlocked) return unlocked;
    if (const auto paths = settings_.portal_paths.find(tenant->name()); paths != settings_.portal_paths.end())
      tenant->portal_paths = paths->second;
    tenants_.push_back(std::move(tenant));
  }
  return {};
}

Result<std::string> Running::first_key() {
  auto there = keys_->list();
  if (!there) return pass(there);
  if (!there->empty() || !settings_.tenants.empty()) return std::string();
  NewApiKey wish;
  wish.name = "first";
  wish.rights.insert(std::begin(kEveryRight), std::end(kEveryRight));
  wish.expires = clock_.now() + kFirstKey;
  auto made = keys_->create(wish);
  if (!made) return pass(made);
  return made->text.reveal([](std::string_view text) { return std::string(text); });
}

Result<std::optional<TlsIdentity>> Running::identity() {
  if (settings_.behind_proxy) return std::optional<TlsIdentity>();
  auto found = settings_.certificate.empty() ? own_identity(state_, clock_.now())
                                             : read_identity(settings_.certificate, settings_.key, clock_.now());
  if (!found) return pass(found);
  return std::optional(std::move(*found));
}

Result<ServiceStarted> Running::serve() {
  auto key = ticket_key(state_);
  if (!key) return pass(key);
  auto authenticator = make_authenticator({settings_.cloud, settings_.tenants, settings_.audiences, settings_.limits}, *keys_,
                                          tenants_.empty() ? nullptr : &tenants_.front()->tenant().http(), clock_);
  if (!authenticator) return pass(authenticator);
  authenticator_ = std::move(*authenticator);
  auto tls = identity();
  if (!tls) return pass(tls);
  allow_many_descriptors();
  PooledServerOptions options;
  options.handlers = kHandlers;
  options.address = settings_.address;
  options.port = settings_.port;
  if (const int socket = socket_of_systemd(); socket >= 0) options.socket = socket;
  options.tls = std::move(*tls);
  auto server = PooledServer::start(std::move(options), [this](const HttpRequest& request) {
    if (service_ == nullptr) return HttpResponse{503, {}, {}, {}};
    return service_->handle(request);
  });
  if (!server) return pass(server);
  server_ = std::move(*server);
  ServiceSettings how;
  how.public_url = url_of(settings_, server_->port());
  how.trusted_proxies = settings_.trusted_proxies;
  how.most_waiting = kMostWaiting;
  how.requests_a_minute = settings_.requests_a_minute;
  service_ = std::make_unique<Service>(ServiceParts{tenants_, *authenticator_, *audit_, *mirror_, *requests_, *use_, clock_},
                                       how, std::move(*key));
  if (auto signing = sign_checkpoints(); !signing) return pass(signing);
  plan_work();
  person_.started();
  ServiceStarted started;
  started.url = service_->settings().public_url;
  started.state = state_;
  if (!settings_.behind_proxy && settings_.certificate.empty()) started.certificate = state_ / "certificate.pem";
  for (const auto& tenant : tenants_) started.tenants.push_back(tenant->name());
  auto first = first_key();
  if (!first) return pass(first);
  started.first_key = std::move(*first);
  return started;
}

void Running::tell_outside_change(const std::string& tenant, const OutsideChange& change) {
  AuditEvent event;
  event.action = "token.changed_outside";
  event.outcome = "found";
  event.tenant = tenant;
  event.serial = change.token.serial;
  event.upn = change.token.upn;
  switch (change.what) {
    case OutsideChange::What::appeared: event.detail = "it is in the tenant now"; break;
    case OutsideChange::What::vanished: event.detail = "it is not in the tenant any more"; break;
    case OutsideChange::What::activated: event.detail = "it was activated"; break;
    case OutsideChange::What::deactivated: event.detail = "it is not active any more"; break;
    case OutsideChange::What::changed_owner:
      event.detail = fmt::format("it was {}", change.from_upn.empty() ? "nobody's" : change.from_upn + "'s");
      break;
  }
  if (auto written = audit_->append(event); !written) log(LogLevel::warning, written.error().what);
}

Result<void> Running::sign_checkpoints() {
  auto key = SigningKey::open(state_, SigningKey::Missing::made);
  if (!key) return pass(key);
  signing_key_ = std::move(*key);
  std::vector<CheckpointSender> senders{to_log([](const std::string& line) { log(LogLevel::info, line); })};
  if (settings_.checkpoint_syslog) senders.push_back(to_syslog());
  if (!settings_.checkpoint_file.empty()) senders.push_back(to_file(settings_.checkpoint_file));
  if (!settings_.checkpoint_profile.empty()) {
    const auto keeps = std::ranges::find_if(tenants_, [&](const auto& tenant) {
      return tenant->name() == settings_.checkpoint_profile &&
             tenant->tenant().profile().vault.type == VaultProfile::Type::key_vault;
    });
    if (keeps == tenants_.end()) {
      return fail(Errc::invalid_input,
                  "service.checkpoint_profile names no profile that is served and keeps its session in Key Vault",
                  "Name one, or leave it out.");
    }
    senders.push_back(to_secret((*keeps)->tenant().store(), clock_));
  }
  if (const Url url(settings_.checkpoint_webhook); url.valid() && !tenants_.empty()) {
    checkpoint_wire_ = tenants_.front()->tenant().wire_to(std::string(url.host()));
    senders.push_back(
        to_webhook([this, url](const std::string& body) { return post_checkpoint(*checkpoint_wire_, clock_, url, body); }));
  }
  checkpointer_ = std::make_unique<Checkpointer>(*audit_, *signing_key_, clock_, CheckpointRules{}, std::move(senders));
  return {};
}

void Running::plan_work_of(ServedTenant& tenant) {
  schedule_.add("taking up jobs", std::chrono::seconds(0), std::chrono::minutes(1), [&tenant] {
    if (auto taken = tenant.queue().take_up(); !taken)
      log(LogLevel::warning, fmt::format("{}: jobs cannot be taken up: {}", tenant.name(), taken.error().what));
  });
  schedule_.add("looking at the session", std::chrono::seconds(0), std::chrono::minutes(5),
                [&tenant] { tenant.look_at_session(); });
  if (settings_.rotate_every.count() > 0) {
    schedule_.add("renewing the session", std::chrono::minutes(5), settings_.rotate_every, [this, &tenant] {
      if (tenant.tenant().profile().backend == Backend::graph) return;
      auto done = refresh_session(tenant.tenant(), service_->words());
      tenant.heard_of_session(done ? std::nullopt : std::optional(done.error()));
      if (!done) log(LogLevel::warning, fmt::format("{}: the session was not renewed: {}", tenant.name(), done.error().what));
      tenant.look_at_session();
    });
  }
  if (settings_.keep_jobs.count() > 0) {
    schedule_.add("forgetting old jobs", std::chrono::minutes(10), std::chrono::hours(24), [this, &tenant] {
      JobPruning pruning;
      pruning.older_than = settings_.keep_jobs;
      auto pruned = tenant.with_jobs<PrunedJobs>([&](JobStore& store) { return prune_jobs(tenant.tenant(), store, pruning); });
      if (!pruned)
        log(LogLevel::warning, fmt::format("{}: old jobs are not forgotten: {}", tenant.name(), pruned.error().what));
    });
  }
}

void Running::plan_work() {
  for (const auto& tenant : tenants_) plan_work_of(*tenant);
  refresher_ = std::make_unique<MirrorRefresher>(
      *mirror_, clock_, settings_.mirror_age,
      [this](const std::string& tenant, const OutsideChange& change) { tell_outside_change(tenant, change); });
  for (const auto& tenant : tenants_)
    refresher_->add(tenant->name(), [&tenant = *tenant] { return tenant.tenant().open_tokens(); });
  refresher_->start();
  schedule_.add("signing the audit trail", std::chrono::seconds(15), std::chrono::seconds(15), [this] {
    if (auto done = checkpointer_->tick(); !done)
      log(LogLevel::warning, fmt::format("no checkpoint of the audit trail: {}", done.error().what));
  });
  schedule_.start();
}

void Running::reload() {
  tell_systemd("RELOADING=1");
  auto settings = load_serve_settings(wishes_.profile, environment_);
  if (!settings) {
    log(LogLevel::warning, fmt::format("the settings are not read again: {}", settings.error().what));
  } else {
    settings_.certificate = settings->certificate;
    settings_.key = settings->key;
    auto tls = identity();
    auto used = tls && *tls ? server_->use_identity(**tls) : Result<void>();
    if (!tls || !used)
      log(LogLevel::warning, fmt::format("the certificate is not read again: {}", !tls ? tls.error().what : used.error().what));
    else
      log(LogLevel::info, "certificate and settings were read again");
  }
  tell_systemd("READY=1");
}

void Running::wait_for_the_end() {
  const sigset_t set = signals_of_ours();
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (signal != SIGHUP) break;
    reload();
  }
  end();
}

void Running::end() {
  tell_systemd("STOPPING=1");
  log(LogLevel::info, "the service ends: what was begun is answered");
  service_->drain();
  schedule_.stop();
  refresher_->stop();
  if (!server_->drain(kDrain)) log(LogLevel::warning, "answers were cut off: they took too long");
  for (const auto& tenant : tenants_) tenant->queue().stop();
  if (auto done = checkpointer_->finish(); !done)
    log(LogLevel::warning, fmt::format("no last checkpoint: {}", done.error().what));
  stop_.request_stop();
}

}  // namespace

Result<void> run_service(const ServeWishes& wishes, const Environment& environment, Interaction& asks,
                         const std::function<void(const ServiceStarted&)>& started) {
  // Blocked in every thread that comes, so that the one that waits for them gets them.
  const sigset_t set = signals_of_ours();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  Running running(wishes, environment, asks);
  if (auto opened = running.open(); !opened) return opened;
  auto serving = running.serve();
  if (!serving) return pass(serving);
  started(*serving);
  tell_systemd("READY=1");
  running.wait_for_the_end();
  return {};
}

}  // namespace portalkey
