#include "seeds/model/seed_format.h"

#include <array>

namespace portalkey {
namespace {

constexpr std::array<std::string_view, kColumns + 1> kNames{
    "upn",     "serial number", "secret key", "time interval", "manufacturer",     "model",
    "enabled", "hash",          "digits",     "type",          "manufacture date", "replaces"};

}  // namespace

std::string_view name_of(Column column) { return kNames[static_cast<std::size_t>(column)]; }

}  // namespace portalkey
