#include "service/audit/checkpoint_senders.h"

#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>

#include "base/system_error.h"
#include "base/trusted_path.h"
#include "service/audit/checkpoint_text.h"
#include "vault/secret_store.h"

namespace portalkey {
namespace {

constexpr std::chrono::seconds kSecretPatience{30};
constexpr std::chrono::hours kSecretsApart{6};

Result<void> append_line(const std::filesystem::path& file, const std::string& line) {
  auto opened = open_in_place(file);
  if (!opened) return pass(opened);
  const int fd = opened->get();
  // With O_APPEND a line of several writers stays whole. One that was cut short is ended first, so that it spoils no other.
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_APPEND) != 0) return system_error("cannot write", file);
  const auto size = ::lseek(fd, 0, SEEK_END);
  char last = '\n';
  if (size > 0 && ::pread(fd, &last, 1, size - 1) != 1) return system_error("cannot read", file);
  const auto text = (last == '\n' ? "" : "\n") + line + "\n";
  const auto written = ::write(fd, text.data(), text.size());
  if (written < 0) return system_error("cannot write", file);
  if (static_cast<std::size_t>(written) != text.size()) {
    errno = ENOSPC;
    return system_error("cannot write", file);
  }
  if (::fsync(fd) != 0) return system_error("cannot make the contents durable", file);
  return {};
}

}  // namespace

CheckpointSender to_log(std::function<void(const std::string&)> write) {
  return {"log", [write = std::move(write)](const Checkpoint& checkpoint) -> Result<void> {
            write("audit checkpoint " + checkpoint_line(checkpoint));
            return {};
          }};
}

CheckpointSender to_webhook(std::function<Result<void>(const std::string&)> post) {
  return {"webhook", [post = std::move(post)](const Checkpoint& checkpoint) { return post(checkpoint_line(checkpoint)); }};
}

CheckpointSender to_file(std::filesystem::path file) {
  return {"file",
          [file = std::move(file)](const Checkpoint& checkpoint) { return append_line(file, checkpoint_line(checkpoint)); }};
}

CheckpointSender to_syslog() {
  return {"syslog", [](const Checkpoint& checkpoint) -> Result<void> {
            // The text is all ASCII without a control character. What became of it syslog(3) does not say.
            ::syslog(LOG_AUTHPRIV | LOG_NOTICE, "portalkey: audit checkpoint %s", checkpoint_line(checkpoint).c_str());
            return {};
          }};
}

CheckpointSender to_secret(SecretStore& store, Clock& clock, std::string name) {
  return {"key vault",
          [&store, &clock, name = std::move(name)](const Checkpoint& checkpoint) -> Result<void> {
            const SecretAttributes attributes{
                .expires = {},
                .tags = {{kCheckpointTag, checkpoint_tag(checkpoint)}, {kSignatureTag, signature_tag(checkpoint)}}};
            auto put = store.put(name, Secret(checkpoint_line(checkpoint)), attributes, Deadline::in(kSecretPatience, clock));
            if (!put) return pass(put);
            return {};
          },
          kSecretsApart};
}

}  // namespace portalkey
