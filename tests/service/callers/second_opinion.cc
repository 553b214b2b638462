#include "tests/service/callers/second_opinion.h"

extern "C" {
#include <cjose/cjose.h>
}

#include <boost/json.hpp>
#include <memory>

namespace portalkey {
namespace {

template <auto Release>
struct ReleasedBy {
  template <class T>
  void operator()(T* object) const {
    Release(object);
  }
};
using Jws = std::unique_ptr<cjose_jws_t, ReleasedBy<cjose_jws_release>>;
using Jwk = std::unique_ptr<cjose_jwk_t, ReleasedBy<cjose_jwk_release>>;

Jwk key_named(const std::string& kid, const std::string& key_set) {
  boost::system::error_code problem;
  const auto set = boost::json::parse(key_set, problem);
  const auto* entries = problem || !set.is_object() ? nullptr : set.get_object().if_contains("keys");
  if (entries == nullptr || !entries->is_array()) return nullptr;
  for (const auto& entry : entries->get_array()) {
    const auto* name = entry.is_object() ? entry.get_object().if_contains("kid") : nullptr;
    if (name == nullptr || !name->is_string() || std::string_view(name->get_string()) != kid) continue;
    const auto text = boost::json::serialize(entry);
    cjose_err error{};
    return Jwk(cjose_jwk_import(text.data(), text.size(), &error));
  }
  return nullptr;
}

}  // namespace

bool cjose_finds_it_signed(const std::string& token, const std::string& key_set) {
  cjose_err error{};
  const Jws jws(cjose_jws_import(token.data(), token.size(), &error));
  if (!jws) return false;
  const char* kid = cjose_header_get(cjose_jws_get_protected(jws.get()), "kid", &error);
  if (kid == nullptr) return false;
  const Jwk key = key_named(kid, key_set);
  return key != nullptr && cjose_jws_verify(jws.get(), key.get(), &error);
}

}  // namespace portalkey
