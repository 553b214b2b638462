#include "seeds/formats/xml/vendor_xml.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "seeds/formats/xml/xml_reader.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/said.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostValueBytes = 4096;
constexpr std::size_t kMostName = 40;  // of an element, in messages

/// Element and attribute names as they mean the same.
std::string_view meaning_of(std::string_view name) {
  static const std::map<std::string, std::string_view, std::less<>> kMeanings{{"serial", "serial"},
                                                                              {"serialnumber", "serial"},
                                                                              {"sn", "serial"},
                                                                              {"seed", "seed"},
                                                                              {"secret", "seed"},
                                                                              {"secretkey", "seed"},
                                                                              {"model", "model"},
                                                                              {"manufacturer", "manufacturer"},
                                                                              {"movingfactor", "counter"},
                                                                              {"interval", "interval"},
                                                                              {"timeinterval", "interval"},
                                                                              {"timestep", "interval"},
                                                                              {"digits", "digits"},
                                                                              {"upn", "upn"},
                                                                              {"algorithm", "hash"},
                                                                              {"hash", "hash"}};
  std::string key = lower(name);
  std::erase_if(key, [](char c) { return c == '_' || c == '-'; });
  const auto found = kMeanings.find(key);
  return found == kMeanings.end() ? std::string_view() : found->second;
}

class VendorXml final : public XmlHandler {
 public:
  VendorXml(SeedFormat format, const SeedFileOptions& options, SeedSink& sink)
      : safenet_(format == SeedFormat::safenet_xml),
        time_based_(options.time_interval.has_value()),
        encoding_(options.encoding),
        tokens_(sink, options) {}
  ~VendorXml() override { forget(); }

  Result<void> on_start(const XmlElement& element, const XmlPlace& place) override {
    ++depth_;
    if (depth_ == 1 && !same_ignoring_case(element.name, "tokens")) {
      return std::unexpected(at(place, fmt::format("the root element is {}, not Tokens", element.name.substr(0, kMostName)),
                                "Check which vendor's format this is; [[setting|format]] decides."));
    }
    if (depth_ == 1) {
      for (const auto& attribute : element.attributes) ask(attribute.name, "attribute", attribute.value);
      said_of_file_ = std::exchange(said_, {});
    }
    if (depth_ == 2 && same_ignoring_case(element.name, "token")) {
      forget();
      line_ = place.line();
      in_token_ = true;
      seeds_ = 0;
    }
    if (in_token_ && same_ignoring_case(element.name, "application")) {
      application_ = depth_;
      said_before_ = said_;
    }
    if (in_token_) {
      for (const auto& attribute : element.attributes) {
        // Of an element below, only that of the token itself is known to have such a name.
        if (depth_ == 2) set(meaning_of(attribute.name), attribute.value);
        ask(attribute.name, "attribute", attribute.value);
      }
    }
    value_ = in_token_ ? meaning_of(element.name) : std::string_view();
    value_name_ = in_token_ ? element.name.substr(0, kMostName) : std::string_view();
    value_depth_ = depth_;
    if (value_ == "seed") seed_line_ = place.line();
    wipe(text_);
    return {};
  }
  bool wants_text() const override { return !value_name_.empty() && depth_ == value_depth_; }
  Result<void> on_text(std::string_view piece, const XmlPlace& place) override {
    if (text_.size() + piece.size() > kMostValueBytes) {
      if (value_.empty()) {  // nothing that is read, such as a signature
        wipe(text_);
        value_name_.clear();
        return {};
      }
      return std::unexpected(at(place, "a value is longer than any token's", "Check that the file is whole and unaltered."));
    }
    text_.reserve(kMostValueBytes);  // no growth, so no second copy of the key
    text_ += piece;
    return {};
  }
  Result<void> on_end(const XmlPlace&) override {
    if (!value_name_.empty() && depth_ == value_depth_) {
      set(value_, value_or_nothing(text_));
      ask(value_name_, "element", text_);
    }
    wipe(text_);
    value_ = {};
    value_name_.clear();
    if (application_ == depth_ && values_.contains("seed")) {
      emit();
      drop("seed");
      drop("counter");
    }
    if (application_ == depth_) {
      application_ = 0;
      said_ = said_before_;
    }
    if (depth_ == 2 && in_token_) {
      if (seeds_ == 0 || values_.contains("seed")) emit();
      in_token_ = false;
    }
    --depth_;
    return {};
  }

  Result<SeedFileSummary> finish() {
    if (tokens_.keys() == 0) return fail(Errc::invalid_input, "the file has no token", "Check that the export was complete.");
    if (taken_as_events_ != 0) {
      tokens_.note(
          fmt::format("the format does not say the algorithm: {} taken as event-based (HOTP), SHA-1, 6 digits{}",
                      taken_as_events_ == 1 ? "1 key was" : fmt::format("{} keys were", taken_as_events_),
                      time_based_ ? "" : " ([[setting|time-interval]] says that those without a counter are time-based)"));
    }
    return tokens_.finish();
  }

