#include "service/callers/failed_calls.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace portalkey {
namespace {

constexpr std::chrono::seconds kFailureWindow{60}, kLookThroughEvery{1};
constexpr std::size_t kLongestPeer = 64;
const std::string kOthers = "others";  // no address is called so

}  // namespace

std::string network_of(std::string_view peer) {
  const std::string text(peer.substr(0, kLongestPeer));
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::array<char, INET6_ADDRSTRLEN> shown{};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin()))
    return inet_ntop(AF_INET, bytes.data() + kMapped.size(), shown.data(), shown.size());
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return std::string(inet_ntop(AF_INET6, bytes.data(), shown.data(), shown.size())) + "/64";
}

bool FailedCalls::add(std::string_view peer) {
  const std::string address = network_of(peer);
  const std::scoped_lock lock(mutex_);
  const auto now = clock_.steady_now();
  if (by_address_.size() >= limit_.addresses) forget_old(now);
  const bool room = by_address_.size() < limit_.addresses || by_address_.contains(address);
  Times& times = by_address_[room ? address : kOthers];
  while (!times.empty() && now - times.front() >= kFailureWindow) times.pop_front();
  if (times.size() >= limit_.count) return false;
  times.push_back(now);
  return true;
}

std::size_t FailedCalls::remembered() const {
  const std::scoped_lock lock(mutex_);
  return by_address_.size();
}

void FailedCalls::forget_old(SteadyTime now) {
  if (now - looked_through_ < kLookThroughEvery) return;  // it takes its time, and whoever fills the list wants that
  looked_through_ = now;
  std::erase_if(by_address_,
                [&](const auto& entry) { return entry.second.empty() || now - entry.second.back() >= kFailureWindow; });
}

}  // namespace portalkey
