#pragma once
// Where checkpoints go. Whoever can change the trail must not be able to take them back from there.

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"
#include "service/audit/checkpoint.h"

namespace portalkey {

class SecretStore;

struct CheckpointSender {
  std::string name;  ///< stable: what it had is remembered under it
  std::function<Result<void>(const Checkpoint&)> send;
  std::chrono::minutes at_most_every{0};  ///< checkpoints in between are passed over, but for the last of the process
};

/// A line of the log, which the system's journal takes: `audit checkpoint {…}`. `write` makes one line of a text.
CheckpointSender to_log(std::function<void(const std::string& text)> write);
/// Likewise to syslog(3), as a notice about authorization, for systems whose log is not what standard error goes to.
CheckpointSender to_syslog();
/// `post` sends the body, JSON, to the webhook and returns once it was taken.
CheckpointSender to_webhook(std::function<Result<void>(const std::string& body)> post);
/// A line at the end of a file, which is made with mode 0600 if it is not there; durable on return.
CheckpointSender to_file(std::filesystem::path file);
/// A new version of a secret of its own, with the line as its value and two tags (checkpoint_text.h), which those see who may
/// list secrets but not read them. Earlier versions stay: who may only write secrets cannot take them back. Few, for it is slow
/// to list many. `store` and `clock` must outlive it.
CheckpointSender to_secret(SecretStore& store, Clock& clock, std::string name = "portalkey-audit-checkpoint");

}  // namespace portalkey