 private:
  /// What a value says of the token, whatever it is called. Numbers that are read by their names say it there.
  void ask(std::string_view name, std::string_view what, std::string_view text) {
    const auto meaning = meaning_of(name);
    if (meaning == "serial" || meaning == "seed" || meaning == "upn" || meaning == "interval" || meaning == "counter") return;
    const auto under = meaning == "manufacturer" ? SaidUnder::person : said_under(name);
    said_.look_at(under, value_or_nothing(text), fmt::format("the {} {}", what, name.substr(0, kMostName)));
  }
  void set(std::string_view meaning, std::string_view text) {
    text = value_or_nothing(text);
    if (meaning.empty() || text.empty()) return;
    if (values_.contains(meaning)) twice_ = meaning;
    drop(meaning);
    values_.emplace(meaning, text);
  }
  void drop(std::string_view meaning) {
    if (const auto found = values_.find(meaning); found != values_.end()) {
      wipe(found->second);
      values_.erase(found);
    }
  }
  void forget() {
    for (auto& [meaning, text] : values_) wipe(text);
    wipe(text_);
    values_.clear();
    twice_ = {};
    said_ = said_of_file_;
  }
  std::string_view value(std::string_view meaning) const {
    const auto found = values_.find(meaning);
    return found == values_.end() ? std::string_view() : std::string_view(found->second);
  }

  void emit() {
    ++seeds_;
    TokenSeed token;
    token.line = line_;
    std::string_view field = "row";
    auto read = fill(token, field);
    if (read) return tokens_.add(std::move(token));
    RowProblem problem;
    problem.line = field == name_of(Column::secret) && values_.contains("seed") ? seed_line_ : line_;
    problem.serial = quotable_serial(token.serial);
    problem.field = field;
    describe(problem, std::move(read).error());
    tokens_.refuse(std::move(problem));
  }

  std::expected<void, FieldProblem> fill(TokenSeed& token, std::string_view& field) {
    for (const auto meaning : {"serial", "model", "manufacturer", "upn"}) {
      if (!is_clean_text(value(meaning))) return bad(fmt::format("the {} holds control characters", meaning));
    }
    token.serial = value("serial");
    token.model = value("model");
    token.manufacturer = value("manufacturer");
    token.upn = value("upn");
    field = name_of(Column::serial);
    if (token.serial.empty()) return bad("there is no serial number");
    if (!twice_.empty()) return bad(fmt::format("the {} is there twice", twice_));
    field = name_of(Column::secret);
    auto key = key_of_text(value("seed"), encoding_, safenet_ ? SecretEncoding::hex : SecretEncoding::detect);
    if (!key) return std::unexpected(std::move(key).error());
    token.base32 = std::move(*key);
    std::expected<std::int64_t, FieldProblem> number;
    if (!value("digits").empty()) {
      field = "digits";
      if (number = number_of_text(value("digits"), 1, kMostDigits); !number) return std::unexpected(number.error());
      token.digits = static_cast<int>(*number);
    }
    const auto said_type = said_.type ? std::optional(said_.type->value) : std::nullopt;
    const bool an_event_by_default = safenet_ && (!value("counter").empty() || (!time_based_ && value("interval").empty()));
    if (said_type.value_or(an_event_by_default ? OtpType::hotp : OtpType::totp) == OtpType::hotp) {
      if (!said_type) ++taken_as_events_;
      token.type = OtpType::hotp;
      if (said_type && number_of_text(value("counter"), 0, kMostCounter).has_value() == false) return {};
      if (value("counter").empty()) return {};
      field = "counter";
      if (number = number_of_text(value("counter"), 0, kMostCounter); !number) return std::unexpected(number.error());
      token.detailed().counter = *number;
      return {};
    }
    if (!value("hash").empty() && !SaidOfToken().look_at(SaidUnder::hash, value("hash"), "")) {
      field = "hash";
      if (auto hash = hash_of_text(value("hash")); !hash) return std::unexpected(std::move(hash).error());
    }
    field = name_of(Column::interval);
    if (!value("interval").empty() && said_type.value_or(OtpType::totp) == OtpType::totp) {
      if (number = number_of_text(value("interval"), 1, kMostSeconds); !number) return std::unexpected(number.error());
      token.step = static_cast<int>(*number);
    }
    field = "type";
    const bool counted = !value("counter").empty() && !safenet_;
    if (auto problem = said_.decide(token, !token.step)) return std::unexpected(std::move(*problem));
    if (counted && !said_type && (value("counter") != "0" || !token.step)) {
      return std::unexpected(FieldProblem{"it has a counter, and nothing says what kind of token it is",
                                          "Ask the vendor: an event-based token (HOTP) cannot be used with Entra.", "TOTP"});
    }
    field = name_of(Column::interval);
    if (token.type != OtpType::totp || token.step || time_based_) return {};
    return std::unexpected(FieldProblem{"there is no time interval",
                                        "Ask the vendor which it is, and say it: [[setting|time-interval|30]] or 60."});
  }
  static std::unexpected<FieldProblem> bad(std::string what) {
    return std::unexpected(FieldProblem{std::move(what), "Correct it, or ask the vendor for the file again."});
  }

  bool safenet_;
  const bool time_based_;  // says the caller, who says the time interval too
  std::int64_t taken_as_events_ = 0;
  SecretEncoding encoding_;
  CheckedTokens tokens_;
  int depth_ = 0, value_depth_ = 0, application_ = 0;
  bool in_token_ = false;
  int seeds_ = 0;
  std::int64_t line_ = 0, seed_line_ = 0;
  std::string_view value_, twice_;
  std::string value_name_;  // the element's
  SaidOfToken said_, said_before_, said_of_file_;
  std::string text_;
  std::map<std::string_view, std::string> values_;  // by meaning
};

}  // namespace

bool is_safenet_xml(std::string_view start) { return start.contains("<Tokens"); }

bool is_deepnet_xml(std::string_view start) { return start.contains("<tokens"); }

Result<SeedFileSummary> read_vendor_xml(ByteSource& source, SeedFormat format, const SeedFileOptions& options, SeedSink& sink) {
  VendorXml handler(format, options, sink);
  if (auto read = read_xml(source, handler); !read) return pass(read);
  return handler.finish();
}

}  // namespace portalkey
