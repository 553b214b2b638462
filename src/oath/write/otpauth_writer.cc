#include <fmt/format.h>

#include "base/ascii.h"
#include "base/percent_encoding.h"
#include "oath/write/token_writer.h"

namespace portalkey {
namespace {

/// github.com/google/google-authenticator/wiki/Key-Uri-Format: one URI a line.
class OtpauthWriter final : public TokenWriter {
 public:
  explicit OtpauthWriter(WriteOut out) : out_(std::move(out)) {}
  Result<void> begin() override { return {}; }
  std::string why_not(const TokenSeed& token) const override {
    if (token.type != OtpType::totp && token.type != OtpType::hotp) return "otpauth URIs hold TOTP and HOTP keys only";
    if (token.base32.empty()) return "it has no secret key";
    if (!token.hash) return "its hash is not known";
    if (!token.digits) return "its number of digits is not known";
    if (token.type == OtpType::totp && !token.step) return "its time interval is not known";
    return {};
  }
  std::string loss(const TokenSeed& token) const override {
    return token.serial.empty() ? "" : "otpauth URIs have no serial number: it became the label where there is no better one";
  }
  Result<void> add(const TokenSeed& token) override {
    const bool labelled = token.details && !token.details->label.empty();
    const std::string& label = labelled ? token.details->label : token.upn.empty() ? token.serial : token.upn;
    const std::string& issuer = token.details && !token.details->issuer.empty() ? token.details->issuer : token.manufacturer;
    std::string uri = fmt::format("otpauth://{}/", name_of(token.type));
    if (!issuer.empty()) uri += percent_encode(issuer) + ":";
    uri += percent_encode(label) + "?secret=";
    uri.reserve(uri.size() + token.base32.size() + 3 * issuer.size() + 96);
    token.base32.reveal([&](std::string_view secret) { uri += secret; });
    if (!issuer.empty()) uri += "&issuer=" + percent_encode(issuer);
    std::string hash(name_of(*token.hash));
    for (char& c : hash) c = to_upper(c);
    fmt::format_to(std::back_inserter(uri), "&algorithm={}&digits={}", hash, *token.digits);
    if (token.type == OtpType::totp) {
      fmt::format_to(std::back_inserter(uri), "&period={}\n", *token.step);
    } else {
      fmt::format_to(std::back_inserter(uri), "&counter={}\n", token.details ? token.details->counter.value_or(0) : 0);
    }
    return write_and_wipe(out_, uri);
  }
  Result<void> end() override { return {}; }

 private:
  WriteOut out_;
};

}  // namespace

std::unique_ptr<TokenWriter> make_otpauth_writer(WriteOut out) { return std::make_unique<OtpauthWriter>(std::move(out)); }

}  // namespace portalkey
