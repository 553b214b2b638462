#include "cli/terminal/shown_sign_in.h"

#include <gtest/gtest.h>

namespace portalkey::shown_sign_in_test {
namespace {

TEST(PortForward, FollowsTheWayThePersonCame) {
  EXPECT_EQ(port_forward(4711, "op", "", "host.example"), "ssh -L 4711:localhost:4711 op@host.example");
  EXPECT_EQ(port_forward(4711, "op", "198.51.100.7 50000 192.0.2.1 22", "host"), "ssh -L 4711:localhost:4711 op@192.0.2.1");
  EXPECT_EQ(port_forward(4711, "", "198.51.100.7 50000 192.0.2.1 2222", "host"),
            "ssh -L 4711:localhost:4711 -p 2222 192.0.2.1");
}

TEST(PortForward, TakesNothingThatAShellWouldRead) {
  EXPECT_EQ(port_forward(1, "$(id)", "a b ;reboot 22", "-oProxyCommand=x"), "ssh -L 1:localhost:1 HOST");
}

TEST(PageToOpen, IsTheSandboxsOwnWhereThereIsOne) {
  const SignInPage page{"https://login.microsoftonline.com/t/oauth2/v2.0/authorize?state=S", 1};
  EXPECT_EQ(page_to_open(page, {"x", {}, 0}), page.url);
  EXPECT_EQ(page_to_open(page, {"x", {}, 81}),
            "http://127.0.0.1:81/sign-in/login.microsoftonline.com/t/oauth2/v2.0/authorize?state=S");
}

}  // namespace
}  // namespace portalkey::shown_sign_in_test
