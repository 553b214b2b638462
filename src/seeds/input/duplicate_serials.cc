#include "seeds/input/duplicate_serials.h"

#include <array>

#include "seeds/input/key_fields.h"

namespace portalkey {
namespace {

std::string_view bytes_of(const auto& value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

}  // namespace

/// The texts do not run into each other: each has its size before it.
std::uint32_t DuplicateSerials::hash_of(const Contents& contents, std::uint64_t key) {
  text_.clear();
  text_ += bytes_of(contents.user);
  text_ += bytes_of(key);
  for (const auto text : {contents.parameters, contents.manufacturer, contents.model}) {
    const auto size = text.size();
    text_ += bytes_of(size);
    text_ += text;
  }
  return static_cast<std::uint32_t>(hash_(text_) & 0xFF'FFFF);
}

DuplicateSerials::Answer DuplicateSerials::add(std::string_view serial, const Contents& contents, std::int64_t line) {
  const std::uint64_t key = hash_(contents.secret);
  const Seen row{.line = static_cast<std::uint32_t>(line) & 0x7FFF'FFFF,
                 .contradicted = false,
                 .contents = hash_of(contents, key) & 0xFF'FFFF,
                 .key = static_cast<std::uint16_t>(key)};
  const auto [known, is_new] = exact_.add(hash_(serial), row);
  if (is_new) return {Verdict::first, line, alike_line(serial, row)};
  if (known->contradicted) return {Verdict::contradicted, known->line};
  if (known->contents == row.contents && known->key == row.key) return {Verdict::repeat, known->line};
  known->contradicted = true;
  return {Verdict::contradiction, known->line};
}

DuplicateSerials::Answer DuplicateSerials::add(const TokenSeed& token, std::uint64_t user) {
  const std::array parameters{token.step.value_or(0), token.digits.value_or(0), token.hash ? static_cast<int>(*token.hash) : -1,
                              static_cast<int>(token.type)};
  return token.base32.reveal([&](std::string_view key) {
    return add(token.serial, {user, key, bytes_of(parameters), token.manufacturer, token.model}, token.place());
  });
}

std::int64_t DuplicateSerials::alike_line(std::string_view serial, const Seen& row) {
  const bool is_plain = is_alike_form(serial);
  if (is_plain && alike_.empty()) return 0;
  const std::uint64_t hash = hash_(is_plain ? serial : alike_serial(serial));
  Seen* known = alike_.find(hash);
  if (known == nullptr && is_plain) return 0;
  if (known == nullptr) {
    const Seen* const plain = exact_.find(hash);
    Seen first = plain != nullptr ? *plain : row;
    first.contradicted = false;
    known = alike_.add(hash, first).data;
  }
  if (known->key == row.key && !known->contradicted) return 0;
  known->contradicted = true;
  return known->line;
}

}  // namespace portalkey
