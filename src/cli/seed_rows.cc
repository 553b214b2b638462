#include "cli/seed_rows.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>

#include "cli/key_file.h"
#include "cli/passphrase.h"

namespace portalkey {
namespace {

struct Collect final : SeedSink {
  explicit Collect(SeedRows& rows) : to(rows) {}
  void on_token(TokenSeed&& token) override { to.tokens.push_back(std::move(token)); }
  void on_problem(RowProblem&& problem) override { to.problems.push_back(std::move(problem)); }
  SeedRows& to;
};

constexpr std::size_t kMostPassphraseBytes = 4096;

/// An option that names a file with a secret, which lives as long as the option.
template <class Read>
void add_secret(CLI::App& command, const std::string& name, const std::string& what, Read read, const Secret*& to) {
  auto secret = std::make_shared<Secret>();
  command
      .add_option_function<std::string>(
          name,
          [name, read, secret, &to](const std::string& file) {
            auto value = read(file);
            if (!value) throw CLI::ValidationError(name, value.error().what + " (" + file + "). " + value.error().remedy);
            *secret = std::move(*value);
            to = secret.get();
          },
          what)
      ->type_name("FILE");
}

}  // namespace

Result<SeedRows> read_seed_rows(const std::string& file, const SeedFileOptions& options) {
  SeedRows rows;
  Collect sink(rows);
  auto summary = read_seed_file(file, options, sink);
  if (!summary) return pass(summary);
  rows.summary = std::move(*summary);
  std::erase_if(rows.tokens,
                [&](const TokenSeed& token) { return std::ranges::binary_search(rows.summary.withdrawn, token.place()); });
  std::ranges::stable_sort(rows.tokens, {}, &TokenSeed::place);
  std::ranges::stable_sort(rows.problems, {}, &RowProblem::line);
  return rows;
}

void add_seed_file_options(CLI::App& command, std::string& file, SeedFileOptions& options) {
  command.add_option("FILE", file, "The seed file; - is standard input")->required();
  static const std::map<std::string, SecretEncoding> kEncodings{
      {"detect", SecretEncoding::detect}, {"base32", SecretEncoding::base32}, {"hex", SecretEncoding::hex}, {"base64", SecretEncoding::base64}};
  command
      .add_option_function<std::string>(
          "--secret-encoding", [&options](const std::string& name) { options.encoding = kEncodings.at(name); },
          "How the secret keys are written: detect (the default), base32, hex or base64")
      ->check(CLI::IsMember(kEncodings))
      ->type_name("NAME");
  add_secret(command, "--key-file", "The pre-shared key of an encrypted PSKC file: hex digits or raw bytes", read_key_file,
             options.key);
  add_secret(
      command, "--passphrase-file", "The passphrase of an encrypted file; a final line break is not part of it",
      [](const std::string& name) { return read_secret_file(name, kMostPassphraseBytes); }, options.passphrase);
}

}  // namespace portalkey
