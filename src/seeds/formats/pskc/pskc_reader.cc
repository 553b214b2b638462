#include "seeds/formats/pskc/pskc_reader.h"

#include <fmt/format.h>

#include <utility>

#include "seeds/formats/pskc/pskc_keys.h"
#include "seeds/input/checked_tokens.h"

namespace portalkey {
namespace {

/// What the keys have to do with each other, and with the file.
class Keys {
 public:
  Keys(const SeedFileOptions& options, SeedSink& sink) : tokens_(sink, options) {}

  void take(PskcKey&& key) {
    if (key.fault) {
      if (key.fault_line != 0) key.fault->cause = fmt::format("see line {}", key.fault_line);
      only_named_ += key.only_named ? 1 : 0;
      return tokens_.refuse(std::move(*key.fault));
    }
    tokens_.add(std::move(key.token));
    for (auto& problem : key.warnings) {
      problem.row = count();
      tokens_.warn(std::move(problem));
    }
  }
  std::int64_t count() const { return tokens_.keys(); }

  Result<SeedFileSummary> finish(std::vector<std::string> notes) {
    if (only_named_ > 0 && only_named_ == count()) {
      return fail(Errc::invalid_input, "the file has no secret keys, only the names of keys elsewhere (KeyReference)",
                  "They are in the vendor's or your own HSM: ask for a file with the keys in it.");
    }
    if (count() == 0) tokens_.note("There is no key in the file.");
    for (auto& note : notes) tokens_.note(std::move(note));
    return tokens_.finish();
  }

 private:
  CheckedTokens tokens_;
  std::int64_t only_named_ = 0;
};

}  // namespace

bool is_pskc(std::string_view start) { return start.contains("KeyContainer") || start.contains("SecretContainer"); }

Result<SeedFileSummary> read_pskc(ByteSource& source, const SeedFileOptions& options, SeedSink& sink) {
  Keys keys(options, sink);
  auto notes = read_pskc_keys(source, options, [&](PskcKey&& key) { keys.take(std::move(key)); });
  if (!notes) return pass(notes);
  return keys.finish(std::move(*notes));
}

}  // namespace portalkey
