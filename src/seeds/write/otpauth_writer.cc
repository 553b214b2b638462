#include <fmt/format.h>

#include "seeds/formats/otpauth/uri.h"
#include "seeds/input/key_fields.h"
#include "seeds/write/token_writer.h"

namespace portalkey {
namespace {

/// One URI a line.
class OtpauthWriter final : public TokenWriter {
 public:
  explicit OtpauthWriter(WriteOut out) : out_(std::move(out)) {}
  Result<void> begin() override { return {}; }
  std::string why_not(const TokenSeed& token) const override {
    if (token.type != OtpType::totp && token.type != OtpType::hotp && token.type != OtpType::steam)
      return "otpauth URIs hold TOTP, HOTP and Steam keys only";
    if (token.base32.empty()) return "it has no secret key";
    if (!token.hash) return "its hash is not known";
    if (!token.digits) return "its number of digits is not known";
    if (token.type == OtpType::totp && !token.step) return "its time interval is not known";
    if (token.type == OtpType::hotp && !(token.details && token.details->counter)) return "its counter is not known";
    static const TokenDetails kNone;
    const auto& details = token.details ? *token.details : kNone;
    for (const auto* text : {&token.serial, &token.upn, &token.manufacturer, &details.label, &details.issuer}) {
      if (!is_clean_text(*text)) return "its text has control characters or is too long";
    }
    return {};
  }
  std::string loss(const TokenSeed& token) const override {
    std::string lost;
    const auto add = [&](std::string_view what) { lost += fmt::format("{}{}", lost.empty() ? "" : ", ", what); };
    const bool labelled = token.details && !token.details->label.empty();
    const bool issued = token.details && !token.details->issuer.empty();
    if (!token.upn.empty() && (!labelled || token.details->label != token.upn))
      add(labelled ? "its user" : "its user, who is the label");
    if (!token.manufacturer.empty() && (!issued || token.details->issuer != token.manufacturer))
      add(issued ? "its manufacturer" : "its manufacturer, who is the issuer");
    if (!token.model.empty()) add("its model");
    return lost.empty() ? "" : fmt::format("otpauth URIs have no place for: {}", lost);
  }
  Result<void> add(const TokenSeed& token) override {
    return otpauth_uri(token).reveal([&](std::string_view uri) {
      std::string line;
      line.reserve(uri.size() + 1);
      line += uri;
      line += '\n';
      return write_and_wipe(out_, line);
    });
  }
  Result<void> end() override { return {}; }

 private:
  WriteOut out_;
};

}  // namespace

std::unique_ptr<TokenWriter> make_otpauth_writer(WriteOut out) { return std::make_unique<OtpauthWriter>(std::move(out)); }

}  // namespace portalkey
