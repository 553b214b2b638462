#include <fmt/format.h>

#include <algorithm>

#include "base/spreadsheet_text.h"
#include "seeds/model/entra_takes.h"
#include "seeds/write/entra_csv.h"
#include "seeds/write/token_writer.h"

namespace portalkey {
namespace {

bool breaks_a_row(char c) { return c == ',' || c == '"' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string without_breaks(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, breaks_a_row, ' ');
  return out;
}

class EntraCsvWriter final : public TokenWriter {
 public:
  explicit EntraCsvWriter(WriteOut out) : out_(std::move(out)) {}
  Result<void> begin() override { return out_(kEntraCsvHeader); }
  std::string why_not(const TokenSeed& token) const override {
    if (auto refused = portalkey::why_not(token, Backend::portal)) return std::move(refused->why);
    if (std::ranges::any_of(token.serial, breaks_a_row)) return "its serial number has a comma, quote or control character";
    if (std::ranges::any_of(token.upn, breaks_a_row)) return "its UPN has a comma, quote or control character";
    return {};
  }
  std::string loss(const TokenSeed& token) const override {
    std::string loss;
    const auto add = [&](std::string_view text) { loss += fmt::format("{}{}", loss.empty() ? "" : "; ", text); };
    if (token.upn.empty()) add("it has no user, whom the portal wants: fill in the column upn, or use [[setting|assign]]");
    if (entra_csv_text(token.manufacturer) != token.manufacturer || entra_csv_text(token.model) != token.model)
      add("commas, quotes or a leading = + - @ were taken out of manufacturer or model");
    if (has_formula(token.serial) || has_formula(token.upn))
      add("a spreadsheet would take its serial number or UPN for a formula: do not open the file in one");
    return loss;
  }
  Result<void> add(const TokenSeed& token) override {
    std::string row;
    append_entra_csv_row(row, token);
    return write_and_wipe(out_, row);
  }
  Result<void> end() override { return {}; }

 private:
  WriteOut out_;
};

}  // namespace

std::string entra_csv_text(std::string_view text) { return without_formulas(without_breaks(text)); }

void append_entra_csv_row(std::string& out, const TokenSeed& token) {
  out.reserve(out.size() + token.upn.size() + token.serial.size() + token.base32.size() + token.manufacturer.size() +
              token.model.size() + 32);
  token.base32.reveal([&](std::string_view secret) {
    fmt::format_to(std::back_inserter(out), "{},{},{},{},{},{}\r\n", without_breaks(token.upn), without_breaks(token.serial),
                   secret, token.step.value_or(30), entra_csv_text(token.manufacturer), entra_csv_text(token.model));
  });
}

std::unique_ptr<TokenWriter> make_entra_csv_writer(WriteOut out) { return std::make_unique<EntraCsvWriter>(std::move(out)); }

}  // namespace portalkey
