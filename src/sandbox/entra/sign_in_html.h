#pragma once
// The pages of a sign-in: plain HTML, no script.

#include <string>
#include <string_view>

#include "sandbox/world/world.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

std::string escaped(std::string_view text);

/// A page with that content. `form_target`: what besides the page's own origin its form may lead to, a CSP source.
HttpResponse sign_in_html(std::string body, int status = 200, std::string_view form_target = {});

/// What a person is asked when picking an account.
struct AccountQuestion {
  std::string app;       ///< who asks
  std::string where;     ///< ` on another device`
  std::string resource;  ///< for what
  std::string hint;      ///< the account that is offered first
  std::string problem;   ///< why the last answer was refused
  TextPairs hidden;      ///< fields that come back with the answer
};

/// The form; its fields are `account`, `other`, `mfa` and `decision` (`continue`, `cancel`).
std::string account_form(const World& world, const AccountQuestion& question);

/// What came back.
struct AccountAnswer {
  bool decided = false;
  bool cancelled = false;
  bool mfa = false;
  SandboxUser* user = nullptr;
  std::string problem;  ///< why that account may not sign in; empty if it may
};
AccountAnswer read_account_answer(World& world, const TextPairs& form);

/// The name that a person reads.
std::string app_name(const World& world, std::string_view client_id);

}  // namespace portalkey::sandbox
