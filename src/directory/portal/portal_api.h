#pragma once
// The Azure portal's backend API, as the portal itself calls it. Unsupported by its owner: it may change or vanish without
// notice. Sources: public scripts and recordings (nathanmcnulty/nodoc, rwilson504/power-automate-azure-portal-hidden-api).

#include <functional>
#include <string>

#include "http/http.h"
#include "http/server_clock.h"

namespace portalkey {

class Random;

/// An access token for the portal API. `refused`: one that the API calls expired, so bring another; null: any.
using PortalToken = std::function<Result<Secret>(const Secret* refused, const Deadline&)>;

struct PortalCall {
  std::string method = "GET";
  std::string path;  ///< from the host's root, with query: `/api/AccountSkus?backfillTenants=true`
  Body body;         ///< JSON; empty for none
  std::function<Body()> late_body;
  Idempotency idempotency = Idempotency::yes;
};

class PortalApi {
 public:
  PortalApi(Http& http, std::string host, PortalToken token, Clock& clock, Random& random);

  /// Sends the call with the headers the API demands. An access token that the API calls expired (400 with AADSTS500133) is
  /// renewed once. Answers below 400 come back as they are, all others as an Error (see refusal()).
  Result<Response> call(PortalCall call, const Deadline& deadline);

  const ServerClock& server_clock() const { return server_clock_; }

 private:
  Http& http_;
  std::string host_;
  PortalToken token_;
  ServerClock server_clock_;
  Random& random_;
};

/// What an error answer of the API means. Its bodies are JSON of several shapes, or HTML; the first readable message among
/// `Message`, `message`, `ClientData.localizedErrorDetails.*` and `ClientData.operationResults[].details` is quoted.
/// A 400 that names an AADSTS code has that code's meaning; any other 400 is invalid_input.
Error portal_refusal(const Response& response);

}  // namespace portalkey
