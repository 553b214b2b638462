#pragma once

#include "service/service.h"

namespace portalkey {

HttpResponse get_session(Service& service, Call& call);
HttpResponse rotate_session(Service& service, Call& call);
HttpResponse portal_operations(Service& service, Call& call);
HttpResponse call_portal_api(Service& service, Call& call);

}  // namespace portalkey
