#include "seeds/formats/pskc/pskc_keys.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "base/ascii.h"
#include "otp/base32.h"
#include "seeds/formats/pskc/pskc_elements.h"
#include "seeds/formats/pskc/pskc_lock.h"
#include "seeds/formats/pskc/pskc_values.h"
#include "seeds/formats/xml/xml_reader.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/said.h"

namespace portalkey {
namespace {

using Element = PskcElement;

constexpr std::size_t kMostText = 4096;        // of an element that is used: no key, name or MAC is that long
constexpr std::size_t kMostSecretBytes = 640;  // as 1024 base32 characters, see SecretKeyText
constexpr std::string_view kAskVendor = "Ask the vendor for a file without this mistake.";
/// Where a transfer could have broken it.
constexpr std::string_view kFetchAgain = "Fetch the file again, or ask the vendor.";

enum class Field { none, secret, counter, time, interval, drift };

Field field_of(std::string_view name) {
  const auto is = [&](std::string_view other) { return same_ignoring_case(name, other); };
  if (is("secret")) return Field::secret;
  if (is("counter")) return Field::counter;
  if (is("time")) return Field::time;
  if (is("timeinterval") || is("time_interval")) return Field::interval;
  if (is("timedrift") || is("time_drift")) return Field::drift;
  return Field::none;
}

std::string_view name_of(Field field) {
  switch (field) {
    case Field::secret: return name_of(Column::secret);
    case Field::interval: return name_of(Column::interval);
    case Field::counter: return "Counter";
    case Field::time: return "Time";
    case Field::drift: return "TimeDrift";
    case Field::none: break;
  }
  return "row";
}

/// Text of one element, wiped when it has been used: it may be a key.
class ElementText {
 public:
  ~ElementText() { clear(); }
  bool add(std::string_view piece) {
    if (piece.size() > kMostText - size_) return false;
    std::ranges::copy(piece, text_.data() + size_);
    size_ += piece.size();
    return true;
  }
  void set(std::string_view text) {  // which fits: it comes from another one
    clear();
    add(text);
  }
  void clear() {
    explicit_bzero(text_.data(), size_);
    size_ = 0;
  }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, kMostText> text_{};
  std::size_t size_ = 0;
};

struct Validity {
  std::string from, until;
};

/// What belongs to one value until its element ends.
struct Value {
  Field field = Field::none;
  bool plain = false, encrypted = false;
  ElementText plain_text;  ///< as in the file
  std::string algorithm;
  std::optional<std::string> cipher_text, mac;  // bytes

  void begin(Field what) {
    field = what;
    plain = encrypted = false;
    plain_text.clear();
    algorithm.clear();
    cipher_text.reset();
    mac.reset();
  }
};

class PskcReading final : public XmlHandler {
 public:
  PskcReading(const SeedFileOptions& options, const TakePskcKey& take)
      : take_(take), lock_(options.key, options.passphrase, options.most_pbkdf2_rounds), today_(options.today) {
    if (today_.empty()) today_ = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::now()));
  }

  Result<void> on_start(const XmlElement& element, const XmlPlace& place) override;
  bool wants_text() const override { return ignoring_ == 0 && has_text(top()); }
  Result<void> on_text(std::string_view piece, const XmlPlace& place) override;
  Result<void> on_end(const XmlPlace& place) override;
  std::vector<std::string> notes() const;

 private:
  Element top() const { return depth_ == 0 ? Element::ignored : stack_[depth_ - 1]; }
  Element parent() const { return depth_ < 2 ? Element::ignored : stack_[depth_ - 2]; }
  bool inside(Element element) const {
    return std::find(stack_.begin(), stack_.begin() + depth_, element) != stack_.begin() + depth_;
  }

  Result<void> begin_container(const XmlElement& element, const XmlPlace& place);
  Result<void> begin(Element what, const XmlElement& element, const XmlPlace& place);
  Result<void> check_number(const XmlElement& element, std::initializer_list<std::string_view> names, const XmlPlace& place);
  Result<void> check_boolean(const XmlElement& element, const XmlPlace& place);
  Result<void> take_text(Element what, std::string_view text, const XmlPlace& place);
  Result<void> take_bytes(std::string_view text, std::string_view name, std::optional<std::string>& to, const XmlPlace& place);
  Result<void> take_number(std::string_view text, std::string_view name, std::optional<std::int64_t>& to,
                           const XmlPlace& place);
  Result<void> use_value(const XmlPlace& place);
  void take_value(Field field, std::string_view clear, bool encoded, const XmlPlace& place);
  void end_key();
  void begin_key(const XmlElement& element, const XmlPlace& place);
  void take_date(bool start, std::string_view text, const XmlPlace& place);

