#pragma once
// People and their tokens as JSON: what `users show` and `users list` print with -o json, and a service answers.

#include <string>

#include "app/operations/users.h"
#include "base/remedy.h"

namespace portalkey {

std::string json_of(const UserDetails& user, const Words& words);
/// An array of users.
std::string json_of(const ListedUsers& users);

}  // namespace portalkey
