#include "seeds/formats/csv/entra_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/ascii.h"
#include "seeds/formats/csv/csv_rows.h"
#include "seeds/formats/csv/whole_number.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/secret_key.h"
#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

struct Synonym {
  std::string_view folded;
  Column column;
};
/// Entra's own names, Graph's included. They go before the other ones.
constexpr Synonym kOwnNames[] = {
    {"upn", Column::upn},
    {"userprincipalname", Column::upn},
    {"serialnumber", Column::serial},
    {"secretkey", Column::secret},
    {"timeinterval", Column::interval},
    {"timeintervalinseconds", Column::interval},
    {"manufacturer", Column::manufacturer},
    {"model", Column::model},
    {"enabled", Column::enabled},
    {"hashfunction", Column::hash},
};
/// What vendors, token servers, directories and translations call them; folded as `folded` does.
constexpr Synonym kSynonyms[] = {
    {"user", Column::upn},
    {"username", Column::upn},
    {"userid", Column::upn},
    {"email", Column::upn},
    {"emailaddress", Column::upn},
    {"mail", Column::upn},
    {"login", Column::upn},
    {"loginname", Column::upn},
    {"account", Column::upn},
    {"signinname", Column::upn},
    {"benutzer", Column::upn},
    {"benutzername", Column::upn},
    {"benutzerprinzipalname", Column::upn},
    {"utilisateur", Column::upn},
    {"usuario", Column::upn},
    {"serial", Column::serial},
    {"serialno", Column::serial},
    {"serialnr", Column::serial},
    {"serialnum", Column::serial},
    {"sn", Column::serial},
    {"tokenserial", Column::serial},
    {"tokenserialnumber", Column::serial},
    {"tokensn", Column::serial},
    {"tokenid", Column::serial},
    {"token", Column::serial},
    {"deviceid", Column::serial},
    {"deviceserial", Column::serial},
    {"deviceserialnumber", Column::serial},
    {"seriennummer", Column::serial},
    {"numerodeserie", Column::serial},
    {"secret", Column::secret},
    {"seed", Column::secret},
    {"key", Column::secret},
    {"tokenseed", Column::secret},
    {"tokensecret", Column::secret},
    {"seedvalue", Column::secret},
    {"secretseed", Column::secret},
    {"sharedsecret", Column::secret},
    {"otpkey", Column::secret},
    {"otpsecret", Column::secret},
    {"totpsecret", Column::secret},
    {"geheimschlussel", Column::secret},
    {"schlussel", Column::secret},
    {"clesecrete", Column::secret},
    {"clavesecreta", Column::secret},
    {"interval", Column::interval},
    {"timestep", Column::interval},
    {"step", Column::interval},
    {"period", Column::interval},
    {"otpperiod", Column::interval},
    {"refreshinterval", Column::interval},
    {"zeitintervall", Column::interval},
    {"intervall", Column::interval},
    {"intervalle", Column::interval},
    {"intervalo", Column::interval},
    {"vendor", Column::manufacturer},
    {"make", Column::manufacturer},
    {"maker", Column::manufacturer},
    {"brand", Column::manufacturer},
    {"supplier", Column::manufacturer},
    {"issuer", Column::manufacturer},
    {"hersteller", Column::manufacturer},
    {"fabricant", Column::manufacturer},
    {"fabricante", Column::manufacturer},
    {"product", Column::model},
    {"productname", Column::model},
    {"devicemodel", Column::model},
    {"tokenmodel", Column::model},
    {"modell", Column::model},
    {"modele", Column::model},
    {"modelo", Column::model},
    {"hash", Column::hash},
    {"hashalgorithm", Column::hash},
    {"algorithm", Column::hash},
    {"algo", Column::hash},
    {"otpalgorithm", Column::hash},
    {"totpalgorithm", Column::hash},
    {"algorithmus", Column::hash},
    {"algorithme", Column::hash},
    {"algoritmo", Column::hash},
    {"digits", Column::digits},
    {"otpdigits", Column::digits},
    {"otplength", Column::digits},
    {"codelength", Column::digits},
    {"codedigits", Column::digits},
    {"numberofdigits", Column::digits},
    {"stellen", Column::digits},
    {"ziffern", Column::digits},
    {"chiffres", Column::digits},
    {"digitos", Column::digits},
    {"manufacturedate", Column::made},
    {"manufacturingdate", Column::made},
    {"dateofmanufacture", Column::made},
    {"manufactured", Column::made},
    {"manufacturedon", Column::made},
    {"productiondate", Column::made},
    {"dateofproduction", Column::made},
    {"produced", Column::made},
    {"mfgdate", Column::made},
    {"herstellungsdatum", Column::made},
    {"produktionsdatum", Column::made},
    {"datedefabrication", Column::made},
    {"fechadefabricacion", Column::made},
};
/// On the left of `--map`.
constexpr std::array<std::string_view, kColumns> kMapNames{"upn",     "serial", "secret", "interval", "manufacturer", "model",
                                                           "enabled", "hash",   "digits", "type",     "made"};
