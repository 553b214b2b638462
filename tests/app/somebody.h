#pragma once
// A person who answers as told, and remembers what was asked.

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "app/interaction.h"
#include "entra/credentials/environment.h"

namespace portalkey {

class Somebody final : public Interaction {
 public:
  bool somebody_there() const override { return there; }
  Result<void> show_device_code(const DeviceCode& code, const SignIn& sign_in) override {
    note("device code " + code.user_code + " for " + sign_in.who);
    return {};
  }
  Result<ShownSignIn> open_browser(const SignInPage&, const SignIn& sign_in) override {
    note("browser for " + sign_in.who);
    return ShownSignIn();
  }
  Result<Secret> ask_passphrase(const PassphraseWanted& wanted) override {
    note((wanted.fresh ? "new passphrase for " : "passphrase of ") + wanted.opens);
    return Secret(passphrase);
  }
  void warn(std::string_view what) override { note("warning: " + std::string(what)); }
  std::unique_ptr<Progress> progress() override {
    struct Told final : Progress {
      explicit Told(const Somebody& who) : who_(who) {}
      void phase(std::string_view what) override {
        if (who_.on_phase) who_.on_phase(what);
      }
      void step(std::size_t, std::size_t, std::chrono::seconds, std::string_view) override {}
      const Somebody& who_;
    };
    return std::make_unique<Told>(*this);
  }

  bool there = false;
  std::string passphrase = "five words taken at random";
  std::vector<std::string> seen;
  std::function<void(std::string_view)> on_phase;

 private:
  void note(std::string what) {
    const std::lock_guard turn(mutex_);
    seen.push_back(std::move(what));
  }
  std::mutex mutex_;
};

/// An environment of these variables only.
inline Environment environment_of(std::vector<std::pair<std::string, std::string>> variables) {
  const auto value = [variables = std::move(variables)](const char* name) {
    for (const auto& [key, text] : variables) {
      if (key == name) return text;
    }
    return std::string();
  };
  return {value, [value](const char* name) { return Secret(value(name)); }};
}

}  // namespace portalkey
