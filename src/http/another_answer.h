#pragma once
// Answers that are not the service's: the page of a proxy or a captive portal, an empty body, JSON of another shape. They come
// with any status, 200 included, so that a status alone proves nothing: who takes a page for "done" reports what was not done.
// What came is told, and nothing is claimed of why.

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/http.h"

namespace portalkey {

/// Whether the body is HTML or XML, which none of the services answers with where it has done something.
bool is_markup(const Response& response);

/// What came, for the middle of a sentence: `an HTML page titled "Access denied"`, `an empty body`, `text that is not JSON`,
/// `JSON of another shape`.
std::string what_came(const Response& response);

/// The answer in words, with its status. unavailable: the service has judged nothing; of status 429: throttled.
Error another_answer(std::string_view service, const Response& response);
/// The same of an answer whose body is no longer at hand. `came`: what_came.
Error another_answer(std::string_view service, int status, std::string_view came);

}  // namespace portalkey
