#include "base/error.h"

namespace portalkey {

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::invalid_input: return "invalid_input";
    case Errc::unauthenticated: return "unauthenticated";
    case Errc::needs_person: return "needs_person";
    case Errc::forbidden: return "forbidden";
    case Errc::not_found: return "not_found";
    case Errc::conflict: return "conflict";
    case Errc::throttled: return "throttled";
    case Errc::unavailable: return "unavailable";
    case Errc::cancelled: return "cancelled";
    case Errc::corrupt: return "corrupt";
    case Errc::internal: return "internal";
  }
  return "internal";
}

}  // namespace portalkey