  RowProblem about_key(Field field, std::string what, std::string remedy) const;
  void fault(Field field, const XmlPlace& place, std::string what, std::string remedy);
  void warn_of_token(std::string_view field, std::string value, std::string what, std::string remedy);

  const TakePskcKey& take_;
  PskcLock lock_;
  std::string today_;

  std::array<Element, kXmlMostDepth> stack_{};
  std::size_t depth_ = 0;
  int ignoring_ = 0;  ///< how deep in an element that is ignored
  std::string ns_;    ///< of the root
  ElementText text_;

  // of the KeyPackage
  std::string manufacturer_, serial_, issue_no_, model_, device_user_;
  Validity device_;
  bool package_has_key_ = false;
  // of the Key
  TokenSeed token_;
  TokenDetails details_;
  std::string algorithm_, suite_, key_user_;
  Validity policy_, key_;
  bool referenced_ = false, has_secret_ = false;
  std::optional<std::int64_t> interval_;
  std::optional<RowProblem> fault_;
  std::int64_t fault_line_ = 0;
  std::vector<RowProblem> warnings_;
  unsigned fields_seen_ = 0;
  Value value_;

  bool any_key_ = false;
  bool signed_ = false;
};

Result<void> PskcReading::on_start(const XmlElement& element, const XmlPlace& place) {
  text_.clear();
  if (ignoring_ > 0) {
    ++ignoring_;
    return {};
  }
  if (depth_ == 0) return begin_container(element, place);
  const bool known = element.ns == ns_ || is_pskc_namespace(element.ns) || (element.ns.empty() && inside(Element::pbkdf2));
  const auto what = known ? pskc_element(top(), element.name) : Element::ignored;
  if (what == Element::ignored || what == Element::signature) {
    signed_ = signed_ || what == Element::signature;
    ignoring_ = 1;
    return {};
  }
  stack_[depth_++] = what;
  return begin(what, element, place);
}

Result<void> PskcReading::begin_container(const XmlElement& element, const XmlPlace& place) {
  const bool is_old = element.name == "SecretContainer";
  const bool of_rfc = is_rfc6030_namespace(element.ns);
  if ((element.name != "KeyContainer" && !is_old) || !(of_rfc || is_draft_namespace(element.ns) || element.ns.empty())) {
    return std::unexpected(at(place, "this XML is not a PSKC KeyContainer", std::string(kAskVendor)));
  }
  const auto version = element.attribute({"Version", "version"});
  const bool dated = is_old || !element.ns.starts_with("urn:ietf:params:xml:ns:keyprov:pskc");
  if (!dated && !version.empty() && version != "1.0" && version != "1") {
    return std::unexpected(at(place, fmt::format("PSKC version \"{}\" is not supported, only 1.0", version.substr(0, 20)),
                              "Ask the vendor for a file as RFC 6030 describes it."));
  }
  ns_ = element.ns;
  lock_.info.draft = !of_rfc;
  stack_[depth_++] = Element::container;
  return {};
}

Result<void> PskcReading::check_number(const XmlElement& element, std::initializer_list<std::string_view> names,
                                       const XmlPlace& place) {
  for (const auto name : names) {
    const auto text = element.attribute({name});
    if (text.data() != nullptr &&
        !(pskc_number(text) && trimmed(text).find_first_not_of("0123456789") == std::string_view::npos)) {
      return std::unexpected(at(place, fmt::format("{} of {} is not a number", name, element.name), std::string(kAskVendor)));
    }
  }
  return {};
}

Result<void> PskcReading::check_boolean(const XmlElement& element, const XmlPlace& place) {
  for (const std::string_view name : {"CheckDigits", "CheckDigit"}) {
    const auto text = element.attribute({name});
    if (text.data() != nullptr && !is_boolean(text)) {
      return std::unexpected(
          at(place, fmt::format("{} of {} is neither true nor false", name, element.name), std::string(kAskVendor)));
    }
  }
  return {};
}

