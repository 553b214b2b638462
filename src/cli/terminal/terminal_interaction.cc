#include "cli/terminal/terminal_interaction.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/run_program.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/output.h"
#include "cli/terminal/progress_line.h"
#include "cli/terminal/shown_sign_in.h"
#include "cli/terminal/terminal_paste.h"
#include "entra/credentials/browser_sign_in.h"

namespace portalkey {
namespace {

/// One line that is typed without echo.
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
  std::string_view typed(line, n > 0 ? static_cast<std::size_t>(n) : 0);
  while (typed.ends_with('\n') || typed.ends_with('\r')) typed.remove_suffix(1);
  Secret answer(typed);
  explicit_bzero(line, sizeof line);
  return answer;
}

bool same(const Secret& a, const Secret& b) {
  return a.reveal([&](std::string_view x) { return b.reveal([&](std::string_view y) { return x == y; }); });
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool has_desktop() { return !variable("DISPLAY").empty() || !variable("WAYLAND_DISPLAY").empty(); }

bool opened(const RedirectPage& page) {
  return std::ranges::any_of(browser_commands(variable("BROWSER"), has_desktop(), page.url()),
                             [](const auto& command) { return start_program(command).has_value(); });
}

}  // namespace

bool TerminalInteraction::somebody_there() const { return person_ == Person::expected || stderr_is_terminal(); }

Result<void> TerminalInteraction::show_device_code(const DeviceCode& code, const SignIn& sign_in) {
  say(harmless(fmt::format("Sign in {}: open {} in a web browser and enter the code {}\n", sign_in.who, code.verification_uri,
                           code.user_code)));
  if (sign_in.sandbox_port != 0)
    say(fmt::format("  (on this sandbox the page is http://127.0.0.1:{}/devicelogin)\n", sign_in.sandbox_port));
  return {};
}

Result<ShownSignIn> TerminalInteraction::open_browser(const SignInPage& page, const SignIn& sign_in) {
  const std::string address = page_to_open(page, sign_in);
  say(harmless(fmt::format("Sign in {} in a web browser, at this page:\n  {}\n", sign_in.who, page.url)));
  if (address != page.url) say(fmt::format("  (on this sandbox the page is {})\n", address));
  ShownSignIn shown;
  const auto commands = browser_commands(variable("BROWSER"), has_desktop(), "");
  std::string why = "no browser was found on this machine";
  if (!commands.empty()) {
    auto redirect = RedirectPage::make(sign_in.folder, address);
    if (!redirect) why = "no browser could be opened, for " + redirect.error().what;
    if (redirect) shown.page.emplace(std::move(*redirect));
    if (shown.page && !opened(*shown.page)) {
      shown.page.reset();
      why = "no browser could be opened";
    }
  }
  if (shown.page) {
    say("  (a browser of this machine is opened; if none shows up, open the page yourself)\n");
  } else {
    say(fmt::format("  ({}: open the page yourself, on whatever machine)\n", harmless(why)));
  }
  shown.pasted = paste_from_terminal();
  if (shown.pasted) {
    say("If the browser cannot come back to this machine, it ends at an address of localhost that it cannot open: paste that "
        "address, or the code in it, here (it is not shown) and press Enter.\n");
  }
  if (!shown.page) {
    char host[256] = {};
    (void)::gethostname(host, sizeof host - 1);
    say(fmt::format("Or let the browser of another machine come back by itself; run this there first:\n  {}\n",
                    port_forward(page.port, variable("USER"), variable("SSH_CONNECTION"), host)));
  }
  return shown;
}

Result<Secret> TerminalInteraction::ask_passphrase(const PassphraseWanted& wanted) {
  const std::lock_guard turn(asking_);
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) {
    return fail(Errc::invalid_input, fmt::format("{} needs a passphrase, and there is no terminal to ask on", wanted.opens),
                "Set vault.passphrase_file in the profile, or PORTALKEY_PASSPHRASE_FILE.");
  }
  auto typed = prompt(terminal, fmt::format("{} {}: ", wanted.fresh ? "New passphrase for" : "Passphrase of", wanted.opens));
  if (typed && wanted.fresh) {
    auto again = prompt(terminal, "The same once more: ");
    if (again && !same(*typed, *again))
      typed = fail(Errc::invalid_input, "the two passphrases differ", "Run the command again.");
  }
  ::close(terminal);
  if (typed && typed->empty()) return fail(Errc::invalid_input, "the passphrase is empty", "Run the command again.");
  return typed;
}

void TerminalInteraction::warn(std::string_view what) { portalkey::warn(what); }

std::unique_ptr<Progress> TerminalInteraction::progress() { return std::make_unique<ProgressLine>(clock_); }

}  // namespace portalkey
