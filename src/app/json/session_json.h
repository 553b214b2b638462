#pragma once

#include <string>

#include "app/operations/session.h"

namespace portalkey {

std::string json_of(const RefreshedSession& session, const Words& words);
std::string json_of(const SessionReport& report, const Words& words);
std::string json_of(const SessionHealth& health);

}  // namespace portalkey
