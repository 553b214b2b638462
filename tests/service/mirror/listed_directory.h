#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "directory/token_directory.h"

namespace portalkey {

/// A tenant that is a list: it can be read, nothing else.
class ListedDirectory final : public TokenDirectory {
 public:
  std::vector<TenantToken> tokens;
  std::function<void()> meanwhile;  ///< after the last token was handed on
  std::optional<Error> failure;     ///< then

  std::string_view name() const override { return "the list"; }
  Backend backend() const override { return {}; }
  Result<void> each(const TokenFilter&, const Deadline&, const std::function<void(TenantToken)>& take) override {
    for (const auto& token : tokens) take(token);
    if (meanwhile) meanwhile();
    if (failure) return std::unexpected(*failure);
    return {};
  }
  Result<std::optional<TenantToken>> again(const TenantToken&, const Deadline&) override { return unasked(); }
  Result<void> activate(const TenantToken&, const std::function<std::string()>&, const Deadline&) override { return unasked(); }
  Result<void> remove(const TenantToken&, const Deadline&) override { return unasked(); }
  const ServerClock& server_clock() const override { std::abort(); }

 private:
  static std::unexpected<Error> unasked() { return fail(Errc::internal, "only reading was expected"); }
};

}  // namespace portalkey
