#pragma once

#include "service/service.h"

namespace portalkey {

HttpResponse list_tokens(Service& service, Call& call);
HttpResponse count_tokens(Service& service, Call& call);
HttpResponse get_token(Service& service, Call& call);
HttpResponse add_token(Service& service, Call& call);
HttpResponse remove_token(Service& service, Call& call);
HttpResponse assign_token(Service& service, Call& call);
HttpResponse unassign_token(Service& service, Call& call);
HttpResponse activate_token(Service& service, Call& call);
HttpResponse replace_token(Service& service, Call& call);
HttpResponse check_token(Service& service, Call& call);

}  // namespace portalkey