constexpr std::string_view kWanted = "upn,serial number,secret key,time interval,manufacturer,model";

/// Small letters without accents, blanks, marks and what is in brackets behind: `Secret-Key (Base32)` is `secretkey`.
std::string folded(std::string_view name) {
  name = trimmed_unicode(name);
  if (const auto bracket = name.find_first_of("(["); bracket != 0) name = name.substr(0, bracket);
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (is_blank(c) || std::string_view("_-./:#\"'").find(c) != std::string_view::npos) continue;
    if (const auto three = name.substr(i, 3);
        three == "\u2018" || three == "\u2019" || three == "\u201C" || three == "\u201D") {
      i += 2;  // what word processors make of quotation marks
      continue;
    }
    if (c == '\xC3' && i + 1 < name.size()) {  // of Latin-1 letters the ones that the names above have
      const auto second = static_cast<unsigned char>(name[++i]) | 0x20;
      out += second >= 0xA8 && second <= 0xAB ? 'e' : second == 0xBC ? 'u' : second == 0xBA ? 'u' : second == 0xB3 ? 'o' : '?';
      continue;
    }
    out += to_lower(c);
  }
  return out;
}

std::optional<Column> find_name(std::span<const Synonym> names, std::string_view name) {
  constexpr std::size_t kLongestName = 64;
  if (name.size() > kLongestName) return std::nullopt;
  const auto it = std::ranges::find(names, folded(name), &Synonym::folded);
  if (it == names.end()) return std::nullopt;
  return it->column;
}

/// How the header says that the keys are written: `seed (hex)`.
SecretEncoding encoding_named(std::string_view name) {
  const std::string lower_name = lower(name);
  if (const auto bracket = lower_name.find_first_of("(["); bracket != std::string::npos) {
    const auto inside = std::string_view(lower_name).substr(bracket);
    if (inside.find("base32") != std::string_view::npos) return SecretEncoding::base32;
    if (inside.find("base64") != std::string_view::npos) return SecretEncoding::base64;
    if (inside.find("hex") != std::string_view::npos) return SecretEncoding::hex;
  }
  return SecretEncoding::detect;
}

std::unexpected<Error> missing(Column column) {
  return fail(Errc::invalid_input, fmt::format("the header has no \"{}\" column", name_of(column)),
              fmt::format("If it has another name, say [[setting|map|{}=COLUMN]]{}. Entra's header is: {}",
                          kMapNames[static_cast<std::size_t>(column)],
                          column == Column::interval ? "; if the file does not say it, [[setting|time-interval|30]] or 60" : "",
                          kWanted));
}

