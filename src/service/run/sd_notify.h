#pragma once
// What systemd wants to know of a service of Type=notify (sd_notify(3)): written by hand, it is a datagram.

#include <string_view>

namespace portalkey {

/// To the socket that NOTIFY_SOCKET names: `READY=1`, `STOPPING=1`, `STATUS=…`. Does nothing where there is none.
void tell_systemd(std::string_view state);
/// A listening socket that systemd handed over (LISTEN_FDS, sd_listen_fds(3)); -1: none.
int socket_of_systemd();

}  // namespace portalkey
