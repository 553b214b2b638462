#include <fmt/format.h>

#include "base/secret_json.h"
#include "oath/seed_format.h"
#include "oath/write/token_json.h"
#include "oath/write/token_writer.h"

namespace portalkey {
namespace {

/// Holds everything a TokenSeed does.
class JsonWriter final : public TokenWriter {
 public:
  explicit JsonWriter(WriteOut out) : out_(std::move(out)) {}
  Result<void> begin() override {
    return out_(fmt::format("{{\"format\":\"{}\",\"tokens\":[", name_of(SeedFormat::portalkey_json)));
  }
  std::string why_not(const TokenSeed&) const override { return {}; }
  Result<void> add(const TokenSeed& token) override {
    auto object = token_json(token, true);
    object.erase("line");
    object.erase("key");
    return serialize_secret_json(object).reveal([&](std::string_view text) {
      std::string line = fmt::format("{}{}", first_ ? "\n" : ",\n", text);
      first_ = false;
      return write_and_wipe(out_, line);
    });
  }
  Result<void> end() override { return out_("]}\n"); }

 private:
  WriteOut out_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<TokenWriter> make_json_writer(WriteOut out) { return std::make_unique<JsonWriter>(std::move(out)); }

}  // namespace portalkey