/// Where the caller's name for a column is: in a header its own name, ignoring case if need be, or else its number from 1.
std::size_t find_column(std::string_view wanted, std::span<const std::string_view> cells, bool headed) {
  auto found = std::ranges::find(cells, wanted, trimmed_unicode);
  if (found == cells.end()) {
    found = std::ranges::find_if(cells, [&](auto cell) { return same_ignoring_case(trimmed_unicode(cell), wanted); });
  }
  if (headed && found != cells.end()) return static_cast<std::size_t>(found - cells.begin());
  const auto number = whole_number(wanted, static_cast<std::int64_t>(cells.size()));
  return number && *number > 0 ? static_cast<std::size_t>(*number) - 1 : ColumnMap::kAbsent;
}

/// Whether the caller counts columns, and names none.
bool are_numbers(std::span<const ColumnName> names, std::span<const std::string_view> cells) {
  constexpr std::int64_t kMost = 1'000'000;
  const auto is_number = [](const ColumnName& name) {
    return !name.of_list && whole_number(trimmed_unicode(name.header), kMost).has_value();
  };
  const auto is_cell = [&](const ColumnName& name) {
    return std::ranges::find(cells, trimmed_unicode(name.header), trimmed_unicode) != cells.end();
  };
  return std::ranges::all_of(names, is_number) && !std::ranges::all_of(names, is_cell);
}

/// Which columns the caller's names stand for; an Error if one is not there. `headed`: `cells` are a header.
Result<void> apply_names(std::span<const ColumnName> names, std::span<const std::string_view> cells, bool headed,
                         ColumnMap& map, std::vector<std::optional<Column>>& meaning) {
  for (const auto& [column, header, of_list] : names) {
    const auto wanted = trimmed_unicode(header);
    const std::size_t i = find_column(wanted, cells, headed);
    if (i == ColumnMap::kAbsent && of_list) continue;
    const auto map_name = kMapNames[static_cast<std::size_t>(column)];
    const auto shown = may_quote_serial(header) ? std::string_view(header) : "...";  // it may be a key that was pasted
    if (i == ColumnMap::kAbsent && !headed) {
      return fail(Errc::invalid_input,
                  fmt::format("[[setting|map|{}={}]]: there are {} columns", map_name, shown, cells.size()),
                  "Give the number of a column, from 1.");
    }
    if (i == ColumnMap::kAbsent) {
      std::vector<std::string> there;
      for (std::size_t cell = 0; cell < cells.size(); ++cell) there.push_back(quoted_name(cells[cell], cell));
      return fail(Errc::invalid_input,
                  fmt::format("[[setting|map|{}={}]]: the file's header has no such column", map_name, shown),
                  fmt::format("Its columns are: {}", fmt::join(there, ", ")));
    }
    if (meaning[i] || map.at[static_cast<std::size_t>(column)] != ColumnMap::kAbsent) {
      return fail(Errc::invalid_input,
                  fmt::format("[[setting|map|{}={}]] contradicts another [[setting|map]]", map_name, shown),
                  "Give each column and each meaning once.");
    }
    meaning[i] = column;
    map.at[static_cast<std::size_t>(column)] = i;
  }
  return {};
}

}  // namespace

/// What looks like a key may be one, in a file whose header is not what it seems: only short names, and those of familiar
/// words.
std::string quoted_name(std::string_view name, std::size_t index) {
  constexpr std::size_t kShownName = 15, kLongestName = 30;
  constexpr std::string_view kFamiliar[] = {"name",  "user",   "mail",   "principal", "serial",
                                            "token", "device", "number", "secret"};
  name = trimmed_unicode(name);
  const bool seen = std::ranges::all_of(name, [](char c) { return c >= ' ' && c != 0x7f; });
  const std::string small = lower(name);
  const bool familiar = std::ranges::any_of(kFamiliar, [&](auto word) { return small.find(word) != std::string::npos; }) &&
                        small.find_first_of("0123456789") == std::string::npos;
  if (name.empty() || name.size() > (familiar ? kLongestName : kShownName) || !seen) return fmt::format("number {}", index + 1);
  return fmt::format("`{}`", name);
}

