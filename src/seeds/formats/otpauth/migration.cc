#include "seeds/formats/otpauth/migration.h"

#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/base64.h"
#include "otp/base32.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostKeys = 1000;  // a QR code holds some dozen
constexpr std::size_t kMostKeyBytes = 512;

std::unexpected<Error> no_message() {
  return fail(Errc::invalid_input, "the data is no export of Google Authenticator: it is cut off or altered",
              "Scan or export the QR code again, and take the whole text.");
}

/// Protobuf's wire format: varints and length-delimited fields are given out, fixed ones passed over.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : left_(bytes) {}

  struct Field {
    std::uint64_t number = 0;
    std::optional<std::string_view> bytes;  ///< none for a varint
    std::uint64_t value = 0;
  };

  bool broken() const { return broken_; }
  /// nullopt at the end, or where it is broken.
  std::optional<Field> next() {
    while (!left_.empty() && !broken_) {
      const auto tag = varint();
      Field field;
      field.number = tag >> 3;
      if (field.number == 0) broken_ = true;
      switch (tag & 7) {
        case 0: field.value = varint(); break;
        case 1: take(8); continue;
        case 2: field.bytes = take(varint()); break;
        case 5: take(4); continue;
        default: broken_ = true;
      }
      if (!broken_) return field;
    }
    return std::nullopt;
  }

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    broken_ = true;
    return 0;
  }
  std::string_view take(std::uint64_t size) {
    if (size > left_.size()) {
      broken_ = true;
      return {};
    }
    const auto part = left_.substr(0, size);
    left_.remove_prefix(size);
    return part;
  }

  std::string_view left_;
  bool broken_ = false;
};

std::expected<void, FieldProblem> unusable(std::string what) {
  return std::unexpected(FieldProblem{std::move(what), "Export it again from an up-to-date app, or leave it out."});
}

std::optional<MigrationKey> read_key(std::string_view bytes) {
  MigrationKey key;
  key.token.type = OtpType::unknown;
  auto& details = key.token.detailed();
  Fields fields(bytes);
  std::string_view secret;
  while (const auto field = fields.next()) {
    const auto text = field->bytes.value_or("");
    switch (field->number) {
      case 1: secret = text; break;
      case 2: details.label = text; break;
      case 3: details.issuer = text; break;
      case 4:
        if (field->value == 4) key.usable = unusable("its hash is MD5, which no RFC allows for one-time passwords");
        if (field->value > 4) key.usable = unusable("its hash is none that is known: SHA-1, SHA-256 or SHA-512");
        if (field->value == 2) key.token.hash = Hash::sha256;
        if (field->value == 3) key.token.hash = Hash::sha512;
        break;
      case 5:
        if (field->value > 2) key.usable = unusable("its number of digits is neither 6 nor 8");
        if (field->value == 2) key.token.digits = 8;
        break;
      case 6:
        if (field->value > 2) key.usable = unusable("it is neither time-based nor event-based");
        if (field->value == 1) key.token.type = OtpType::hotp;
        if (field->value == 2) key.token.type = OtpType::totp;
        break;
      case 7: details.counter = static_cast<std::int64_t>(field->value); break;
      default: break;
    }
  }
  if (fields.broken()) return std::nullopt;
  if (key.token.type != OtpType::hotp) details.counter.reset();
  if (details.counter.value_or(0) < 0) key.usable = unusable("its counter is negative");
  if (key.token.type == OtpType::totp) key.token.step = 30;
  if (secret.empty()) key.usable = unusable("there is no secret key");
  if (secret.size() > kMostKeyBytes) key.usable = unusable("its secret key is longer than any token's");
  if (!is_clean_text(details.label) || !is_clean_text(details.issuer)) {
    details.label.clear();
    details.issuer.clear();
    key.usable = unusable("its name holds control characters or is no UTF-8");
  }
  if (key.usable) key.token.base32 = encode_base32(secret);
  return key;
}

/// Standard base64 with padding.
std::string plain_base64(std::string_view data) {
  std::string out;
  out.reserve(data.size() + 3);
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto escape = data[i] == '%' ? lower(data.substr(i + 1, 2)) : "";
    if (escape == "2b" || escape == "2f" || escape == "3d") {
      out += escape == "2b" ? '+' : escape == "2f" ? '/' : '=';
      i += 2;
    } else {
      out += data[i] == ' ' || data[i] == '-' ? '+' : data[i] == '_' ? '/' : data[i];
    }
  }
  while (out.ends_with('=')) out.pop_back();
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

}  // namespace

Result<Migration> parse_migration(std::string_view data) {
  auto text = plain_base64(data);
  auto bytes = decode_base64(text);
  wipe(text);
  if (!bytes || bytes->empty()) return no_message();
  Migration migration;
  bool intact = true;
  Fields fields(*bytes);
  while (const auto field = fields.next()) {
    switch (field->number) {
      case 1: {
        auto key = field->bytes && migration.keys.size() < kMostKeys ? read_key(*field->bytes) : std::nullopt;
        intact = intact && key;
        if (key) migration.keys.push_back(std::move(*key));
        break;
      }
      // int32 fields: a negative one is sign-extended to 64 bits
      case 3: migration.parts = static_cast<std::int64_t>(field->value); break;
      case 4: migration.part = static_cast<std::int64_t>(field->value); break;
      case 5: migration.id = static_cast<std::int64_t>(field->value); break;
      default: break;
    }
  }
  intact = intact && !fields.broken() && !migration.keys.empty();
  wipe(*bytes);
  if (!intact) return no_message();
  return migration;
}

}  // namespace portalkey