Result<void> PskcReading::begin(Element what, const XmlElement& element, const XmlPlace& place) {
  auto& info = lock_.info;
  const auto algorithm = [&] { return std::string(element.attribute({"Algorithm", "algorithm"})); };
  switch (what) {
    case Element::encryption_key:
    case Element::old_encryption:
    case Element::mac_method:
    case Element::mac_algorithm: {
      const bool of_mac = what == Element::mac_method || what == Element::mac_algorithm;
      if (any_key_) {
        return std::unexpected(at(place, fmt::format("{} stands after a key, where it would come too late", element.name),
                                  std::string(kAskVendor)));
      }
      if (what != Element::mac_algorithm && (of_mac ? info.mac : info.encryption_key)) {
        return std::unexpected(at(place, fmt::format("there is more than one {}", element.name), std::string(kAskVendor)));
      }
      (of_mac ? info.mac : info.encryption_key) = true;
      if (what == Element::mac_method) info.mac_algorithm = algorithm();
      if (what == Element::old_encryption && !same_ignoring_case(algorithm(), "none")) info.old_algorithm = algorithm();
      break;
    }
    case Element::certificate: info.by_certificate = true; break;
    case Element::derived_key: info.derived = true; break;
    case Element::derivation: info.derivation = algorithm(); break;
    case Element::prf: info.prf = algorithm(); break;
    case Element::mac_key:
      if (info.mac_key) return std::unexpected(at(place, "there is more than one MACKey", std::string(kAskVendor)));
      info.mac_key = true;
      value_.begin(Field::none);
      break;
    case Element::mac_key_reference: info.mac_key_by_reference = true; break;
    case Element::package:
      manufacturer_.clear();
      serial_.clear();
      issue_no_.clear();
      model_.clear();
      device_user_.clear();
      device_ = {};
      package_has_key_ = false;
      break;
    case Element::device_info:
      if (package_has_key_) {
        return std::unexpected(at(place, "DeviceInfo stands after the key it belongs to", std::string(kAskVendor)));
      }
      break;
    case Element::key: begin_key(element, place); break;
    case Element::response_format: {
      if (auto ok = check_boolean(element, place); !ok) return ok;
      if (auto ok = check_number(element, {"Length", "length"}, place); !ok) return ok;
      const auto length = pskc_number(element.attribute({"Length", "length"}));
      if (length && *length <= kMostShown) token_.digits = static_cast<int>(*length);
      break;
    }
    case Element::challenge_format:
      if (auto ok = check_boolean(element, place); !ok) return ok;
      return check_number(element, {"Min", "Max", "min", "max"}, place);
    case Element::pin_policy: return check_number(element, {"MaxFailedAttempts", "MinLength", "MaxLength"}, place);
    case Element::data: value_.begin(field_of(element.attribute({"Name", "name"}))); break;
    case Element::value: value_.begin(field_of(element.name)); break;
    case Element::plain_value:
    case Element::encrypted_value:
    case Element::old_value:
      if (value_.plain || value_.encrypted) {
        return std::unexpected(at(place, "a value is given twice", std::string(kAskVendor)));
      }
      (what == Element::encrypted_value || (what == Element::old_value && !info.old_algorithm.empty()) ? value_.encrypted
                                                                                                       : value_.plain) = true;
      break;
    case Element::encryption_method:
    case Element::encryption_scheme:
      if (auto name = algorithm(); !name.empty()) value_.algorithm = std::move(name);
      break;
    default: break;
  }
  return {};
}

void PskcReading::begin_key(const XmlElement& element, const XmlPlace& place) {
  any_key_ = package_has_key_ = true;
  token_ = {};
  token_.digits.reset();
  token_.hash.reset();
  token_.line = place.line();
  details_ = {};
  details_.key_id = element.attribute({"Id", "KeyId", "SecretId"});
  algorithm_ = element.attribute({"Algorithm", "KeyAlgorithm", "SecretAlgorithm"});
  suite_.clear();
  key_user_.clear();
  policy_ = {};
  key_ = {};
  referenced_ = has_secret_ = false;
  interval_.reset();
  fault_.reset();
  fault_line_ = 0;
  warnings_.clear();
  fields_seen_ = 0;
}

Result<void> PskcReading::on_text(std::string_view piece, const XmlPlace& place) {
  if (text_.add(piece)) return {};
  return std::unexpected(
      at(place, fmt::format("an element has more than {} characters of text", kMostText), std::string(kFetchAgain)));
}

