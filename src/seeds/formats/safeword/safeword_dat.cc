#include "seeds/formats/safeword/safeword_dat.h"

#include "base/ascii.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/said.h"
#include "seeds/input/text_lines.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostRecordBytes = 64 * 1024;

/// What follows `name` and `mark` among parts that `between` parts; names in any case.
std::string_view part(std::string_view text, std::string_view name, char mark, char between) {
  while (!text.empty()) {
    const auto item = trimmed(text.substr(0, text.find(between)));
    text.remove_prefix(std::min(text.find(between), text.size() - 1) + 1);
    if (item.size() > name.size() && same_ignoring_case(item.substr(0, name.size()), name) && item[name.size()] == mark) {
      return trimmed(item.substr(name.size() + 1));
    }
  }
  return {};
}

class Records {
 public:
  Records(const SeedFileOptions& options, SeedSink& sink) : tokens_(sink, options) { record_.reserve(kMostRecordBytes); }
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;
  ~Records() { wipe(record_); }

  void take(std::string_view line, std::int64_t number) {
    if (trimmed(line).empty()) return end();
    if (line.starts_with('#')) return;
    if (line.starts_with("dn:")) end();  // whether or not the blank line before it is there
    if (record_.empty() && !too_long_) line_ = number;
    if (record_.size() + line.size() + 1 > kMostRecordBytes) {
      too_long_ = true;
      return;
    }
    if (line.front() == ' ' && !record_.empty()) {
      record_ += line.substr(1);
    } else {
      if (!record_.empty()) record_ += '\n';
      record_ += line;
    }
  }

  Result<SeedFileSummary> finish() {
    end();
    if (tokens_.keys() == 0) {
      return fail(Errc::invalid_input, "the file has no SafeWord record", "Check that the export was complete.");
    }
    return tokens_.finish();
  }

 private:
  void end() {
    if (record_.empty() && !too_long_) return;
    TokenSeed token;
    token.line = line_;
    std::string_view field = name_of(Column::serial);
    if (auto read = fill(token, field); read) {
      tokens_.add(std::move(token));
    } else {
      RowProblem problem;
      problem.line = line_;
      problem.serial = quotable_serial(token.serial);
      problem.field = field;
      describe(problem, std::move(read).error());
      tokens_.refuse(std::move(problem));
    }
    explicit_bzero(record_.data(), record_.size());
    record_.clear();
    too_long_ = false;
  }

  std::expected<void, FieldProblem> fill(TokenSeed& token, std::string_view& field) const {
    const auto bad = [](std::string what) {
      return std::unexpected(FieldProblem{std::move(what), "Correct it, or ask the vendor for the file again."});
    };
    if (too_long_) return bad("the record is longer than any token's");
    const auto name = part(record_, "dn", ':', '\n');
    if (!is_clean_text(name)) return bad("the name holds control characters or text that is no UTF-8");
    token.serial = value_or_nothing(part(name, "sccAuthenticatorId", '=', ','));
    if (token.serial.empty()) return bad("there is no sccAuthenticatorId");
    field = name_of(Column::model);
    const auto model = part(record_, "sccTokenType", ':', '\n');
    if (!is_clean_text(model)) return bad("the type holds control characters or text that is no UTF-8");
    token.model = model;
    const auto data = part(record_, "sccTokenData", ':', '\n');
    field = name_of(Column::secret);
    auto key = key_of_text(part(data, "sccKey", '=', ';'), SecretEncoding::hex);
    if (!key) return std::unexpected(std::move(key).error());
    token.base32 = std::move(*key);
    field = "digits";
    if (part(data, "sccPwLen", '=', ';').empty()) return bad("there is no sccPwLen, which is the number of digits");
    auto digits = number_of_text(part(data, "sccPwLen", '=', ';'), 1, kMostDigits);
    if (!digits) return std::unexpected(std::move(digits).error());
    token.digits = static_cast<int>(*digits);
    field = "type";
    const auto mode = part(data, "sccMode", '=', ';');
    if (same_ignoring_case(mode, "E")) {
      token.type = OtpType::hotp;
    } else if (same_ignoring_case(mode, "T")) {
      field = name_of(Column::interval);
      if (part(data, "sccTick", '=', ';').empty()) return bad("there is no sccTick, which is the time interval");
      auto step = number_of_text(part(data, "sccTick", '=', ';'), 1, kMostSeconds);
      if (!step) return std::unexpected(std::move(step).error());
      token.step = static_cast<int>(*step);
    } else {
      return bad("sccMode is neither E nor T");
    }
    SaidOfToken said;
    said.take(token, "sccMode");
    said.hash.reset();  // the format does not say it
    for (auto rest = data; !rest.empty();) {
      const auto item = trimmed(rest.substr(0, rest.find(';')));
      rest.remove_prefix(std::min(rest.find(';'), rest.size() - 1) + 1);
      const auto item_name = item.substr(0, item.find('='));
      if (item_name.size() < item.size() && !same_ignoring_case(item_name, "sccKey") && is_clean_text(item_name))
        said.look_at(SaidUnder::unknown, item.substr(item_name.size() + 1), item_name);
    }
    field = "type";
    if (auto problem = said.decide(token, false)) return std::unexpected(std::move(*problem));
    return {};
  }

  CheckedTokens tokens_;
  std::string record_;
  std::int64_t line_ = 0;
  bool too_long_ = false;
};

}  // namespace

bool is_safeword_dat(std::string_view start) {
  constexpr std::string_view kFirst = "\ndn: sccAuthenticatorId=";
  return start.starts_with(kFirst.substr(1)) || start.contains(kFirst);
}

Result<SeedFileSummary> read_safeword_dat(ByteSource& source, const SeedFileOptions& options, SeedSink& sink) {
  Records records(options, sink);
  TextLines lines(source);
  for (;;) {
    const auto line = lines.next();
    if (!line) return std::unexpected(line.error());
    if (!*line) return records.finish();
    records.take(**line, lines.line());
  }
}

}  // namespace portalkey
