#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace portalkey {

/// `1 token`, `2 tokens`. `what`: one of them, in words whose plural ends with s.
std::string counted(std::integral auto count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

}  // namespace portalkey
