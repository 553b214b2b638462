#pragma once
// Where a page ends, as text for whoever asks for the next one: opaque, and good for the same query only.

#include <optional>
#include <string>
#include <string_view>

#include "service/mirror/mirror.h"

namespace portalkey {

/// Of the last token of a page, what the order is by.
struct PageEnd {
  std::string group, ul, sl, oath_id;
};

/// `key`: 32 bytes. What is not in it: `most`.
std::string page_mark(std::string_view key, const std::string& tenant, const MirrorQuery& query, const PageEnd& end);
/// nullopt: it was changed, or made for another query or with another key.
std::optional<PageEnd> read_page_mark(std::string_view key, const std::string& tenant, const MirrorQuery& query);

}  // namespace portalkey
