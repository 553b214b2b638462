#pragma once
// All services behind one door. No sockets here: tests call `handle`.

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "sandbox/world/options.h"
#include "sandbox/world/world.h"
#include "web/mishap.h"

namespace portalkey::sandbox {

class Emulator {
 public:
  /// `saved_state` is what `state` gave in an earlier run, or empty. `clock` must outlive the emulator.
  static Result<Emulator> make(SandboxOptions options, const Clock& clock, std::string_view saved_state);

  /// A request to any of Microsoft's hosts, by its Host header.
  FaultyResponse handle(const HttpRequest& request);
  /// A request to the metadata service, on a listener of its own.
  FaultyResponse metadata(const HttpRequest& request);
  /// A request to the sandbox's own port. The metadata service is there too.
  FaultyResponse admin(const HttpRequest& request);

  /// What to save, and whether something changed since the last call.
  std::string saved() const;
  bool take_changed();

  World& world() { return *world_; }

 private:
  explicit Emulator(std::unique_ptr<World> world) : world_(std::move(world)) {}
  /// The answer to one request, with the faults that are due.
  FaultyResponse answer(const HttpRequest& request, const Route& route);

  std::unique_ptr<World> world_;
};

}  // namespace portalkey::sandbox
