#pragma once

#include "service/service.h"

namespace portalkey {

/// The job at its end with its tokens (at most a page of them), or 202.
HttpResponse job_result(Service& service, const Call& call, ServedTenant& tenant, const std::string& id);
/// 202: `Location` answers 202 until the job has ended and then as it would have been answered at once; `Operation-Location`
/// tells how it is.
HttpResponse job_goes_on(Service& service, const Call& call, ServedTenant& tenant, const std::string& id);

HttpResponse list_jobs(Service& service, Call& call);
HttpResponse get_job(Service& service, Call& call);
HttpResponse get_job_result(Service& service, Call& call);
HttpResponse get_job_tokens(Service& service, Call& call);
HttpResponse get_job_events(Service& service, Call& call);
HttpResponse start_job_of_tokens(Service& service, Call& call);
HttpResponse cancel_job(Service& service, Call& call);
HttpResponse resume_job(Service& service, Call& call);
HttpResponse undo_job(Service& service, Call& call);

}  // namespace portalkey