void ask_columns(ColumnMap& map, std::span<const std::string_view> header, std::size_t width) {
  for (std::size_t i = 0; i < std::min(width, CsvRows::kMaxFields); ++i) {
    const auto at = [&](Column column) { return map.at[static_cast<std::size_t>(column)] == i; };
    if (map.is_vault || i == map.uris || at(Column::upn) || at(Column::serial) || at(Column::secret) || at(Column::interval) ||
        at(Column::made))
      continue;
    const auto name = i < header.size() ? header[i] : std::string_view();
    SaidUnder under = said_under(name);
    if (at(Column::manufacturer)) under = SaidUnder::person;
    if (at(Column::model)) under = SaidUnder::product;
    if (at(Column::hash)) under = SaidUnder::hash;
    if (at(Column::digits)) under = SaidUnder::digits;
    if (at(Column::type)) under = SaidUnder::type;
    const auto quoted = quoted_name(name, i);
    map.asked.push_back(
        {i, under, quoted.starts_with('`') ? fmt::format("column {} ({})", i + 1, quoted) : fmt::format("column {}", i + 1)});
  }
}

std::span<const std::string_view> without_blank_end(std::span<const std::string_view> cells) {
  while (!cells.empty() && trimmed_unicode(cells.back()).empty()) cells = cells.first(cells.size() - 1);
  return cells;
}

std::optional<Column> column_named(std::string_view name) {
  const auto own = find_name(kOwnNames, name);
  return own ? own : find_name(kSynonyms, name);
}

bool is_header(std::span<const std::string_view> cells) {
  return std::ranges::count_if(cells, [](auto cell) { return column_named(cell).has_value(); }) >= 2;
}

Result<std::optional<ColumnMap>> read_header(std::span<const std::string_view> cells, std::span<const ColumnName> names,
                                             bool needs_interval, std::size_t uris) {
  cells = without_blank_end(cells);
  std::vector<std::optional<Column>> meaning(cells.size());
  ColumnMap map;
  map.at.fill(ColumnMap::kAbsent);
  map.fields = cells.size();
  map.uris = uris;
  const auto at = [&](Column column) -> std::size_t& { return map.at[static_cast<std::size_t>(column)]; };

  const bool has_uris = uris < cells.size() && cells[uris].find("://") == std::string_view::npos;
  if (!is_header(cells) && !has_uris && (names.empty() || are_numbers(names, cells))) return std::nullopt;
  if (auto done = apply_names(names, cells, true, map, meaning); !done) return pass(done);
  // Of two columns with Entra's own name for one thing, or two of other names, nobody can say which is meant.
  for (const std::span<const Synonym> list : {std::span<const Synonym>(kOwnNames), std::span<const Synonym>(kSynonyms)}) {
    std::array<bool, kColumns> before{};
    for (std::size_t c = 0; c < kColumns; ++c) before[c] = map.at[c] != ColumnMap::kAbsent;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (meaning[i]) continue;
      const auto column = find_name(list, cells[i]);
      if (!column || before[static_cast<std::size_t>(*column)]) continue;
      if (at(*column) != ColumnMap::kAbsent) {
        return fail(Errc::invalid_input,
                    fmt::format("the header has two \"{}\" columns: {} and {}", name_of(*column),
                                quoted_name(cells[at(*column)], at(*column)), quoted_name(cells[i], i)),
                    fmt::format("Say which one it is: [[setting|map|{}=COLUMN]]; or remove or rename one of them.",
                                kMapNames[static_cast<std::size_t>(*column)]));
      }
      at(*column) = i;
      meaning[i] = column;
    }
  }

  if (has_uris) {
    if (at(Column::secret) == ColumnMap::kAbsent) {
      at(Column::secret) = uris;
      meaning[uris] = Column::secret;
    }
    map.is_vault = at(Column::secret) == uris && at(Column::serial) == ColumnMap::kAbsent;
  }
  std::vector<std::string> unknown, renamed, asked;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!meaning[i]) {
      const auto under = said_under(cells[i]);
      const bool of_the_token = under != SaidUnder::unknown && under != SaidUnder::product && under != SaidUnder::person;
      (of_the_token && !map.is_vault ? asked : unknown).push_back(quoted_name(cells[i], i));
      continue;
    }
    if (*meaning[i] != Column::enabled && *meaning[i] != Column::made) map.least_fields = i + 1;
    if (trimmed_unicode(cells[i]) != name_of(*meaning[i])) {
      renamed.push_back(fmt::format("{} as {}", quoted_name(cells[i], i), name_of(*meaning[i])));
    }
  }
  for (const Column needed : {Column::serial, Column::secret, Column::interval}) {
    if ((needed == Column::interval && !needs_interval) || (needed != Column::secret && has_uris)) continue;
    if (at(needed) != ColumnMap::kAbsent) continue;
    auto error = missing(needed).error();
    if (needed == Column::secret && at(Column::upn) != ColumnMap::kAbsent)
      error.remedy +=
          ". A list of who has which token goes beside a seed file ([[setting|assign|LIST]]), or into [[plan-tokens]]";
    return std::unexpected(std::move(error));
  }
  ask_columns(map, cells, cells.size());
  map.encoding = encoding_named(cells[at(Column::secret)]);
  for (const Column may_miss : {Column::upn, Column::manufacturer, Column::model}) {
    if (at(may_miss) != ColumnMap::kAbsent) continue;
    map.notes.push_back(may_miss == Column::upn ? "there is no upn column: the tokens are not assigned to users"
                                                : fmt::format("there is no {} column: it is left empty", name_of(may_miss)));
  }
  if (!renamed.empty()) map.notes.push_back(fmt::format("columns read: {}", fmt::join(renamed, ", ")));
  if (at(Column::enabled) != ColumnMap::kAbsent) map.notes.push_back("the column `enabled` is ignored");
  if (!asked.empty()) map.notes.push_back(fmt::format("also read, for what kind of token it is: {}", fmt::join(asked, ", ")));
  if (has_uris) map.notes.push_back(fmt::format("the tokens are otpauth URIs in column {}", uris + 1));
  if (!unknown.empty()) {
    map.notes.push_back(fmt::format("unknown column{} ignored: {}", unknown.size() == 1 ? "" : "s", fmt::join(unknown, ", ")));
  }
  return map;
}

