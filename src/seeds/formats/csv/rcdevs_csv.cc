#include "seeds/formats/csv/rcdevs_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/csv/entra_rows.h"
#include "seeds/formats/csv/whole_number.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/entra_fields.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/said.h"
#include "seeds/input/secret_key.h"
#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

constexpr std::string_view kHeader[] = {"Type", "Reference", "Description", "Data"};
constexpr std::string_view kExportAgain = "Export the inventory from WebADM again.";

bool is_header(std::span<const std::string_view> cells) {
  cells = without_blank_end(cells);
  return std::ranges::equal(cells, kHeader, [](auto a, auto b) { return same_ignoring_case(trimmed_unicode(a), b); });
}

/// What `name` has in `Name=value,Name=value`; empty if it is not there.
std::string_view value_of(std::string_view data, std::string_view name) {
  while (!data.empty()) {
    const auto end = data.find(',');
    const auto pair = trimmed(data.substr(0, end));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && same_ignoring_case(pair.substr(0, equals), name)) return pair.substr(equals + 1);
    data.remove_prefix(end == std::string_view::npos ? data.size() : end + 1);
  }
  return {};
}

class Reader {
 public:
  Reader(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink) : rows_(rows), tokens_(sink, options) {}

  Result<SeedFileSummary> read() {
    if (const auto there = rows_.next(); !there || !*there || !is_header(rows_.fields())) {
      if (!there) return std::unexpected(there.error());
      return std::unexpected(Error{Errc::invalid_input,
                                   "this is no WebADM inventory: the header is missing",
                                   "The first line must be: Type,Reference,Description,Data",
                                   {{"line", std::to_string(rows_.line())}}});
    }
    for (;;) {
      const auto there = rows_.next();
      if (!there) return std::unexpected(there.error());
      if (!*there) return tokens_.finish();
      take_row();
    }
  }

 private:
  void take_row();
  void refuse(std::string_view serial, std::string_view field, FieldProblem&& problem, std::string_view cell = {});

  CsvRows& rows_;
  CheckedTokens tokens_;
  SecretKeyText key_;
};

void Reader::refuse(std::string_view serial, std::string_view field, FieldProblem&& problem, std::string_view cell) {
  RowProblem reported;
  reported.line = rows_.line();
  if (may_quote_serial(serial)) reported.serial = serial;
  reported.field = field;
  describe(reported, std::move(problem));
  if (!cell.empty()) reported.column = rows_.column_of(cell);
  tokens_.refuse(std::move(reported));
}

void Reader::take_row() {
  if (rows_.broken() != CsvRows::Broken::no) {
    return refuse({}, "row", {"a quote on this line is not closed where its value ends", std::string(kExportAgain)});
  }
  const auto cells = without_blank_end(rows_.fields());
  if (cells.empty()) return;
  if (cells.size() != std::size(kHeader)) {
    return refuse({}, "row",
                  {fmt::format("there are {} values, and the header has 4", cells.size()), std::string(kExportAgain),
                   "the last column's values in one pair of quotes"});
  }
  const auto kind = trimmed_unicode(cells[0]), serial = trimmed_unicode(cells[1]), data = trimmed_unicode(cells[3]);
  if (!same_ignoring_case(kind, "OTP Token")) {
    return refuse(serial, "Type", {"this item of the inventory is no OTP token", "Nothing needs to be done.", "OTP Token"},
                  cells[0]);
  }
  if (auto problem = problem_of_serial(serial)) return refuse(serial, "serial number", std::move(*problem), cells[1]);
  const auto text_in = [&](std::string_view name) { return decode_base64(value_of(data, name)); };
  const auto number_in = [&](std::string_view name, std::int64_t most) -> std::optional<std::int64_t> {
    const auto text = text_in(name);
    return text ? whole_number(*text, most) : std::nullopt;
  };

  TokenSeed token;
  token.line = rows_.line();
  token.serial = serial;
  const auto model = trimmed_unicode(cells[2]);
  if (first_invalid_utf8(model) == std::string_view::npos) token.model = model;
  const auto type = text_in("TokenType");
  if (type && same_ignoring_case(*type, "TOTP")) {
    token.type = OtpType::totp;
  } else if (type && same_ignoring_case(*type, "HOTP")) {
    token.type = OtpType::hotp;
  } else if (type && same_ignoring_case(*type, "OCRA")) {
    token.type = OtpType::ocra;
  } else {
    return refuse(serial, "TokenType",
                  {"the type of the token is missing or not known", std::string(kExportAgain), "TOTP, HOTP or OCRA in base64"},
                  cells[3]);
  }
  const auto reading = key_.read(value_of(data, "TokenKey"), SecretEncoding::hex);
  if (!reading) return refuse(serial, "secret key", FieldProblem(reading.error()), cells[3]);
  token.base32 = base32_from_hex(key_.text());
  const auto digits = number_in("OTPLength", 10);
  if (!digits || *digits < 1) {
    return refuse(serial, "digits", {"OTPLength is missing or no number", std::string(kExportAgain), "6 or 8 in base64"},
                  cells[3]);
  }
  token.digits = static_cast<int>(*digits);
  if (token.type == OtpType::totp) {
    const auto step = number_in("TOTPTimeStep", 86'400);
    if (!step || *step == 0) {
      return refuse(serial, "time interval",
                    {"TOTPTimeStep is missing or no number of seconds", std::string(kExportAgain), "30 or 60 in base64"},
                    cells[3]);
    }
    token.step = static_cast<int>(*step);
  } else if (const auto counter = number_in("TokenState", INT64_MAX)) {
    token.detailed().counter = *counter;
  }
  // Whatever else the inventory says of it, under names that are not known here.
  SaidOfToken said;
  said.take(token, "the type, length or time step");
  if (token.hash == Hash::sha1) said.hash.reset();  // an assumption
  for (auto rest = data; !rest.empty();) {
    const auto pair = trimmed(rest.substr(0, rest.find(',')));
    rest.remove_prefix(std::min(rest.find(','), rest.size() - 1) + 1);
    const auto name = pair.substr(0, pair.find('='));
    if (same_ignoring_case(name, "TokenKey") || name.size() == pair.size()) continue;
    if (const auto text = decode_base64(pair.substr(name.size() + 1)))
      said.look_at(said_under(name), value_or_nothing(*text), name);
  }
  if (auto problem = said.decide(token, false)) return refuse(serial, "Data", std::move(*problem), cells[3]);
  tokens_.add(std::move(token));
}

}  // namespace

bool is_rcdevs_csv(std::string_view start) {
  while (!start.empty()) {
    const auto end = start.find_first_of("\r\n");
    const auto line = trimmed(start.substr(0, end));
    start.remove_prefix(end == std::string_view::npos ? start.size() : end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    std::string folded;
    for (const char c : line.substr(0, 80)) {
      if (c != '"' && !is_blank(c)) folded += to_lower(c);
    }
    return folded == "type,reference,description,data";
  }
  return false;
}

Result<SeedFileSummary> read_rcdevs_csv(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink) {
  return Reader(rows, options, sink).read();
}

}  // namespace portalkey
