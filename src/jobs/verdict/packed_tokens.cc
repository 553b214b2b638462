#include "jobs/verdict/packed_tokens.h"

#include <algorithm>
#include <string>
#include <utility>

namespace portalkey {
namespace {

constexpr std::size_t kBlock = 1 << 20;

/// Seven bits a byte, the lowest first; the eighth says that more follow.
void put_number(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

std::uint64_t number_at(const char*& at) {
  std::uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return value;
  }
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

}  // namespace

std::string_view PackedTokens::text_at(const char*& at) {
  const auto size = static_cast<std::size_t>(number_at(at));
  const std::string_view text(at, size);
  at += size;
  return text;
}

void PackedTokens::put(const TenantToken& token) {
  std::string bytes;
  bytes.reserve(200);
  for (const auto* text :
       {&token.serial, &token.oath_id, &token.user_id, &token.upn, &token.display_name, &token.manufacturer, &token.model})
    put_text(bytes, *text);
  put_number(bytes, (token.active ? 1U : 0U) | (token.step ? 2U : 0U));
  if (token.step) put_number(bytes, static_cast<std::uint32_t>(*token.step));
  const auto known = by_serial_.find(std::string_view(token.serial));
  if (known != by_serial_.end()) {
    const char* end = known->at;
    [[maybe_unused]] const auto before = unpacked(end);
    if (static_cast<std::size_t>(end - known->at) == bytes.size()) {
      std::ranges::copy(bytes, known->at);
      return;
    }
    by_serial_.erase(known);  // its room is lost, which is seldom
  }
  char* at = room(bytes.size());
  std::ranges::copy(bytes, at);
  by_serial_.insert(Packed{at});
}

std::shared_ptr<const TenantToken> PackedTokens::find(std::string_view serial) const {
  const auto found = by_serial_.find(serial);
  if (found == by_serial_.end()) return nullptr;
  const char* at = found->at;
  return std::make_shared<const TenantToken>(unpacked(at));
}

/// Leaves `at` behind it.
TenantToken PackedTokens::unpacked(const char*& at) {
  TenantToken token;
  for (auto* text :
       {&token.serial, &token.oath_id, &token.user_id, &token.upn, &token.display_name, &token.manufacturer, &token.model})
    *text = text_at(at);
  const auto flags = number_at(at);
  token.active = (flags & 1) != 0;
  if ((flags & 2) != 0) token.step = static_cast<int>(static_cast<std::uint32_t>(number_at(at)));
  return token;
}

char* PackedTokens::room(std::size_t bytes) {
  if (bytes > left_) {
    const std::size_t size = std::max(bytes, kBlock);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    end_ = blocks_.back().get();
    left_ = size;
  }
  left_ -= bytes;
  return std::exchange(end_, end_ + bytes);
}

}  // namespace portalkey
