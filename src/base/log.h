#pragma once
// Diagnostics on standard error. Callers pass only what may be seen: method, host, path without query, status, duration,
// request id, attempt. Never a header, a body or a query value.

#include <string_view>

namespace portalkey {

enum class LogLevel { off, warning, info, debug };

/// How lines look from now on: for people, or each a JSON object `{"time","level","message","correlation"}` for a collector.
enum class LogForm { text, json };
void set_log_form(LogForm form);

/// Default: warning. `debug` is the highest verbosity there is.
void set_log_level(LogLevel level);
void log(LogLevel level, std::string_view message);

}  // namespace portalkey
