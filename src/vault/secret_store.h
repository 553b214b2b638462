#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "http/http.h"

namespace portalkey {

struct SecretVersion {
  std::string id;  ///< opaque, unique within the secret
  WallTime created;
  std::optional<WallTime> expires;  ///< informational: an expired version can still be read
  std::map<std::string, std::string> tags;
  bool enabled = true;
  std::string content_type;  ///< empty: none, or the store does not keep it
};

struct StoredSecret {
  Secret value;
  SecretVersion version;
};

struct SecretAttributes {
  std::optional<WallTime> expires;
  std::map<std::string, std::string> tags;  ///< at most 15, names and values at most 256 characters
};

/// Where secrets are kept, with their earlier versions. The contract is tests/vault/secret_store_contract.h.
class SecretStore {
 public:
  virtual ~SecretStore() = default;

  /// The latest version; not_found if the secret does not exist.
  virtual Result<StoredSecret> get(const std::string& name, const Deadline& deadline) = 0;

  /// Stores a new latest version. On return it is durable; the version returned is the one that holds `value`. May be called
  /// twice with the same value (that makes two versions). After an error the latest version is the old one or the new one.
  virtual Result<SecretVersion> put(const std::string& name, const Secret& value, const SecretAttributes& attributes,
                                    const Deadline& deadline) = 0;

  /// What is known of every version, newest first; never the values. not_found if the secret does not exist.
  virtual Result<std::vector<SecretVersion>> versions(const std::string& name, const Deadline& deadline) = 0;

  /// Makes an older version unreadable: disabled where a version cannot be removed alone, removed otherwise. One that is not
  /// there is no error. Not to be asked for the latest.
  virtual Result<void> disable(const std::string& name, const std::string& version, const Deadline& deadline) = 0;

  /// How a person would name the place, for messages: a URL or a path.
  virtual std::string place() const = 0;
};

}  // namespace portalkey
