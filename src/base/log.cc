#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/json.hpp>
#include <memory>
#include <string>

#include "base/correlation.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "base/visible_text.h"

namespace portalkey {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::off: return spdlog::level::off;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::debug: return spdlog::level::debug;
  }
  return spdlog::level::off;
}

constexpr const char* kPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
std::atomic<bool> as_json = false;

std::string json_line(LogLevel level, std::string_view message) {
  boost::json::object line{{"time", iso_time(std::chrono::system_clock::now())},
                           {"level", level == LogLevel::warning ? "warning"
                                     : level == LogLevel::info  ? "info"
                                                                : "debug"},
                           {"message", message}};
  if (!correlation().empty()) line["correlation"] = correlation();
  return json_text(line);
}

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("portalkey", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern(kPattern, spdlog::pattern_time_type::utc);
    made->set_level(spdlog::level::warn);
    return made;
  }();
  return *instance;
}

}  // namespace

void set_log_level(LogLevel level) { logger().set_level(to_spdlog(level)); }

void set_log_form(LogForm form) {
  as_json = form == LogForm::json;
  logger().set_pattern(as_json ? "%v" : kPattern, spdlog::pattern_time_type::utc);
}

void log(LogLevel level, std::string_view message) {
  const auto target = to_spdlog(level);
  if (!logger().should_log(target)) return;
  logger().log(target, "{}", as_json ? json_line(level, message) : visible_text(message));  // a line end would forge a line
}

}  // namespace portalkey
