#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace portalkey {

/// `8d`, `36h`, `90m`, `30s`; nullopt: it is none.
std::optional<std::chrono::seconds> read_age(const std::string& text);

}  // namespace portalkey
