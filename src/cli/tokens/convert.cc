#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/key_file.h"
#include "base/secret_file.h"
#include "cli/terminal/key_file.h"
#include "cli/terminal/references.h"
#include "cli/terminal/secret_output.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/seed_problems.h"
#include "cli/tokens/tokens_command.h"
#include "seeds/write/token_writer.h"

namespace portalkey {
namespace {

using MakeWriter = std::unique_ptr<TokenWriter> (*)(WriteOut);

const std::map<std::string, MakeWriter> kWriters{
    {"entra-csv", make_entra_csv_writer},
    {"graph-json", make_graph_json_writer},
    {"json", [](WriteOut out) { return make_json_writer(std::move(out), in_commands); }},
    {"otpauth", make_otpauth_writer}};

constexpr const char* kPskc = "pskc";
constexpr std::string_view kWithKey = "key:", kWithPassphrase = "passphrase:";

struct ConvertOptions {
  SeedInput seeds;
  std::string to;
  std::string encrypt_with;  ///< `key:FILE` or `passphrase:FILE`; empty: not at all
  std::string out;
  bool reveal_secrets = false;
};

struct Ignore final : SeedSink {
  void on_token(TokenSeed&&) override {}
  void on_problem(RowProblem&&) override {}
};

/// Says on standard error why rows or tokens are not, or not wholly, in the new file; many of a kind in one line.
class Remarks {
 public:
  void add(const TokenSeed& token, bool left_out, const std::string& why) {
    auto& [count, first] = kinds_[fmt::format("{}: {}", left_out ? "left out" : "warning", why)];
    if (++count == 1)
      first = fmt::format("line {}{}", token.line, token.serial.empty() ? "" : ", serial number " + token.serial);
  }
  void say_all() const {
    for (const auto& [what, kind] : kinds_) {
      say(harmless(fmt::format("{} ({}{})\n", in_commands(what), kind.second,
                               kind.first > 1 ? fmt::format(" and {} more", kind.first - 1) : "")));
    }
  }

 private:
  std::map<std::string, std::pair<std::int64_t, std::string>> kinds_;
};

class Convert final : public SeedSink {
 public:
  Convert(TokenWriter& writer, const std::vector<std::int64_t>& withdrawn) : writer_(writer), withdrawn_(withdrawn) {}

  void on_token(TokenSeed&& token) override {
    if (failed || std::ranges::binary_search(withdrawn_, token.place())) return;
    if (auto why = writer_.why_not(token); !why.empty()) {
      remarks.add(token, true, why);
      ++left_out;
      return;
    }
    if (auto loss = writer_.loss(token); !loss.empty()) remarks.add(token, false, loss);
    if (auto done = writer_.add(token); !done) failed = std::move(done).error();
    ++written;
  }
  void on_problem(RowProblem&& problem) override {
    TokenSeed place;
    place.line = problem.line;
    place.serial = problem.serial;
    remarks.add(place, !problem.warning, fmt::format("{}: {}", problem.field, problem.what));
  }

  std::int64_t written = 0, left_out = 0;
  std::optional<Error> failed;
  Remarks remarks;

 private:
  TokenWriter& writer_;
  const std::vector<std::int64_t>& withdrawn_;
};

struct EncryptWith {
  Secret key, passphrase;
};

Result<EncryptWith> read_encrypt_with(std::string_view how) {
  constexpr std::size_t kLongestPassphrase = 4096;
  EncryptWith with;
  if (how.starts_with(kWithKey)) {
    const auto file = how.substr(kWithKey.size());
    warn_if_all_may_read(file);
    auto read = read_key_file(file, "--encrypt-with");
    if (!read) return pass(read);
    if (read->size() != 16) {
      return fail(Errc::invalid_input,
                  fmt::format("the key has {} bytes, and PSKC is encrypted with AES-128 here", read->size()),
                  "Make one of 16 bytes: openssl rand -hex 16");
    }
    with.key = std::move(*read);
  } else if (how.starts_with(kWithPassphrase)) {
    const auto file = how.substr(kWithPassphrase.size());
    warn_if_all_may_read(file);
    auto read = read_secret_file(file, kLongestPassphrase, "--encrypt-with", FileUse::key);
    if (!read) return pass(read);
    with.passphrase = std::move(*read);
  }
  return with;
}

Result<ExitCode> convert(const ConvertOptions& options) {
  auto with = read_encrypt_with(options.encrypt_with);
  if (!with) return pass(with);
  const bool to_standard_output = options.out.empty() || options.out == "-";
  auto out =
      to_standard_output ? SecretOutput::standard_output(!options.encrypt_with.empty()) : SecretOutput::create(options.out);
  if (!out) return pass(out);

  // A row may contradict an earlier one, so the file is read twice; what cannot be read twice is kept in memory.
  Result<SeedFileSummary> first;
  std::optional<SeedRows> rows;
  const auto seeds = OpenedSeeds::open(options.seeds);
  if (!seeds) return std::unexpected(seeds.error());
  if (!seeds->can_be_read_again()) {
    auto read = read_seed_rows(*seeds);
    if (!read) return pass(read);
    rows = std::move(*read);
    first = rows->summary;
  } else {
    Ignore nothing;
    first = seeds->read(nothing);
    if (!first) return pass(first);
  }
  const PskcProtection protection{.key = with->key.empty() ? nullptr : &with->key,
                                  .passphrase = with->passphrase.empty() ? nullptr : &with->passphrase,
                                  .key_name = {}};
  const WriteOut write = [&](std::string_view bytes) { return out->write(bytes); };
  auto writer = options.to == kPskc ? make_pskc_writer(write, protection) : kWriters.at(options.to)(write);
  if (auto begun = writer->begin(); !begun) return pass(begun);
  Convert sink(*writer, first->withdrawn);
  if (rows) {
    for (auto& problem : rows->problems) sink.on_problem(std::move(problem));
    for (auto& token : rows->tokens) sink.on_token(std::move(token));
  } else if (auto again = seeds->read_again(sink); !again) {
    return pass(again);
  }
  if (sink.failed) return std::unexpected(std::move(*sink.failed));
  sink.remarks.say_all();
  for (const auto& note : first->notes)
    say(harmless(fmt::format("note: {}\n", in_commands(note))));  // such as that no MAC was checked
  if (sink.written == 0)
    return fail(Errc::invalid_input, "no token of the file can be written in this format", "See what was left out, above.");
  if (auto ended = writer->end(); !ended) return pass(ended);
  if (auto kept = out->keep(); !kept) return pass(kept);
  say(harmless(fmt::format("{} tokens written{}{}; {} left out\n", sink.written, to_standard_output ? "" : " to ",
                           to_standard_output ? "" : options.out, sink.left_out + first->problems)));
  return sink.left_out + first->problems == 0 ? ExitCode::done : ExitCode::partly_done;
}

}  // namespace

void add_tokens_convert(Command tokens, Run& run) {
  auto options = std::make_shared<ConvertOptions>();
  const auto command = tokens.subcommand("convert", "Write the tokens of a seed file in another format");
  add_seed_file_options(command, options->seeds);
  add_serial_option(command, options->seeds);
  std::vector<std::string> names{kPskc};
  for (const auto& [name, make] : kWriters) names.push_back(name);
  command.option("--to", options->to, "The format to write").required().one_of(names).type_name("FORMAT");
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
    if (!with.empty() && options->to != kPskc) throw WrongUsage("--encrypt-with", "needs --to pskc");
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
