#pragma once

#include <string_view>
#include <vector>

#include "service/audit/checkpoint.h"

namespace portalkey {

/// Every checkpoint in what came back from outside, in its order: lines as they were appended to a file, a log with whatever in
/// front of them (`journalctl`, also `-o json`, where quotation marks are escaped), what a webhook kept, a secret's tags as
/// `az keyvault secret show` prints them. What is none is passed over.
std::vector<Checkpoint> checkpoints_in(std::string_view text);

// Tags of a Key Vault's secret hold at most 256 characters: a checkpoint takes two.
inline constexpr const char* kCheckpointTag = "portalkey-audit";           ///< `TRAIL SEQ HEAD TIME`
inline constexpr const char* kSignatureTag = "portalkey-audit-signature";  ///< `KEY SIGNATURE`
std::string checkpoint_tag(const Checkpoint& checkpoint);
std::string signature_tag(const Checkpoint& checkpoint);

}  // namespace portalkey
