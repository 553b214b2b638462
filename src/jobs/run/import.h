#pragma once
// From the rows of a seed file to tokens in the tenant, uploaded or active. Nothing is sent that is already right, so running
// the same import again is harmless.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "jobs/model/taken_token.h"
#include "jobs/run/activation.h"

namespace portalkey {

class Random;

/// The tokens of an import, by their places in it, and the record of what becomes of them. An error ends the import.
class ImportRows {
 public:
  virtual ~ImportRows() = default;
  virtual std::size_t size() const = 0;
  /// With its secret key. Asked for whenever it is needed, so that a million need not be in memory.
  virtual Result<std::shared_ptr<const TokenSeed>> seed(std::size_t place) = 0;
  virtual Result<void> uploading(const std::string& name) = 0;
  virtual Result<void> uploaded(const std::string& name) = 0;
  /// May come more than once.
  virtual Result<void> settled(std::size_t place, const TokenOutcome& outcome) = 0;
  /// Several times a second: makes what was settled durable.
  virtual Result<void> flush() = 0;
};

struct ImportOptions {
  bool activate = true;  ///< false: stop when uploaded
  bool dry_run = false;  ///< read the tenant, send nothing
  std::size_t rows_per_upload = 200;
  std::chrono::seconds upload_patience{15 * 60};  ///< how long to wait for the service to finish one upload
  ActivationPace* pace = nullptr;                 ///< null: the service's limit, for this import alone
  std::vector<std::string> earlier_uploads;       ///< of an import that was cut off: looked for first
  /// Whether this token was taken away before and must not come back; null: none was.
  std::function<const TakenToken*(std::size_t place, const TokenSeed& seed)> taken_away;
  std::set<std::string> members;  ///< accounts with a guest's UPN that are known to be none
};

/// Uploads (or creates) and activates at the same time, each token as soon as it can be. Every token is settled at the end,
/// unless the record fails. Returns why it ended early.
std::optional<Error> import_tokens(ImportRows& rows, TokenDirectory& tokens, const ImportOptions& options, Clock& clock,
                                   Random& random, Progress& progress, std::stop_token stop);

}  // namespace portalkey
