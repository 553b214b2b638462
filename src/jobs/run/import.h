#pragma once
// From the rows of a seed file to tokens in the tenant, uploaded or active. Nothing is sent that is already right, so running
// the same import again is harmless.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "jobs/model/taken_token.h"
#include "jobs/run/activation.h"

namespace portalkey {

class Random;

/// Is told what the import is about to do and what it did. An error ends the import.
class ImportRecorder {
 public:
  virtual ~ImportRecorder() = default;
  virtual Result<void> uploading(const std::string& name) = 0;
  virtual Result<void> uploaded(const std::string& name) = 0;
  /// `token`: its place in what the import was given. May come more than once.
  virtual Result<void> settled(std::size_t token, const TokenOutcome& outcome) = 0;
  /// Several times a second: makes what was settled durable.
  virtual Result<void> flush() = 0;
};

struct ImportOptions {
  bool activate = true;  ///< false: stop when uploaded
  bool dry_run = false;  ///< read the tenant, send nothing
  std::size_t rows_per_upload = 200;
  std::chrono::seconds upload_patience{15 * 60};  ///< how long to wait for the service to finish one upload
  ActivationPace* pace = nullptr;                 ///< null: the service's limit, for this import alone
  ImportRecorder* recorder = nullptr;
  std::vector<std::string> earlier_uploads;  ///< of an import that was cut off: looked for first
  /// Whether a token (its place) was taken away before and must not come back; null: none was.
  std::function<const TakenToken*(std::size_t token)> taken_away;
  std::set<std::string> members;  ///< accounts with a guest's UPN that are known to be none
};

struct ImportReport {
  std::vector<TokenOutcome> outcomes;  ///< one per token given, in order
  std::optional<Error> stopped;        ///< why the run ended early
};

/// Uploads (or creates) and activates at the same time, each token as soon as it can be.
ImportReport import_tokens(const std::vector<TokenSeed>& seeds, TokenDirectory& tokens, const ImportOptions& options,
                           Clock& clock, Random& random, Progress& progress, std::stop_token stop);

}  // namespace portalkey
