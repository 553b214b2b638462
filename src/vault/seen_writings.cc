#include "vault/seen_writings.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "base/files.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr std::size_t kLimit = 1 << 20;
constexpr std::size_t kMostEarlier = 100;

struct Seen {
  std::string id;  ///< hex; empty: nothing was seen
  std::uint64_t number = 0;
  std::vector<std::string> earlier;  ///< ids
};

std::string hex(const Writing& writing) {
  if (writing.id == decltype(writing.id){}) return {};
  std::string out;
  for (const auto byte : writing.id) out += fmt::format("{:02x}", byte);
  return out;
}

std::string name_of(const std::filesystem::path& vault) {
  std::error_code ignored;
  return std::filesystem::absolute(vault, ignored).lexically_normal().string();
}

/// What cannot be read counts as nothing: a damaged record must not stand in a session's way.
json::object read_all(const std::filesystem::path& file) {
  const auto bytes = read_file(file, kLimit, FileUse::trusted);
  if (!bytes) return {};
  return bytes->reveal([](std::string_view text) {
    boost::system::error_code problem;
    auto parsed = json::parse(text, problem);
    return !problem && parsed.is_object() ? std::move(parsed.get_object()) : json::object();
  });
}

Seen seen_of(const json::object& all, const std::string& vault) {
  Seen seen;
  try {
    if (const auto* entry = all.if_contains(vault)) {
      seen.number = entry->at("number").to_number<std::uint64_t>();
      for (const auto& id : entry->at("earlier").as_array()) seen.earlier.emplace_back(id.as_string());
      seen.id = entry->at("id").as_string();
    }
  } catch (const std::exception&) {
    return {};
  }
  return seen;
}

/// What is wrong with the writing `id`, `number`; empty: nothing.
std::optional<std::string> judge(const Seen& seen, const std::string& id, std::uint64_t number) {
  if (id == seen.id) {
    if (number >= seen.number) return std::nullopt;
    return fmt::format("the vault file is an older copy: it is writing {} of this file, and writing {} was seen here before",
                       number, seen.number);
  }
  if (std::ranges::find(seen.earlier, id) != seen.earlier.end())
    return "the vault file is an older copy: it is a file whose place another one had taken";
  if (id.empty()) return "the vault file is an older copy: it has a layout that was given up here before";
  return std::nullopt;
}

}  // namespace

bool SeenWritings::is_newest(const std::filesystem::path& vault, const Writing& writing) const {
  const Seen seen = seen_of(read_all(file_), name_of(vault));
  return seen.id == hex(writing) && seen.number == writing.number;
}

Result<std::optional<std::string>> SeenWritings::note(const std::filesystem::path& vault, const Writing& writing) {
  auto all = read_all(file_);
  const std::string name = name_of(vault), id = hex(writing);
  Seen seen = seen_of(all, name);
  auto wrong = judge(seen, id, writing.number);
  if (id != seen.id) {
    if (!seen.id.empty()) seen.earlier.push_back(seen.id);
    std::erase(seen.earlier, id);
    if (seen.earlier.size() > kMostEarlier) seen.earlier.erase(seen.earlier.begin());
  }
  json::array earlier;
  for (const auto& one : seen.earlier) earlier.emplace_back(one);
  all[name] = json::object{{"id", id}, {"number", writing.number}, {"earlier", std::move(earlier)}};
  if (auto made = make_private_folder(file_.parent_path()); !made) return pass(made);
  if (auto written = write_file_atomically(file_, json::serialize(all)); !written) return pass(written);
  return wrong;
}

}  // namespace portalkey
