#include "entra/session/sign_in_record.h"

#include <algorithm>
#include <sstream>

#include "base/foreign_text.h"
#include "base/time_text.h"

namespace portalkey {
namespace {

constexpr const char* kSignedInTag = "portalkey-signed-in";
constexpr const char* kUnknown = "unknown";
constexpr const char* kMethodsTag = "portalkey-methods";
constexpr std::size_t kLongestTag = 256, kMostMethods = 20;
constexpr std::chrono::hours kSkew{1};

std::string tag(const std::map<std::string, std::string>& tags, const char* name) {
  const auto found = tags.find(name);
  return found == tags.end() ? std::string() : foreign_text(found->second, kLongestTag);
}

}  // namespace

void put_sign_in(std::map<std::string, std::string>& tags, const SignInRecord& record) {
  if (!record.flow.empty()) tags[kSignedInTag] = (record.at ? iso_time(*record.at) : kUnknown) + " " + record.flow;
  std::string methods;
  for (const auto& method : record.methods) {
    if (methods.size() + 1 + method.size() > kLongestTag) break;
    methods += (methods.empty() ? "" : " ") + method;
  }
  if (!methods.empty()) tags[kMethodsTag] = methods;
}

SignInRecord sign_in_in(const std::map<std::string, std::string>& tags, WallTime now) {
  SignInRecord record;
  std::istringstream signed_in(tag(tags, kSignedInTag));
  std::string at, flow;
  signed_in >> at >> flow;
  record.at = parse_iso_time(at);
  if (record.at && *record.at > now + kSkew) record.at.reset();
  for (const auto known : {kByCode, kByDeviceCode, kGiven, kAdopted}) {
    if (flow == known) record.flow = flow;
  }
  std::istringstream methods(tag(tags, kMethodsTag));
  for (std::string method; record.methods.size() < kMostMethods && methods >> method;) record.methods.push_back(method);
  return record;
}

}  // namespace portalkey
