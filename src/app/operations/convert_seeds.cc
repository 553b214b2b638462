#include "app/operations/convert_seeds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/key_file.h"
#include "base/secret_file.h"

namespace portalkey {
namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr std::array<std::string_view, 5> kFormats{kEncryptedFormat, "entra-csv", "graph-json", "json", "otpauth"};

struct Ignore final : SeedSink {
  void on_token(TokenSeed&&) override {}
  void on_problem(RowProblem&&) override {}
};

class Convert final : public SeedSink {
 public:
  Convert(TokenWriter& writer, const std::vector<std::int64_t>& withdrawn) : writer_(writer), withdrawn_(withdrawn) {}

  void on_token(TokenSeed&& token) override {
    if (failed || std::ranges::binary_search(withdrawn_, token.place())) return;
    if (auto why = writer_.why_not(token); !why.empty()) {
      remark(token.line, token.serial, true, std::move(why));
      ++left_out;
      return;
    }
    if (auto loss = writer_.loss(token); !loss.empty()) remark(token.line, token.serial, false, std::move(loss));
    if (auto done = writer_.add(token); !done) failed = std::move(done).error();
    ++written;
  }
  void on_problem(RowProblem&& problem) override {
    remark(problem.line, problem.serial, !problem.warning, fmt::format("{}: {}", problem.field, problem.what));
  }
  std::vector<ConversionRemarks::Remark> remarks() && {
    std::vector<ConversionRemarks::Remark> out;
    for (auto& [kind, one] : remarks_) out.push_back(std::move(one));
    return out;
  }

  std::int64_t written = 0, left_out = 0;
  std::optional<Error> failed;

 private:
  void remark(std::int64_t line, const std::string& serial, bool left_out_by_it, std::string why) {
    auto& one = remarks_[{!left_out_by_it, why}];
    if (++one.tokens == 1) one = {left_out_by_it, std::move(why), 1, line, serial};
  }

  TokenWriter& writer_;
  const std::vector<std::int64_t>& withdrawn_;
  std::map<std::pair<bool, std::string>, ConversionRemarks::Remark> remarks_;  // what is left out first
};

struct EncryptWith {
  Secret key, passphrase;
};

Result<EncryptWith> read_encrypt_with(const SeedConversion& wanted) {
  constexpr std::size_t kLongestPassphrase = 4096;
  constexpr std::string_view kSetting = "[[setting|encrypt-with]]";
  EncryptWith with;
  if (!wanted.key_file.empty()) {
    auto read = read_key_file(wanted.key_file, kSetting);
    if (!read) return pass(read);
    if (read->size() != kKeyBytes) {
      return fail(Errc::invalid_input,
                  fmt::format("the key has {} bytes, and PSKC is encrypted with AES-128 here", read->size()),
                  "Make one of 16 bytes: openssl rand -hex 16");
    }
    with.key = std::move(*read);
  } else if (!wanted.passphrase_file.empty()) {
    auto read = read_secret_file(wanted.passphrase_file, kLongestPassphrase, kSetting, FileUse::key);
    if (!read) return pass(read);
    with.passphrase = std::move(*read);
  }
  return with;
}

std::unique_ptr<TokenWriter> make_writer(const SeedConversion& wanted, const EncryptWith& with, const Words& words,
                                         const WriteOut& out) {
  if (wanted.format == "entra-csv") return make_entra_csv_writer(out);
  if (wanted.format == "graph-json") return make_graph_json_writer(out);
  if (wanted.format == "json") return make_json_writer(out, words);
  if (wanted.format == "otpauth") return make_otpauth_writer(out);
  return make_pskc_writer(out, {.key = with.key.empty() ? nullptr : &with.key,
                                .passphrase = with.passphrase.empty() ? nullptr : &with.passphrase,
                                .key_name = {}});
}

}  // namespace

std::span<const std::string_view> written_formats() { return kFormats; }

Result<ConvertedSeeds> convert_seeds(const SeedConversion& wanted, const Words& words, const WriteOut& out,
                                     ConversionRemarks& remarks) {
  const auto with = read_encrypt_with(wanted);
  if (!with) return std::unexpected(with.error());
  const auto seeds = OpenedSeeds::open(wanted.seeds);
  if (!seeds) return std::unexpected(seeds.error());
  // A row may contradict an earlier one, so the file is read twice; what cannot be read twice is kept in memory.
  std::optional<SeedRows> rows;
  SeedFileSummary first;
  if (seeds->can_be_read_again()) {
    Ignore nothing;
    auto summary = seeds->read(nothing);
    if (!summary) return pass(summary);
    first = std::move(*summary);
  } else {
    auto read = read_seed_rows(*seeds);
    if (!read) return pass(read);
    rows = std::move(*read);
    first = rows->summary;
  }
  const auto writer = make_writer(wanted, *with, words, out);
  if (auto begun = writer->begin(); !begun) return pass(begun);
  Convert sink(*writer, first.withdrawn);
  if (rows) {
    for (auto& problem : rows->problems) sink.on_problem(std::move(problem));
    for (auto& token : rows->tokens) sink.on_token(std::move(token));
  } else if (auto again = seeds->read_again(sink); !again) {
    return pass(again);
  }
  if (sink.failed) return std::unexpected(std::move(*sink.failed));
  const ConvertedSeeds done{sink.written, sink.left_out + first.problems};
  remarks = {std::move(sink).remarks(), std::move(first.notes)};
  if (done.written == 0)
    return fail(Errc::invalid_input, "no token of the file can be written in this format", "See what was left out, above.");
  if (auto ended = writer->end(); !ended) return pass(ended);
  return done;
}

}  // namespace portalkey