Result<void> PskcReading::on_end(const XmlPlace& place) {
  if (ignoring_ > 0) {
    --ignoring_;
    return {};
  }
  const auto what = top();
  Result<void> done;
  if (has_text(what)) {
    done = take_text(what, trimmed(text_.view()), place);
    text_.clear();
  } else if (what == Element::value || (what == Element::data && value_.field != Field::none)) {
    done = use_value(place);
    value_.begin(Field::none);
  } else if (what == Element::mac_key) {
    lock_.info.mac_key_algorithm = value_.algorithm;
    lock_.info.mac_key_text = value_.cipher_text.value_or("");
    value_.begin(Field::none);
  } else if (what == Element::key) {
    end_key();
  }
  --depth_;
  return done;
}

Result<void> PskcReading::take_bytes(std::string_view text, std::string_view name, std::optional<std::string>& to,
                                     const XmlPlace& place) {
  to = base64_with_blanks(text);
  if (to && !to->empty()) return {};
  return std::unexpected(at(place, fmt::format("{} is not base64", name), std::string(kFetchAgain)));
}

Result<void> PskcReading::take_number(std::string_view text, std::string_view name, std::optional<std::int64_t>& to,
                                      const XmlPlace& place) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to.emplace());
  if (error == std::errc() && end == text.data() + text.size()) return {};
  return std::unexpected(at(place, fmt::format("{} is not a number", name), std::string(kAskVendor)));
}

void PskcReading::take_date(bool start, std::string_view text, const XmlPlace& place) {
  auto date = pskc_date(text);
  if (!date) {
    if (text.empty() || !inside(Element::key)) return;
    RowProblem problem =
        about_key(Field::none, "a date of its validity is not understood", "Check how long the token is valid.");
    problem.line = place.line();
    problem.expected = "YYYY-MM-DDThh:mm:ssZ";
    warnings_.push_back(std::move(problem));
    return;
  }
  auto& validity = parent() == Element::device_info ? device_ : parent() == Element::policy ? policy_ : key_;
  (start ? validity.from : validity.until) = std::move(*date);
}

Result<void> PskcReading::take_text(Element what, std::string_view text, const XmlPlace& place) {
  auto& info = lock_.info;
  switch (what) {
    case Element::key_name:
      if (info.key_name.empty()) info.key_name = text;
      break;
    case Element::salt_value:
    case Element::old_salt: return take_bytes(text, "the salt", info.salt, place);
    case Element::rounds:
    case Element::old_rounds: return take_number(text, "the iteration count", info.rounds, place);
    case Element::old_iv: {
      std::optional<std::string> iv;
      auto done = take_bytes(text, "the initialization vector", iv, place);
      if (done) info.old_iv = std::move(*iv);
      return done;
    }
    case Element::key_length: return take_number(text, "KeyLength", info.key_bytes, place);
    case Element::prf:  // python-pskc writes the name as text
      if (info.prf.empty()) info.prf = text;
      break;
    case Element::mac_algorithm: info.mac_algorithm = text; break;
    case Element::manufacturer: manufacturer_ = text; break;
    case Element::serial: serial_ = value_or_nothing(text); break;
    case Element::issue_no: issue_no_ = value_or_nothing(text); break;
    case Element::model: model_ = text; break;
    case Element::start_date: take_date(true, text, place); break;
    case Element::expiry_date: take_date(false, text, place); break;
    case Element::user_id: (parent() == Element::device_info ? device_user_ : key_user_) = text; break;
    case Element::suite: suite_ = text; break;
    case Element::friendly_name:
      if (details_.friendly_name.empty()) details_.friendly_name = text;
      break;
    case Element::key_reference: referenced_ = true; break;
    case Element::plain_value: value_.plain_text.set(text); break;
    case Element::old_value:
      if (value_.encrypted) return take_bytes(text, "an encrypted value", value_.cipher_text, place);
      value_.plain_text.set(text);
      break;
    case Element::cipher_value:
      if (value_.cipher_text) return std::unexpected(at(place, "a value is given twice", std::string(kAskVendor)));
      return take_bytes(text, "an encrypted value", value_.cipher_text, place);
    case Element::value_mac:
      if (value_.mac) return std::unexpected(at(place, "a value has two MACs", std::string(kAskVendor)));
      if (lock_.info.draft && !info.encryption_key) break;
      if (lock_.info.draft && info.old_algorithm.empty() && !info.derived && info.key_name.empty())
        break;  // NONE: an example's filler
      return take_bytes(text, "a MAC", value_.mac, place);
    case Element::transactions: {
      std::optional<std::int64_t> number;
      return take_number(text, "NumberOfTransactions", number, place);
    }
    default: break;
  }
  return {};
}

