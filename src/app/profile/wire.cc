#include "app/profile/wire.h"

namespace portalkey {

CurlOptions wire_of(const Profile& profile, const Environment& environment) {
  CurlOptions wire;
  if (profile.sandbox) {  // an island: neither the machine's proxies nor its authorities count
    wire.ca_file = profile.sandbox->ca_file;
    wire.loopback_port = profile.sandbox->port;
    return wire;
  }
  wire.extra_ca_files = profile.extra_ca_files;
  wire.proxies = proxy_settings(profile.proxy, environment.variable);
  return wire;
}

}  // namespace portalkey
