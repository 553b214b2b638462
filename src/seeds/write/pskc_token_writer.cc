#include <algorithm>

#include "seeds/formats/pskc/pskc_cipher.h"
#include "seeds/write/token_writer.h"

namespace portalkey {
namespace {

bool fits_xml(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

class PskcTokenWriter final : public TokenWriter {
 public:
  PskcTokenWriter(WriteOut out, const PskcProtection& protection) : writer_(protection, random_bytes, std::move(out)) {}
  Result<void> begin() override { return writer_.begin(); }
  std::string why_not(const TokenSeed& token) const override {
    if (token.base32.empty()) return "it has no secret key";
    if (token.type == OtpType::steam) return "PSKC has no name for Steam Guard keys";
    const bool otp = token.type == OtpType::totp || token.type == OtpType::hotp;
    if (otp && !token.hash) return "its hash is not known, and PSKC without one means SHA-1";
    if (otp && !token.digits) return "its number of digits is not known";
    if (token.type == OtpType::totp && !token.step) return "its time interval is not known";
    static const TokenDetails kNone;
    const auto& d = token.details ? *token.details : kNone;
    if (token.type == OtpType::hotp && !d.counter) return "its counter is not known";
    for (const auto* text : {&token.serial, &token.upn, &token.manufacturer, &token.model, &d.user_id, &d.friendly_name,
                             &d.key_id, &d.issuer, &d.suite, &d.algorithm}) {
      if (!fits_xml(*text)) return "its text has a control character, which XML cannot hold";
    }
    return {};
  }
  std::string loss(const TokenSeed& token) const override {
    if (!token.details) return {};
    const auto& d = *token.details;
    if (!d.label.empty() && !d.assign_to.empty()) return "PSKC has no place for its label and its user's object id";
    if (!d.label.empty()) return "PSKC has no place for its label";
    if (!d.assign_to.empty()) return "PSKC has no place for its user's object id";
    return {};
  }
  Result<void> add(const TokenSeed& token) override { return writer_.add(token); }
  Result<void> end() override { return writer_.end(); }

 private:
  PskcWriter writer_;
};

}  // namespace

std::unique_ptr<TokenWriter> make_pskc_writer(WriteOut out, const PskcProtection& protection) {
  return std::make_unique<PskcTokenWriter>(std::move(out), protection);
}

}  // namespace portalkey