Result<void> PskcReading::use_value(const XmlPlace& place) {
  const Value& value = value_;
  if (value.field == Field::none) return {};
  const auto placed = [&](Error error) {
    error.context.emplace_back("line", std::to_string(place.line()));
    if (auto serial = quotable_serial(serial_); !serial.empty()) error.context.emplace_back("serial number", std::move(serial));
    return error;
  };
  if (value.encrypted || value.cipher_text) {
    if (!value.cipher_text) return std::unexpected(at(place, "an encrypted value is empty", std::string(kFetchAgain)));
    PskcSealed sealed{value.algorithm, *value.cipher_text, {}};
    if (value.mac) sealed.mac = *value.mac;
    auto clear = lock_.open(sealed);
    if (!clear) return std::unexpected(placed(std::move(clear).error()));
    clear->reveal([&](std::string_view bytes) { take_value(value.field, bytes, false, place); });
    return {};
  }
  if (!value.plain) return {};
  if (value.mac) {
    auto bytes = base64_with_blanks(value.plain_text.view());
    auto checked = lock_.check_plain(bytes ? std::string_view(*bytes) : value.plain_text.view(), *value.mac);
    if (bytes) wipe(*bytes);
    if (!checked) return std::unexpected(placed(std::move(checked).error()));
  } else if (value.field == Field::secret && lock_.info.mac && lock_.info.encryption_key && !lock_.info.draft) {
    return std::unexpected(
        placed({Errc::invalid_input,
                "the file is encrypted and declares MACs, but this key has neither: somebody may have put it there",
                "Ask the vendor whether that is meant to be so, and for a file without it.",
                {}}));
  }
  take_value(value.field, value.plain_text.view(), true, place);
  return {};
}

void PskcReading::take_value(Field field, std::string_view clear, bool encoded, const XmlPlace& place) {
  const unsigned bit = 1U << static_cast<unsigned>(field);
  if ((fields_seen_ & bit) != 0)
    return fault(field, place, fmt::format("the key has two values for {}", name_of(field)), std::string(kAskVendor));
  fields_seen_ |= bit;
  if (field == Field::secret) {
    const auto take = [&](std::string_view bytes) {
      if (bytes.empty()) return;
      if (bytes.size() > kMostSecretBytes) {
        return fault(field, place, fmt::format("the key has {} bytes, more than {}", bytes.size(), kMostSecretBytes),
                     std::string(kAskVendor));
      }
      token_.base32 = encode_base32(bytes);
      has_secret_ = true;
    };
    if (!encoded) return take(clear);
    auto bytes = base64_with_blanks(clear);
    if (!bytes) return fault(field, place, "the key is not base64", "PSKC wants base64 (RFC 6030 §4.2.4): ask the vendor.");
    take(*bytes);
    wipe(*bytes);
    return;
  }
  if (clear.empty()) return;
  const auto number = encoded ? pskc_number(clear) : pskc_number_of_bytes(clear);
  // A word may be base64 of some large number, which nobody has meant.
  const bool written = trimmed(clear).find_first_not_of("0123456789") == std::string_view::npos;
  if (!number || (field == Field::interval && encoded && !written && *number > kMostSeconds))
    return fault(field, place, fmt::format("{} is not a number", name_of(field)), std::string(kAskVendor));
  switch (field) {
    case Field::counter: details_.counter = *number; break;
    case Field::drift: details_.drift = *number; break;
    case Field::time:
      if (*number != 0) details_.time = *number;  // 0 is written where nobody knows
      break;
    case Field::interval: interval_ = *number; break;
    default: break;
  }
}

RowProblem PskcReading::about_key(Field field, std::string what, std::string remedy) const {
  RowProblem problem;
  problem.line = token_.line;
  problem.serial = quotable_serial(serial_);
  problem.field = name_of(field);
  problem.what = std::move(what);
  problem.remedy = std::move(remedy);
  return problem;
}

void PskcReading::fault(Field field, const XmlPlace& place, std::string what, std::string remedy) {
  if (fault_) return;
  fault_ = about_key(field, std::move(what), std::move(remedy));
  fault_line_ = place.line();
}

void PskcReading::warn_of_token(std::string_view field, std::string value, std::string what, std::string remedy) {
  RowProblem problem = about_key(Field::none, std::move(what), std::move(remedy));
  problem.field = field;
  problem.value = std::move(value);
  warnings_.push_back(std::move(problem));
}

