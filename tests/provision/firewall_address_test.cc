#include "provision/firewall_address.h"

#include <gtest/gtest.h>

namespace portalkey::firewall_address_test {
namespace {

TEST(FirewallAddress, PublicOnesAreTaken) {
  for (const auto* text : {"203.0.113.5", "203.0.113.0/24", "8.8.8.8/32", "172.15.255.255", "172.32.0.0/12", "11.0.0.0/8",
                           "0.0.0.0/0", "223.255.255.255", "240.0.0.1", "192.167.0.1", "169.253.0.0/16"}) {
    EXPECT_TRUE(check_firewall_address(text)) << text;
  }
}

TEST(FirewallAddress, WhatTheServiceNeverSeesIsRefused) {
  for (const auto& [text, word] : {std::pair{"10.0.0.1", "private"},
                                   {"10.255.255.255", "private"},
                                   {"10.1.0.0/16", "private"},
                                   {"172.16.0.0/12", "private"},
                                   {"172.31.255.255", "private"},
                                   {"172.20.1.0/24", "private"},
                                   {"192.168.1.0/24", "private"},
                                   {"127.0.0.1", "loopback"},
                                   {"127.255.0.0/16", "loopback"},
                                   {"169.254.169.254", "link-local"},
                                   {"224.0.0.1", "multicast"},
                                   {"239.255.255.250/32", "multicast"}}) {
    const auto checked = check_firewall_address(text);
    ASSERT_FALSE(checked) << text;
    EXPECT_NE(checked.error().what.find(word), std::string::npos) << checked.error().what;
    EXPECT_NE(checked.error().what.find(text), std::string::npos) << checked.error().what;
  }
}

TEST(FirewallAddress, WhatIsNoAddressIsRefused) {
  for (const auto* text : {"", "/24", "203.0.113.5/33", "203.0.113.5/", "203.0.113.5/-1", "203.0.113", "2001:db8::1",
                           "example.com", "203.0.113.5/24/8", " 203.0.113.5", "203.0.113.5\n"}) {
    const auto checked = check_firewall_address(text);
    ASSERT_FALSE(checked) << text;
    EXPECT_EQ(checked.error().code, Errc::invalid_input);
  }
}

}  // namespace
}  // namespace portalkey::firewall_address_test
