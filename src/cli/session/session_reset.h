#pragma once

#include "app/tenant/tenant.h"
#include "cli/terminal/output.h"

namespace portalkey {

/// `portalkey session reset`: the way out when the passphrase of a vault file is lost. Renames, after a question unless `yes`,
/// each file that was sealed with a passphrase and that the present one does not open, or that is damaged: vault file, escrow,
/// the journal's key. Says what was in each and what is to be done now. Nothing is deleted.
Result<ExitCode> reset_session(Tenant& tenant, bool yes);

}  // namespace portalkey
