#pragma once

#include "service/service.h"

namespace portalkey {

HttpResponse get_user(Service& service, Call& call);
HttpResponse users_without_token(Service& service, Call& call);
HttpResponse user_leaves(Service& service, Call& call);

}  // namespace portalkey
