#pragma once
// Entra's built-in directory roles, as far as something here asks for them.
// Source: learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference.

#include <string_view>

namespace portalkey::sandbox {

struct DirectoryRole {
  std::string_view name;
  std::string_view template_id;  ///< also what `wids` lists
};

inline constexpr DirectoryRole kDirectoryRoles[] = {
    {"Global Administrator", "62e90394-69f5-4237-9190-012177145e10"},
    {"Privileged Role Administrator", "e8611ab8-c189-46e8-94e1-60213ab1f814"},
    {"Privileged Authentication Administrator", "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"},
    {"Authentication Administrator", "c4e39bd9-1100-46d3-8c65-fb160da0071f"},
    {"Authentication Policy Administrator", "0526716b-113d-4c15-b2c8-68e3c22b9f80"},
    {"Application Administrator", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"},
    {"Cloud Application Administrator", "158c047a-c907-4556-b7ef-446551a6b5f7"},
    {"Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451"},
    {"Helpdesk Administrator", "729827e3-9c14-49f7-bb1b-9608f156bbb8"},
    {"User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1"},
};

}  // namespace portalkey::sandbox
