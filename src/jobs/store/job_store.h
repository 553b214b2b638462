#pragma once
// The journal: what every job set out to do, and how far it came. Durable on return, unless said otherwise.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "jobs/model/token_change.h"
#include "jobs/model/token_outcome.h"
#include "seeds/model/token_seed.h"

namespace portalkey {

struct Job {
  enum class State {
    open,       ///< not at its end: can be resumed
    done,       ///< each token is where it was to go, or has a reason why not
    cancelled,  ///< by a person; its secret keys are wiped
    planned,    ///< a saved plan: nothing of it is begun
  } state = State::open;
  std::string id;
  std::string kind = "import";  ///< the command that began it
  std::string tenant, backend;  ///< where its tokens go
  std::string file;             ///< the seed file's name, or the list's; empty: none
  bool activate = true;         ///< false: only until uploaded
  WallTime created, updated;
  std::size_t tokens = 0;
  std::size_t good = 0;  ///< of them in the state wanted
  std::size_t failed = 0;
  std::size_t not_come = 0;  ///< of them that no run came to
};

std::string_view name_of(Job::State state);
/// `running`: a process does it. An open job that none does was interrupted, or has failures.
std::string_view state_text(const Job& job, bool running);

/// What a job did to a token last: took it from its user, or out of the tenant.
struct TakenToken {
  std::string serial, job;
  std::string from;         ///< whose it was; empty: nobody's
  std::string replaced_by;  ///< the serial number of the one that its user got instead; empty: none
  bool kept = false;        ///< in the tenant, as nobody's
  WallTime when;
};
/// By serial number in lower case.
using TakenTokens = std::unordered_map<std::string, TakenToken>;
inline constexpr std::string_view kTakenRemedy =
    "A seed file does not bring it back. If it is to come back, run the command with its file and --again.";
/// `was removed from anna@contoso.com on 2026-01-31 (job 20260131-abcd)`
std::string text_of(const TakenToken& taken);

/// A row of a job. `seed` has no secret key once it is wiped.
struct JobToken {
  TokenSeed seed;
  TokenOutcome outcome;
  TokenChange change = TokenChange::create;
  std::string from;         ///< of what is taken away: whose it is, so that nobody else loses it; empty: not known
  std::string replaced_by;  ///< of remove: a serial number; this one goes when that one is active
};

/// A job as portalkey wrote it.
struct LoadedJob {
  Job job;
  std::vector<JobToken> tokens;  ///< with the secret keys that are not wiped
};

class JobStore {
 public:
  virtual ~JobStore() = default;
  /// Writes the job and its tokens, their secret keys sealed, all of it bound by the journal's key. `tokens` are numbered from
  /// 0 in this order.
  virtual Result<void> create(const Job& job, const std::vector<JobToken>& tokens) = 0;
  /// Newest first. For looking, as find() and tokens() are: the file may have been altered, and no key is asked for.
  virtual Result<std::vector<Job>> list() = 0;
  /// not_found
  virtual Result<Job> find(const std::string& id) = 0;
  /// Without secret keys.
  virtual Result<std::vector<JobToken>> tokens(const std::string& id) = 0;
  /// For doing. corrupt: something of it is not as portalkey wrote it, or the journal's key is gone or another; says what.
  virtual Result<LoadedJob> load(const std::string& id) = 0;
  /// Wipes the secret key of a token that is active. May become durable later: with the next call that is not this one.
  virtual Result<void> settle(const std::string& id, std::size_t token, const TokenOutcome& outcome) = 0;
  virtual Result<void> flush() = 0;
  /// An upload is about to be sent under this name.
  virtual Result<void> uploading(const std::string& id, const std::string& name) = 0;
  virtual Result<void> uploaded(const std::string& id, const std::string& name) = 0;
  /// Names whose fate is not known. corrupt as above.
  virtual Result<std::vector<std::string>> uploads(const std::string& id) = 0;
  /// The job begins, or ends.
  virtual Result<void> finish(const std::string& id, Job::State state) = 0;
  /// Since when each of these tokens is known to be in the tenant without being active: since a job left it so, or since this
  /// was first asked.
  virtual Result<std::unordered_map<std::string, WallTime>> waiting_since(const std::string& tenant,
                                                                          const std::vector<std::string>& serials) = 0;
  /// The tokens of `tenant` that jobs took away and none put back since. Knows of this journal's jobs only.
  virtual Result<TakenTokens> taken_away(const std::string& tenant) = 0;
  /// Every trace of it.
  virtual Result<void> forget(const std::string& id) = 0;
};

/// In `folder` (made with mode 0700): `jobs.db`, SQLite in WAL mode, and `jobs.key`. `passphrase` as in journal_key.h; it is
/// asked for when a job is first written, changed or loaded.
Result<std::unique_ptr<JobStore>> open_job_store(const std::filesystem::path& folder,
                                                 std::optional<std::function<Result<Secret>()>> passphrase, Clock& clock);

}  // namespace portalkey
