#include "cli/terminal/global_options.h"

#include <utility>

#include "cli/terminal/command.h"
#include "cli/terminal/pasteable.h"

namespace portalkey {

void remember_global_options(const Globals& globals) {
  const auto& choice = globals.profile;
  GivenOptions given;
  if (!choice.config.empty()) given.emplace_back("--config", choice.config.string());
  if (!choice.name.empty()) given.emplace_back("--profile", choice.name);
  if (!choice.sandbox.empty()) given.emplace_back("--sandbox", choice.sandbox.string());
  if (choice.backend) given.emplace_back("--backend", *choice.backend == Backend::graph ? "graph" : "portal");
  if (choice.credential) given.emplace_back("--credential", std::string(name_of(*choice.credential)));
  remember_options(std::move(given));
}

}  // namespace portalkey
