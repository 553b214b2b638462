// What idle keep-alive connections cost the service's HTTP server: idle_connections [NUMBER [tls]]. The server is a process of
// its own; each connection has had one answer. Prints its resident memory before and with them.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "web/pooled_server.h"

namespace {

using namespace portalkey;

constexpr std::string_view kAsked = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string pem_of(auto&& write) {
  BIO* const bio = BIO_new(BIO_s_mem());
  write(bio);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

TlsIdentity self_signed() {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  return {pem_of([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); }),
          pem_of([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); })};
}

double resident_mb(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return 0;
}

/// Serves until it is killed; writes its port to `tell`.
[[noreturn]] void serve(bool tls, int tell) {
  PooledServerOptions options;
  options.limits.read = std::chrono::minutes(10);
  if (tls) options.tls = self_signed();
  auto server = PooledServer::start(std::move(options), [](const HttpRequest&) { return HttpResponse{200, {}, "here", {}}; });
  const std::uint16_t port = server ? (*server)->port() : 0;
  if (write(tell, &port, sizeof port) != sizeof port) std::exit(1);
  for (;;) pause();
}

bool asks_once(int socket, SSL_CTX* context, std::vector<SSL*>& sessions) {
  char answer[1000];
  if (context == nullptr)
    return send(socket, kAsked.data(), kAsked.size(), MSG_NOSIGNAL) > 0 && recv(socket, answer, sizeof answer, 0) > 0;
  SSL* const ssl = sessions.emplace_back(SSL_new(context));
  SSL_set_fd(ssl, socket);
  return SSL_connect(ssl) == 1 && SSL_write(ssl, kAsked.data(), static_cast<int>(kAsked.size())) > 0 &&
         SSL_read(ssl, answer, sizeof answer) > 0;
}

}  // namespace

int main(int count, char** arguments) {
  const int number = count > 1 ? std::atoi(arguments[1]) : 10'000;
  const bool tls = count > 2 && std::string_view(arguments[2]) == "tls";
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  int told[2];
  if (pipe(told) != 0) return 1;
  const pid_t server = fork();
  if (server == 0) serve(tls, told[1]);
  std::uint16_t port = 0;
  if (read(told[0], &port, sizeof port) != sizeof port || port == 0) return 1;
  const double before = resident_mb(server);
  SSL_CTX* const context = tls ? SSL_CTX_new(TLS_client_method()) : nullptr;
  if (tls) SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  std::vector<SSL*> sessions;
  int connected = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < number; ++i) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected +=
        connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && asks_once(socket, context, sessions);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const double with = resident_mb(server);
  fmt::print("{} of {} connections{}: {:.1f} MB before, {:.1f} MB with them, {:.1f} KB each; they took {:.1f} s\n", connected,
             number, tls ? " over TLS" : "", before, with, (with - before) * 1024 / connected, took.count());
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
  return connected == number ? 0 : 1;
}