namespace {

/// Without users, and therefore only if both the key and the time interval are where they should be.
std::optional<ColumnMap> vendors_order(std::span<const std::string_view> cells, std::size_t from, std::string_view columns) {
  SecretKeyText key;
  const auto interval = trimmed_unicode(cells[from + 2]);
  if ((interval != "30" && interval != "60") || trimmed_unicode(cells[from]).empty()) return std::nullopt;
  if (!key.read(trimmed_unicode(cells[from + 1]), SecretEncoding::detect)) return std::nullopt;
  ColumnMap map;
  map.at.fill(ColumnMap::kAbsent);
  for (const auto column : {Column::serial, Column::secret, Column::interval, Column::manufacturer, Column::model}) {
    map.at[static_cast<std::size_t>(column)] = from++;
  }
  map.fields = map.least_fields = cells.size();
  map.headed = false;
  ask_columns(map, {}, cells.size());
  map.notes.push_back(fmt::format("there is no header: the columns were taken as {}", columns));
  return map;
}

}  // namespace

std::optional<ColumnMap> entra_order(std::span<const std::string_view> cells) {
  cells = without_blank_end(cells);
  if (cells.size() == 5) return vendors_order(cells, 0, "serial number,secret key,time interval,manufacturer,model");
  if (cells.size() != 6 && cells.size() != 7) return std::nullopt;
  const auto upn = trimmed_unicode(cells[0]);
  SecretKeyText key;
  if (!upn.empty() && upn.find('@') == std::string_view::npos) {
    if (cells.size() == 6)
      return vendors_order(cells, 1, "issuer (ignored),serial number,secret key,time interval,manufacturer,model");
    return std::nullopt;
  }
  const auto interval = trimmed_unicode(cells[3]);
  if (names_a_type(interval)) return std::nullopt;
  const bool token =
      key.read(trimmed_unicode(cells[2]), SecretEncoding::detect).has_value() || interval == "30" || interval == "60";
  if (!token) return std::nullopt;
  ColumnMap map;
  map.at.fill(ColumnMap::kAbsent);
  for (std::size_t i = 0; i < cells.size(); ++i) map.at[i] = i;  // as Column has them
  map.headed = false;
  map.fields = cells.size();
  map.least_fields = 6;
  ask_columns(map, {}, cells.size());
  map.notes.push_back(fmt::format("there is no header: the columns were taken as {}", kWanted));
  return map;
}

