#include "tests/sandbox/graph/fixture.h"

#include "base/base64.h"
#include "sandbox/world/signing_key.h"

namespace portalkey::sandbox {

struct TestCertificate::Impl {
  SigningKey key;
};

TestCertificate::TestCertificate() {
  static Result<SigningKey> made = SigningKey::generate();  // slow: one for all
  impl_ = std::make_unique<Impl>(Impl{*SigningKey::load(made->key_pem(), made->certificate_pem())});
  certificate = impl_->key.x5c();
}
TestCertificate::~TestCertificate() = default;

std::string TestCertificate::sign(const json::object& claims) const { return impl_->key.sign(json::serialize(claims), true); }

}  // namespace portalkey::sandbox
