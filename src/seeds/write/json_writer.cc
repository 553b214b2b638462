#include <fmt/format.h>

#include "seeds/model/seed_format.h"
#include "seeds/write/token_json.h"
#include "seeds/write/token_writer.h"

namespace portalkey {
namespace {

/// Holds everything a TokenSeed does.
class JsonWriter final : public TokenWriter {
 public:
  JsonWriter(WriteOut out, Words words) : out_(std::move(out)), words_(std::move(words)) {}
  Result<void> begin() override {
    return out_(fmt::format("{{\"format\":\"{}\",\"tokens\":[", name_of(SeedFormat::portalkey_json)));
  }
  std::string why_not(const TokenSeed&) const override { return {}; }
  Result<void> add(const TokenSeed& token) override {
    std::string line = first_ ? "\n" : ",\n";
    first_ = false;
    append_token_json(token, {.secret = true, .place = false}, words_, line);
    return write_and_wipe(out_, line);
  }
  Result<void> end() override { return out_("]}\n"); }

 private:
  WriteOut out_;
  Words words_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<TokenWriter> make_json_writer(WriteOut out, Words words) {
  return std::make_unique<JsonWriter>(std::move(out), std::move(words));
}

}  // namespace portalkey