Result<std::optional<ColumnMap>> numbered_columns(std::span<const std::string_view> cells, std::span<const ColumnName> names,
                                                  bool needs_interval) {
  if (names.empty() || !are_numbers(names, cells)) return std::nullopt;
  std::vector<std::optional<Column>> meaning(cells.size());
  ColumnMap map;
  map.at.fill(ColumnMap::kAbsent);
  if (auto done = apply_names(names, cells, false, map, meaning); !done) return pass(done);
  const auto at = [&](Column column) { return map.at[static_cast<std::size_t>(column)]; };
  for (const Column needed : {Column::serial, Column::secret, Column::interval}) {
    if (at(needed) != ColumnMap::kAbsent || (needed == Column::interval && !needs_interval)) continue;
    return fail(
        Errc::invalid_input, fmt::format("no [[setting|map]] says which column the {} is", name_of(needed)),
        fmt::format("A file without a header needs [[setting|map|{}=NUMBER]] too, counted from 1{}.",
                    kMapNames[static_cast<std::size_t>(needed)],
                    needed == Column::interval ? "; if the file does not say it, [[setting|time-interval|30]] or 60" : ""));
  }
  map.fields = cells.size();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (meaning[i] && *meaning[i] != Column::enabled && *meaning[i] != Column::made) map.least_fields = i + 1;
  }
  // Names that nobody knows may still stand in the first line.
  SecretKeyText key;
  const auto numbered = cells[at(Column::interval) == ColumnMap::kAbsent ? at(Column::serial) : at(Column::interval)];
  map.headed = !key.read(trimmed_unicode(cells[at(Column::secret)]), SecretEncoding::detect) &&
               numbered.find_first_of("0123456789") == std::string_view::npos;
  ask_columns(map, map.headed ? cells : std::span<const std::string_view>(), cells.size());
  map.notes.push_back(map.headed
                          ? "the columns are the ones that [[setting|map]] numbers; the first line was taken for a header"
                          : "there is no header: the columns are the ones that [[setting|map]] numbers");
  return map;
}

bool is_row_in_one_cell(std::span<const std::string_view> cells) {
  cells = without_blank_end(cells);
  if (cells.size() != 1) return false;
  const char separator = separator_of(cells[0]);
  std::vector<std::string_view> parts;
  for (const auto part : std::views::split(cells[0], separator)) parts.emplace_back(part.begin(), part.end());
  const auto header = read_header(parts, {});
  return !header || header->has_value() || entra_order(parts).has_value();
}

std::optional<char> excel_separator(std::string_view line) {
  line = trimmed(line);
  if (line.size() != 5 || !same_ignoring_case(line.substr(0, 4), "sep=")) return std::nullopt;
  return line[4];
}

std::string_view first_line_without_hash(std::string_view text) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find_first_of("\r\n"));
    if (!line.starts_with('#') && trimmed_unicode(line).find_first_not_of(",;\t ") != std::string_view::npos &&
        !excel_separator(line))
      return line;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

char separator_of(std::string_view line) {
  constexpr std::string_view kSeparators = ",;\t";
  std::array<std::size_t, kSeparators.size()> counts{};
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (const auto i = kSeparators.find(c); !quoted && i != std::string_view::npos) ++counts[i];
  }
  return kSeparators[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

}  // namespace portalkey
