#include <fmt/format.h>

#include "app/operations/convert_seeds.h"
#include "base/counted.h"
#include "cli/terminal/key_file.h"
#include "cli/terminal/references.h"
#include "cli/terminal/secret_output.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

constexpr std::string_view kWithKey = "key:", kWithPassphrase = "passphrase:";

struct ConvertOptions {
  SeedConversion wanted;
  std::string encrypt_with;  ///< `key:FILE` or `passphrase:FILE`; empty: not at all
  std::string out;
  bool reveal_secrets = false;
};

void say_remarks(const ConversionRemarks& remarks) {
  for (const auto& one : remarks.remarks) {
    say(harmless(fmt::format("{}: {} (line {}{}{})\n", one.left_out ? "left out" : "warning", in_commands(one.why), one.line,
                             one.serial.empty() ? "" : ", serial number " + one.serial,
                             one.tokens > 1 ? fmt::format(" and {} more", one.tokens - 1) : "")));
  }
  for (const auto& note : remarks.notes) say(harmless(fmt::format("note: {}\n", in_commands(note))));
}

/// The file that `encrypt_with` names behind `prefix`; empty: it names none.
std::string file_behind(std::string_view prefix, std::string_view encrypt_with) {
  if (!encrypt_with.starts_with(prefix)) return {};
  std::string file(encrypt_with.substr(prefix.size()));
  warn_if_all_may_read(file);
  return file;
}

Result<ExitCode> convert(ConvertOptions& options) {
  options.wanted.key_file = file_behind(kWithKey, options.encrypt_with);
  options.wanted.passphrase_file = file_behind(kWithPassphrase, options.encrypt_with);
  const bool to_standard_output = options.out.empty() || options.out == "-";
  auto out =
      to_standard_output ? SecretOutput::standard_output(!options.encrypt_with.empty()) : SecretOutput::create(options.out);
  if (!out) return pass(out);
  ConversionRemarks remarks;
  const auto done =
      convert_seeds(options.wanted, in_commands, [&](std::string_view bytes) { return out->write(bytes); }, remarks);
  say_remarks(remarks);
  if (!done) return std::unexpected(done.error());
  if (auto kept = out->keep(); !kept) return pass(kept);
  say(harmless(fmt::format("{} written{}{}; {} left out\n", counted(done->written, "token"), to_standard_output ? "" : " to ",
                           to_standard_output ? "" : options.out, done->left_out)));
  return done->left_out == 0 ? ExitCode::done : ExitCode::partly_done;
}

}  // namespace

void add_tokens_convert(Command tokens, Run& run) {
  auto options = std::make_shared<ConvertOptions>();
  const auto command = tokens.subcommand("convert", "Write the tokens of a seed file in another format");
  add_seed_file_options(command, options->wanted.seeds);
  add_serial_option(command, options->wanted.seeds);
  const auto formats = written_formats();
  command.option("--to", options->wanted.format, "The format to write")
      .required()
      .one_of({formats.begin(), formats.end()})
      .type_name("FORMAT");
  command
      .option("--encrypt-with", options->encrypt_with,
              "Encrypt the secret keys of PSKC with a key (16 bytes or 32 hex digits) or a passphrase from a file")
      .type_name("key:FILE|passphrase:FILE");
  command.option("-O,--output-file", options->out, "Write to this new file (mode 0600); without it, or if it is -, to a pipe")
      .type_name("FILE");
  command.flag("--reveal-secrets", options->reveal_secrets, "Agree that the file holds the secret keys in plain");
  command.footer(
      "Examples:\n"
      "  portalkey tokens convert tokens.xml --to entra-csv --reveal-secrets -O upload.csv\n"
      "  portalkey tokens convert tokens.csv --to pskc --encrypt-with passphrase:FILE -O tokens.xml");
  command.callback([options, &run] {
    const std::string_view with = options->encrypt_with;
    if (!with.empty() && options->wanted.format != kEncryptedFormat) throw WrongUsage("--encrypt-with", "needs --to pskc");
    const bool key = with.starts_with(kWithKey) && with.size() > kWithKey.size();
    const bool passphrase = with.starts_with(kWithPassphrase) && with.size() > kWithPassphrase.size();
    if (!with.empty() && !key && !passphrase) throw WrongUsage("--encrypt-with", "takes key:FILE or passphrase:FILE");
    if (with.empty() && !options->reveal_secrets)
      throw WrongUsage("tokens convert",
                       "writes the secret keys in plain: agree with --reveal-secrets, or use --to pskc --encrypt-with");
    run = [options] {
      auto done = convert(*options);
      return static_cast<int>(done ? *done : report_error(done.error(), OutputFormat::table));
    };
  });
}

}  // namespace portalkey
