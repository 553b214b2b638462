#include "sandbox/wire/exchange_recorder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/trusted_path.h"
#include "sandbox/wire/clouds.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kMask = "***";

bool is_recorded(Service service) {
  return service != Service::login && service != Service::device_page && service != Service::portal;
}

/// Members that hold a secret wherever they occur; `value` does in a vault only.
bool is_secret(std::string_view name, bool vault) {
  return same_ignoring_case(name, "secretText") || same_ignoring_case(name, "access_token") ||
         same_ignoring_case(name, "secretKey") || same_ignoring_case(name, "verificationCode") ||
         (vault && same_ignoring_case(name, "value"));
}

void mask(json::value& value, bool vault) {
  if (auto* array = value.if_array()) {
    for (auto& item : *array) mask(item, vault);
  } else if (auto* object = value.if_object()) {
    for (auto& item : *object) {
      if (item.value().is_string() && is_secret(item.key(), vault)) {
        item.value() = json::string(kMask);
      } else {
        mask(item.value(), vault);
      }
    }
  }
}

json::value body_of(const std::string& text, bool vault) {
  if (text.empty()) return nullptr;
  auto value = parse_json(text);
  if (!value) return json::string(kMask);
  mask(*value, vault);
  return std::move(*value);
}

json::object headers_of(const TextPairs& headers) {
  json::object out;
  for (const auto& [name, value] : headers)
    out[name] = same_ignoring_case(name, "authorization") ? json::string(kMask) : json::string(value);
  return out;
}

}  // namespace

Result<ExchangeRecorder> ExchangeRecorder::open(const std::filesystem::path& path) {
  const auto place = find_place(path, LastLink::kept);
  if (!place && place.error().code == Errc::invalid_input) return std::unexpected(place.error());
  errno = ENOENT;
  const int descriptor = !place ? -1
                                : ::openat(place->folder.fd.get(), place->name.c_str(),
                                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return std::unexpected(Error{errno == EEXIST ? Errc::conflict : Errc::invalid_input,
                                 std::string("the exchanges cannot be recorded: ") + std::strerror(errno),
                                 "Give --record a file that does not exist yet, in a folder that does.",
                                 {{"file", path.string()}}});
  }
  return ExchangeRecorder(::fdopen(descriptor, "w"));
}

void ExchangeRecorder::add(const HttpRequest& request, const HttpResponse& answer) {
  const auto service = route_of(request.host).service;
  if (!is_recorded(service)) return;
  const bool vault = service == Service::vault;
  const json::object line{
      {"request",
       {{"method", request.method},
        {"url", "https://" + request.host + request.target},
        {"headers", headers_of(request.headers)},
        {"body", body_of(request.body, vault)}}},
      {"response",
       {{"status", answer.status}, {"headers", headers_of(answer.headers)}, {"body", body_of(answer.body, vault)}}}};
  const std::string text = json::serialize(line) + '\n';
  std::fwrite(text.data(), 1, text.size(), file_.get());
  std::fflush(file_.get());
}

}  // namespace portalkey::sandbox