void PskcReading::end_key() {
  token_.type = pskc_type(algorithm_);
  if (suite_.empty()) suite_ = suite_of(algorithm_);
  token_.hash = pskc_hash(token_.type, suite_);
  token_.serial = serial_;
  token_.manufacturer = manufacturer_;
  token_.model = model_;
  const std::string& user = key_user_.empty() ? device_user_ : key_user_;
  if (may_be_upn(user)) token_.upn = user;

  if (token_.type == OtpType::totp && interval_) {
    if (*interval_ < 1 || *interval_ > INT32_MAX) {
      if (!fault_) {
        fault_ = about_key(Field::interval, "the time interval is no number of seconds", std::string(kAskVendor));
        fault_->value = std::to_string(*interval_);
      }
    } else {
      token_.step = static_cast<int>(*interval_);
    }
  }
  // Vendors' models name the kind, too, and a file may have been made with the wrong template.
  if (SaidOfToken said;
      token_.type == OtpType::totp && said.look_at(SaidUnder::product, value_or_nothing(model_), "the Model")) {
    said.take(token_, "what the key says of itself");
    TokenSeed decided;
    decided.step = token_.step;
    if (auto problem = said.decide(decided, false); problem && !fault_) {
      fault_ = about_key(Field::none, std::move(problem->what), std::move(problem->remedy));
      fault_->field = "type";
    }
  }
  const bool is_otp = token_.type == OtpType::totp || token_.type == OtpType::hotp;
  const bool only_named = !has_secret_ && !fault_ && referenced_;
  if (only_named) {
    fault_ = about_key(Field::secret, "the key itself is not in the file, only the name of a key elsewhere (KeyReference)",
                       "Ask the vendor for a file with the keys in it.");
  } else if (!has_secret_ && !fault_ && is_otp) {
    fault_ = about_key(Field::secret, "the key has no secret", std::string(kAskVendor));
  }
  if (fault_) {
    fault_->upn = token_.upn;
    return take_({.fault = std::exchange(fault_, std::nullopt), .fault_line = fault_line_, .only_named = only_named});
  }

  details_.suite = suite_;
  details_.issue_no = issue_no_;
  details_.user_id = user;
  if (token_.type == OtpType::other) details_.algorithm = algorithm_.substr(0, 200);
  const auto& from = !device_.from.empty() ? device_.from : !policy_.from.empty() ? policy_.from : key_.from;
  const auto& until = !device_.until.empty() ? device_.until : !policy_.until.empty() ? policy_.until : key_.until;
  details_.not_before = from;
  details_.not_after = until;
  if (!until.empty() && until < today_) {
    warn_of_token("ExpiryDate", until, fmt::format("by the file, the token's validity ended on {}", until),
                  "Entra does not look at it; ask the vendor whether its battery still lasts.");
  }
  if (!from.empty() && from > today_) {
    warn_of_token("StartDate", from, fmt::format("by the file, the token is valid from {} on", from),
                  "Entra does not look at it.");
  }
  if (details_.drift && *details_.drift != 0) {
    warn_of_token("TimeDrift", std::to_string(*details_.drift),
                  fmt::format("the vendor measured that the token's clock is {} intervals off", *details_.drift),
                  "It is activated with the code for that time, unless a code of the device says otherwise.");
  }
  token_.details = std::make_unique<TokenDetails>(std::move(details_));
  take_({.token = std::move(token_), .warnings = std::exchange(warnings_, {})});
}

std::vector<std::string> PskcReading::notes() const {
  std::vector<std::string> notes;
  const auto note = [&](std::string text) { notes.push_back(std::move(text)); };
  if (lock_.info.draft) note("The file follows a draft older than RFC 6030.");
  if (lock_.used()) note(lock_.described());
  if (lock_.used_without_mac()) {
    note("Warning: the encrypted values have no MAC. A wrong key or an altered file may go unnoticed: check one token's code.");
  }
  if (lock_.used() && lock_.info.mac && !lock_.info.mac_key) {
    note("The MACs use the encryption key, as drafts older than RFC 6030 do.");
  }
  if (signed_) note("The file is signed; the signature was not verified.");
  return notes;
}

}  // namespace

Result<std::vector<std::string>> read_pskc_keys(ByteSource& source, const SeedFileOptions& options, const TakePskcKey& take) {
  PskcReading reading(options, take);
  if (auto read = read_xml(source, reading); !read) return pass(read);
  return reading.notes();
}

}  // namespace portalkey
