#include "http/http.h"

#include <gtest/gtest.h>

namespace portalkey::http_test {
namespace {

TEST(FormEncode, EverythingButUnreservedIsEscaped) {
  const auto form = form_encode({{"a", "x y&z=1"}, {"token", "0.AX-_~+/"}});
  EXPECT_EQ(form.reveal([](std::string_view text) { return std::string(text); }), "a=x%20y%26z%3D1&token=0.AX-_~%2B%2F");
}

}  // namespace
}  // namespace portalkey::http_test
