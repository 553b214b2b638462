#pragma once
// Where checkpoints go. Whoever can change the trail must not be able to take them back from there.

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "base/error.h"
#include "service/audit/checkpoint.h"

namespace portalkey {

struct CheckpointSender {
  std::string name;  ///< stable: what it had is remembered under it
  std::function<Result<void>(const Checkpoint&)> send;
};

/// A line of the log, which the system's journal takes: `audit checkpoint {…}`. `write` makes one line of a text.
CheckpointSender to_log(std::function<void(const std::string& text)> write);
/// `post` sends the body, JSON, to the webhook and returns once it was taken.
CheckpointSender to_webhook(std::function<Result<void>(const std::string& body)> post);
/// A line at the end of a file, which is made with mode 0600 if it is not there; durable on return.
CheckpointSender to_file(std::filesystem::path file);
/// Tags of a secret (checkpoint_text.h); the secret keeps its others.
CheckpointSender to_tags(std::function<Result<void>(const std::map<std::string, std::string>& tags)> set);

}  // namespace portalkey
