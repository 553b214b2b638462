#pragma once

#include <optional>
#include <string_view>

#include "base/secret.h"

namespace portalkey {

/// What a person pastes while a sign-in in a browser is waited for, line by line and without blocking.
class PastedLines {
 public:
  virtual ~PastedLines() = default;
  /// To be polled for reading; -1: nothing more will come.
  virtual int descriptor() const = 0;
  /// Takes what is there, which may be nothing; the next line once it is whole.
  virtual std::optional<Secret> take() = 0;
  /// Tells that person why the line taken last is of no use.
  virtual void refuse(std::string_view why) = 0;
};

}  // namespace portalkey
