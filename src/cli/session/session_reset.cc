#include "cli/session/session_reset.h"

#include <fmt/format.h>

#include <iostream>

#include "app/operations/session_reset.h"
#include "base/visible_text.h"

namespace portalkey {
namespace {

bool person_agrees() {
  say("Set these files aside (renamed, not deleted)? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

void tell_of(const SessionSetAside& done) {
  for (const auto& path : done.aside) print(harmless(fmt::format("Set aside: {}\n", path.string())));
  for (const auto& job : done.stranded) {
    say(fmt::format(
        "The job {} ({} of {} tokens done{}) cannot be resumed: run its command again with its seed file, then portalkey "
        "jobs forget {}\n",
        job.id, job.good, job.tokens, job.file.empty() ? "" : ", from " + visible_text(job.file), job.id));
  }
  using Next = SessionSetAside::Next;
  if (done.next == Next::sign_in) {
    say("Now sign the service account in again: portalkey login\n");
  } else if (done.next == Next::refresh) {
    say("Now see whether the vault's refresh token still works: portalkey session refresh\n");
  }
}

}  // namespace

Result<ExitCode> reset_session(Tenant& tenant, bool yes) {
  auto reset = SessionReset::look(tenant);
  if (!reset) return pass(reset);
  const auto unopened = reset->unopened();
  if (unopened.empty()) {
    print("The passphrase opens every sealed file of this profile: nothing was set aside.\n");
    return ExitCode::done;
  }
  say("What the passphrase given now does not open:\n");
  for (const auto& file : unopened)
    say(harmless(fmt::format("  {}\n    {}. It holds {}\n", file.path.string(), file.why, file.loses)));
  if (!yes && !person_agrees()) return fail(Errc::cancelled, "nothing was set aside");
  const auto done = reset->set_aside();
  if (!done) return std::unexpected(done.error());
  tell_of(*done);
  say("When the lost passphrase is found, the files can be renamed back.\n");
  return ExitCode::done;
}

}  // namespace portalkey
