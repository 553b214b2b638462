#include "cli/terminal/passphrase.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/files.h"
#include "base/secret_text.h"
#include "cli/terminal/interrupt.h"

namespace portalkey {
namespace {

Secret without_line_break(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return Secret(text);
}

Result<Secret> prompt(int terminal, std::string_view question) {
  termios before{};
  if (::tcgetattr(terminal, &before) != 0)
    return fail(Errc::invalid_input, "the terminal does not let its echo be switched off");
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(terminal, TCSAFLUSH, &silent);
  (void)!::write(terminal, question.data(), question.size());
  const auto stop = stop_on_interrupt();
  pollfd typing{terminal, POLLIN, 0};
  while (!stop.stop_requested() && ::poll(&typing, 1, 100) == 0) {
  }  // Ctrl-C does not interrupt a read here: a thread takes it
  char line[1024] = {};
  const ssize_t n = stop.stop_requested() ? 0 : ::read(terminal, line, sizeof line);
  ::tcsetattr(terminal, TCSAFLUSH, &before);
  (void)!::write(terminal, "\n", 1);
  if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
  const Secret typed(std::string_view(line, n > 0 ? static_cast<std::size_t>(n) : 0));
  explicit_bzero(line, sizeof line);
  return typed.reveal(without_line_break);
}

bool same(const Secret& a, const Secret& b) {
  return a.reveal([&](std::string_view x) { return b.reveal([&](std::string_view y) { return x == y; }); });
}

}  // namespace

Secret take_from_environment(const char* name) {
  char* value = std::getenv(name);
  if (value == nullptr) return {};
  Secret taken{std::string_view(value)};
  explicit_bzero(value, std::strlen(value));  // the block the kernel shows as /proc/PID/environ
  ::unsetenv(name);
  return taken;
}

namespace {

Result<Secret> read_secret(const std::filesystem::path& file, std::size_t limit_bytes, std::string_view setting, FileUse use,
                           Secret (*secret_in)(std::string_view bytes)) {
  auto bytes = read_file(file, limit_bytes, use);
  if (!bytes) {
    // A wrong setting, not a missing secret: that would mean that nobody has signed in.
    if (bytes.error().code == Errc::not_found) bytes.error().code = Errc::invalid_input;
    return std::unexpected(std::move(bytes).error().with("needed for", std::string(setting)));
  }
  Secret secret = bytes->reveal(secret_in);
  if (secret.empty()) {
    return std::unexpected(
        Error{Errc::invalid_input, "the file is empty", "Put the secret's value into it.", {{"file", file.string()}}});
  }
  return secret;
}

/// Exactly what the vault file was sealed with.
Result<Secret> read_vault_passphrase(const std::filesystem::path& file, std::string_view setting) {
  constexpr std::size_t kLimit = 4096;
  return read_secret(file, kLimit, setting, FileUse::secret, without_line_break);
}

}  // namespace

std::string weakness_of(const Secret& passphrase) {
  static constexpr std::size_t kLeast = 12;
  static constexpr std::ptrdiff_t kLeastDifferent = 5;
  return passphrase.reveal([](std::string_view text) -> std::string {
    // Bytes of UTF-8 that begin a character.
    const auto length = std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    if (static_cast<std::size_t>(length) < kLeast) return fmt::format("it is shorter than {} characters", kLeast);
    std::array<bool, 256> there{};
    for (const char c : text) there[static_cast<unsigned char>(c)] = true;
    if (std::ranges::count(there, true) < kLeastDifferent)
      return fmt::format("it has fewer than {} different characters", kLeastDifferent);
    return {};
  });
}

Result<Secret> read_secret_file(const std::filesystem::path& file, std::size_t limit_bytes, std::string_view setting,
                                FileUse use) {
  return read_secret(file, limit_bytes, setting, use, secret_in_text);
}

Result<Secret> read_passphrase(const std::filesystem::path& file, bool fresh) {
  if (!file.empty()) return read_vault_passphrase(file, "vault.passphrase_file in the profile");
  if (const char* named = std::getenv("PORTALKEY_PASSPHRASE_FILE"); named != nullptr && *named != '\0')
    return read_vault_passphrase(named, "PORTALKEY_PASSPHRASE_FILE");
  if (Secret given = take_from_environment("PORTALKEY_PASSPHRASE"); !given.empty()) return given;
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) {
    return fail(Errc::invalid_input, "the vault file needs a passphrase, and there is no terminal to ask on",
                "Set vault.passphrase_file in the profile, or PORTALKEY_PASSPHRASE_FILE.");
  }
  auto typed = prompt(terminal, fresh ? "New passphrase for the vault file: " : "Passphrase of the vault file: ");
  if (typed && fresh) {
    auto again = prompt(terminal, "The same once more: ");
    if (again && !same(*typed, *again))
      typed = fail(Errc::invalid_input, "the two passphrases differ", "Run the command again.");
  }
  ::close(terminal);
  if (typed && typed->empty()) return fail(Errc::invalid_input, "the passphrase is empty", "Run the command again.");
  return typed;
}

}  // namespace portalkey
