#include "service/mirror/page_mark.h"

#include <sodium.h>

#include "base/base64.h"

namespace portalkey {
namespace {

constexpr std::size_t kTag = 16;
constexpr std::size_t kLongestMark = 16384;

void put_text(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(size >> shift & 0xff);
  out += text;
}

std::optional<std::string> take_text(std::string_view& rest) {
  if (rest.size() < 4) return std::nullopt;
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size |= std::uint32_t{static_cast<unsigned char>(rest[i])} << (8 * i);
  rest.remove_prefix(4);
  if (rest.size() < size) return std::nullopt;
  std::string out(rest.substr(0, size));
  rest.remove_prefix(size);
  return out;
}

std::string tag_of(std::string_view key, const std::string& tenant, const MirrorQuery& query, std::string_view end) {
  std::string text;
  for (const auto& part : {tenant, query.search, query.upn, query.serial, query.manufacturer, query.model})
    put_text(text, part);
  text += static_cast<char>(query.state ? static_cast<int>(*query.state) : 9);
  text += static_cast<char>(query.order.column);
  text += static_cast<char>(query.order.descending);
  text += end;
  std::string tag(kTag, '\0');
  const auto bytes = [](auto* at) { return reinterpret_cast<const unsigned char*>(at); };
  crypto_generichash(reinterpret_cast<unsigned char*>(tag.data()), tag.size(), bytes(text.data()), text.size(),
                     bytes(key.data()), key.size());
  return tag;
}

}  // namespace

std::string page_mark(std::string_view key, const std::string& tenant, const MirrorQuery& query, const PageEnd& end) {
  std::string text;
  for (const auto& part : {end.group, end.ul, end.sl, end.oath_id}) put_text(text, part);
  return base64url(tag_of(key, tenant, query, text) + text);
}

std::optional<PageEnd> read_page_mark(std::string_view key, const std::string& tenant, const MirrorQuery& query) {
  if (query.after.size() > kLongestMark) return std::nullopt;
  const auto bytes = decode_base64url(query.after);
  if (!bytes || bytes->size() < kTag) return std::nullopt;
  std::string_view rest = std::string_view(*bytes).substr(kTag);
  const auto tag = tag_of(key, tenant, query, rest);
  if (sodium_memcmp(tag.data(), bytes->data(), kTag) != 0) return std::nullopt;
  PageEnd end;
  for (auto* part : {&end.group, &end.ul, &end.sl, &end.oath_id}) {
    auto text = take_text(rest);
    if (!text) return std::nullopt;
    *part = std::move(*text);
  }
  if (!rest.empty()) return std::nullopt;
  return end;
}

}  // namespace portalkey
