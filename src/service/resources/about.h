#pragma once
// What the service tells of itself and of who calls.

#include "service/service.h"

namespace portalkey {

HttpResponse get_me(Service& service, Call& call);
HttpResponse list_tenants(Service& service, Call& call);
HttpResponse search_audit(Service& service, Call& call);
HttpResponse get_openapi(Service& service, Call& call);
HttpResponse get_health(Service& service, Call& call);
HttpResponse get_readiness(Service& service, Call& call);
HttpResponse get_metrics(Service& service, Call& call);

}  // namespace portalkey
