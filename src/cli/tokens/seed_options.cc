#include "cli/tokens/seed_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "cli/terminal/key_file.h"

namespace portalkey {
namespace {

constexpr std::string_view kReplaces = "replaces";

void add_column(std::vector<ColumnName>& columns, const std::string& mapping, bool with_replaces = false) {
  constexpr std::array<std::pair<std::string_view, Column>, 10> kColumns{{{"upn", Column::upn},
                                                                          {"serial", Column::serial},
                                                                          {"secret", Column::secret},
                                                                          {"interval", Column::interval},
                                                                          {"manufacturer", Column::manufacturer},
                                                                          {"model", Column::model},
                                                                          {"hash", Column::hash},
                                                                          {"digits", Column::digits},
                                                                          {"type", Column::type},
                                                                          {"made", Column::made}}};
  const auto equals = mapping.find('=');
  if (with_replaces && equals == kReplaces.size() && mapping.starts_with(kReplaces) && equals + 1 < mapping.size()) {
    columns.push_back({Column::replaces, mapping.substr(equals + 1)});
    return;
  }
  const auto found =
      std::ranges::find(kColumns, std::string_view(mapping).substr(0, equals), [](const auto& c) { return c.first; });
  if (equals == std::string::npos || equals + 1 == mapping.size() || found == kColumns.end()) {
    throw WrongUsage("--map", fmt::format("takes NAME=COLUMN, NAME being upn, serial, secret, interval, manufacturer, "
                                          "model, hash, digits, type or made{}",
                                          with_replaces ? "; and replaces, of a --list" : ""));
  }
  columns.push_back({found->second, mapping.substr(equals + 1)});
}

}  // namespace

void add_serial_option(Command command, SeedInput& input) {
  command
      .option("--serial", input.serial, "The serial number of the file's token, where the format has none (otpauth and others)")
      .type_name("SERIAL");
}

Option add_clocks_option(Command command, std::string& clocks) {
  return command
      .option("--clocks", clocks,
              "Codes read from the devices: a list with columns serial number, code, next code, read at; each token is then "
              "activated for its device's own time")
      .type_name("FILE");
}

void add_list_columns_option(Command command, std::vector<ColumnName>& columns) {
  command
      .option(
          "--map",
          [&columns](const std::vector<std::string>& mappings) {
            for (const auto& m : mappings) add_column(columns, m);
          },
          "What the list calls its columns: serial=\"Device no\", upn=\"Assigned person\"")
      .type_name("NAME=COLUMN");
}

Option add_seed_file_options(Command command, SeedInput& input) {
  const auto file = command.option("FILE", input.file, "The seed file; - is standard input").required();
  command
      .option(
          "--format",
          [&input](const std::string& name) {
            input.options.format = seed_format(name);
            if (!input.options.format)
              throw WrongUsage("--format", fmt::format("there is no format {}; see docs/seed-files.md", name));
          },
          "Read it as this (entra-csv, pskc, otpauth, ...), whatever it looks like")
      .type_name("NAME");
  command
      .option(
          "--map",
          [&input](const std::vector<std::string>& mappings) {
            for (const auto& m : mappings) add_column(input.options.columns, m, input.replaces);
          },
          "Which column is which: serial=\"Device no\"; also upn, secret, interval, manufacturer, model, hash, digits, type, "
          "made")
      .type_name("NAME=COLUMN");
  static const std::map<std::string, SecretEncoding> kEncodings{{"detect", SecretEncoding::detect},
                                                                {"base32", SecretEncoding::base32},
                                                                {"hex", SecretEncoding::hex},
                                                                {"base64", SecretEncoding::base64}};
  command
      .option(
          "--secret-encoding", [&input](const std::string& name) { input.options.encoding = kEncodings.at(name); },
          "How the secret keys are written: detect (the default), base32, hex or base64")
      .one_of({"base32", "base64", "detect", "hex"})
      .type_name("NAME");
  command
      .option(
          "--time-interval", [&input](const std::string& seconds) { input.options.time_interval = seconds == "30" ? 30 : 60; },
          "30 or 60 seconds, for a file that does not say it; tokens without a type are then time-based")
      .one_of({"30", "60"})
      .type_name("SECONDS");
  command.flag("--allow-short-keys", input.options.allow_short_keys,
               "Take secret keys under 80 bits too, which can be found by trying");
  command.option("--key-file", input.key_file, "The pre-shared key of a PSKC file: hex digits or bytes")
      .each(warn_if_all_may_read)
      .type_name("FILE");
  command.option("--passphrase-file", input.passphrase_file, "The passphrase of a PSKC file or zip archive")
      .each(warn_if_all_may_read)
      .type_name("FILE");
  command
      .option("--assign", input.assign,
              "Who gets which token: a list with columns serial number and upn, or of UPNs in the file's order")
      .type_name("FILE");
  return file;
}

}  // namespace portalkey
