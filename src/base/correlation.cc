#include "base/correlation.h"

#include <utility>

namespace portalkey {
namespace {

std::string& of_this_thread() {
  thread_local std::string id;
  return id;
}

}  // namespace

const std::string& correlation() { return of_this_thread(); }

Correlated::Correlated(std::string id) : before_(std::exchange(of_this_thread(), std::move(id))) {}

Correlated::~Correlated() { of_this_thread() = std::move(before_); }

}  // namespace portalkey
