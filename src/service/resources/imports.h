#pragma once

#include "service/service.h"

namespace portalkey {

/// A JSON body of the route's form, or `multipart/form-data` with the part `file`.
HttpResponse start_import(Service& service, Call& call);

}  // namespace portalkey
