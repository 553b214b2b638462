#include "oath/pskc/pskc_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/in_order.h"
#include "oath/checked_tokens.h"
#include "oath/pskc/pskc_keys.h"
#include "oath/pskc/pskc_portions.h"

namespace portalkey {
namespace {

/// What the keys have to do with each other, and with the file.
class Keys {
 public:
  Keys(const SeedFileOptions& options, SeedSink& sink) : tokens_(SeedFormat::pskc, sink, options) {}

  /// The file's next key; its lines are off by `lines`.
  void take(PskcKey&& key, std::int64_t lines) {
    if (key.fault) {
      if (key.fault_line != 0) key.fault->cause = fmt::format("see line {}", key.fault_line + lines);
      key.fault->line += lines;
      only_named_ += key.only_named ? 1 : 0;
      return tokens_.refuse(std::move(*key.fault));
    }
    key.token.line += lines;
    tokens_.add(std::move(key.token));
    for (auto& problem : key.warnings) {
      problem.line += lines;
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

/// What a thread has read.
struct Portion {
  std::uint64_t begin = 0, end = 0;
  std::vector<PskcKey> keys;
  std::vector<std::string> notes;
  std::int64_t lines = 0;
  bool sound = false;
};

/// Reads the file in portions on several threads, as far as they are sound: all is if it returns the file's notes.
std::optional<std::vector<std::string>> read_in_portions(const RandomAccess& bytes, const PskcHead& head,
                                                         const SeedFileOptions& options, const ReadingPlan& plan, Keys& keys) {
  const std::uint64_t begin = head.text.size(), size = bytes.size();
  if (size <= begin) return std::nullopt;
  const std::size_t count = (size - begin - 1) / plan.portion_bytes + 1;
  const auto begin_of = [&](std::size_t k) -> std::optional<std::uint64_t> {
    if (k == 0) return begin;
    return k == count ? size : end_of_package(bytes, begin + k * plan.portion_bytes);
  };
  SeedFileOptions unprotected = options;
  unprotected.key = unprotected.passphrase = nullptr;  // what needs them is not for many threads

  const auto produce = [&](std::size_t k, Portion& portion) {
    portion.keys.clear();
    portion.notes.clear();
    portion.lines = 0;
    portion.sound = false;
    const auto from = begin_of(k), to = begin_of(k + 1);
    if (!from || !to) return;
    portion.begin = *from;
    portion.end = *to;
    portion.sound = *from == *to;
    if (portion.sound) return;
    PskcPortion source(head, bytes, *from, *to);
    auto read = read_pskc_keys(source, unprotected, [&](PskcKey&& key) { portion.keys.push_back(std::move(key)); });
    portion.sound = read && !read->protects;
    if (!portion.sound) return;
    portion.lines = read->last_line - head.line;
    portion.notes = std::move(read->notes);
  };

  std::uint64_t at = begin;
  std::int64_t lines = 0;
  std::vector<std::string> notes;
  const auto consume = [&](std::size_t, Portion& portion) {
    if (!portion.sound || portion.begin != at) return false;
    for (auto& key : portion.keys) keys.take(std::move(key), lines);
    at = portion.end;
    lines += portion.lines;
    for (auto& note : portion.notes) {
      if (std::ranges::find(notes, note) == notes.end()) notes.push_back(std::move(note));
    }
    return true;
  };

  const auto helpers = static_cast<unsigned>(std::min<std::size_t>(plan.most_threads(), count)) - 1;
  std::vector<Portion> portions(2 * (helpers + std::size_t{1}));
  in_order(std::span(portions), count, helpers, produce, consume);
  if (at != size) return std::nullopt;
  return notes;
}

}  // namespace

Result<SeedFileSummary> read_pskc(ByteSource& source, const SeedFileOptions& options, SeedSink& sink, const ReadingPlan& plan) {
  Keys keys(options, sink);
  const RandomAccess* const bytes = source.random_access();
  if (bytes != nullptr && plan.most_threads() > 1 && bytes->size() > plan.alone_up_to) {
    if (const auto head = head_of_pskc(*bytes)) {
      if (auto notes = read_in_portions(*bytes, *head, options, plan, keys)) return keys.finish(std::move(*notes));
    }
  }
  // From the beginning: what is wrong is found again, and said, at its place.
  std::int64_t known = keys.count();
  auto read = read_pskc_keys(source, options, [&](PskcKey&& key) {
    if (known > 0) {
      --known;
    } else {
      keys.take(std::move(key), 0);
    }
  });
  if (!read) return pass(read);
  return keys.finish(std::move(read->notes));
}

}  // namespace portalkey
