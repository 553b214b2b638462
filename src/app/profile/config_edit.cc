#include "app/profile/config_edit.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>

#include "app/profile/toml_nesting.h"
#include "base/ascii.h"
#include "base/files.h"

namespace portalkey {
namespace {

bool is_bare_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

/// A TOML basic string.
std::string toml_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string header(const ProfileText& profile, std::string_view below) {
  return fmt::format("[profile.{}{}]", is_bare_key(profile.name) ? profile.name : toml_quoted(profile.name), below);
}

std::string line(const std::pair<std::string, std::string>& setting) {
  return setting.first + " = " + toml_quoted(setting.second);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string by_hand(const ProfileText& profile) {
  std::string out = header(profile, "") + "\n";
  for (const auto& setting : profile.settings) out += line(setting) + "\n";
  out += header(profile, ".credential") + "\n";
  for (const auto& setting : profile.credential) out += line(setting) + "\n";
  out += header(profile, ".vault") + "\n";
  for (const auto& setting : profile.vault) out += line(setting) + "\n";
  return out;
}

using Keys = std::vector<std::string_view>;
// Settings of other types, which a profile of this type may not have (profile.cc).
const Keys kUnfitCredential = {"client_secret_file", "client_certificate_file", "client_certificate_password_file",
                               "federated_token_file"};
const Keys kUnfitVault = {"path", "passphrase_file"};

bool has_key(const TextSettings& settings, std::string_view key) {
  return std::ranges::any_of(settings, [&](const auto& setting) { return setting.first == key; });
}

bool holds(const toml::table& table, const TextSettings& settings) {
  return std::ranges::all_of(
      settings, [&](const auto& setting) { return table[setting.first].template value<std::string>() == setting.second; });
}

Result<toml::table> parsed(const std::string& text) {
  if (const auto line = nests_too_deeply_at(text)) {
    return std::unexpected(Error{Errc::invalid_input,
                                 "the file nests tables or lists deeper than a config file may",
                                 "Correct the line and run the command again.",
                                 {{"line", std::to_string(*line)}}});
  }
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("the file is not TOML: {}", error.description()),
                                 "Correct the line and run the command again.",
                                 {{"line", std::to_string(error.source().begin.line)}}});
  }
}

const toml::table* table_at(const toml::table& root, std::initializer_list<std::string_view> path) {
  const toml::table* at = &root;
  for (const auto key : path) {
    at = at->get_as<toml::table>(key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

/// An edit of the lines first to last (counted from 0); an insertion has last = first - 1.
struct Edit {
  std::size_t first, count;
  std::vector<std::string> lines;
};

class Editor {
 public:
  Editor(const std::string& text, const toml::table& root) : lines_(lines_of(text)), root_(root) {}

  /// Sets keys of a table, removes those of `unfit` that are not set, and leaves the rest.
  bool set(const ProfileText& profile, std::string_view below, const TextSettings& settings, const Keys& unfit = {}) {
    const auto* mine = below.empty() ? table_at(root_, {"profile", profile.name})
                                     : table_at(root_, {"profile", profile.name, below.substr(1)});
    const auto at = mine == nullptr ? std::nullopt : header_line(*mine);
    if (mine != nullptr && mine->is_inline()) return false;
    if (!at) {
      if (mine != nullptr && std::ranges::any_of(*mine, [](const auto& pair) { return !pair.second.is_table(); })) return false;
      if (!below.empty() && mine != nullptr) return false;
      std::vector<std::string> added;
      if (!lines_.empty() || !appended_.empty()) added.emplace_back();
      added.push_back(header(profile, below));
      for (const auto& setting : settings) added.push_back(line(setting));
      appended_.insert(appended_.end(), added.begin(), added.end());
      return true;
    }
    std::vector<std::string> missing;
    for (const auto& setting : settings) {
      const auto* node = mine->get(setting.first);
      if (node == nullptr) {
        missing.push_back(line(setting));
      } else if (node->value<std::string>() != setting.second) {
        if (!replace(*node, {line(setting)})) return false;
      }
    }
    for (const auto& key : unfit) {
      const auto* node = mine->get(key);
      if (node != nullptr && !has_key(settings, key) && !replace(*node, {})) return false;
    }
    if (!missing.empty()) edits_.push_back({*at + 1, 0, std::move(missing)});
    return true;
  }

  std::string text() {
    std::ranges::stable_sort(edits_, std::ranges::greater(), &Edit::first);
    for (const auto& edit : edits_) {
      const auto from = lines_.begin() + static_cast<std::ptrdiff_t>(edit.first);
      const auto at = lines_.erase(from, from + static_cast<std::ptrdiff_t>(edit.count));
      lines_.insert(at, edit.lines.begin(), edit.lines.end());
    }
    lines_.insert(lines_.end(), appended_.begin(), appended_.end());
    std::string out;
    for (const auto& one : lines_) out += one + "\n";
    return out;
  }

 private:
  /// The line of `[…]`; nothing for a table that only its children imply or that dotted keys make.
  std::optional<std::size_t> header_line(const toml::table& table) const {
    const auto number = table.source().begin.line;
    if (number == 0 || number > lines_.size()) return std::nullopt;
    const auto text = trimmed(lines_[number - 1]);
    if (!text.starts_with('[') || text.starts_with("[[")) return std::nullopt;
    // An implied table has the place of the header that implies it, which then has more parts than the table's own path.
    for (const auto& [key, node] : table) {
      if (const auto* child = node.as_table(); child != nullptr && !child->is_inline() && child->source().begin.line == number)
        return std::nullopt;
    }
    return number - 1;
  }

  bool replace(const toml::node& node, std::vector<std::string> with) {
    const auto source = node.source();
    if (node.is_table() || source.begin.line == 0 || source.begin.line != source.end.line) return false;
    edits_.push_back({source.begin.line - 1, 1, std::move(with)});
    return true;
  }

  std::vector<std::string> lines_, appended_;
  const toml::table& root_;
  std::vector<Edit> edits_;
};

/// Whether the edit did what it should and nothing else.
bool faithful(toml::table before, toml::table after, const ProfileText& profile) {
  const auto* mine = table_at(after, {"profile", profile.name});
  const auto* credential = table_at(after, {"profile", profile.name, "credential"});
  const auto* vault = table_at(after, {"profile", profile.name, "vault"});
  if (mine == nullptr || credential == nullptr || vault == nullptr || !holds(*mine, profile.settings) ||
      !holds(*credential, profile.credential) || !holds(*vault, profile.vault)) {
    return false;
  }
  const auto without = [](toml::table& own, std::string_view below, const TextSettings& settings, const Keys& unfit) {
    auto* table = own.get_as<toml::table>(below);
    if (table == nullptr) table = own.insert(below, toml::table{}).first->second.as_table();
    for (const auto& setting : settings) table->erase(setting.first);
    for (const auto& key : unfit) table->erase(key);
  };
  for (toml::table* root : {&before, &after}) {
    auto* profiles = root->get_as<toml::table>("profile");
    if (profiles == nullptr) profiles = root->insert("profile", toml::table{}).first->second.as_table();
    auto* own = profiles->get_as<toml::table>(profile.name);
    if (own == nullptr) own = profiles->insert(profile.name, toml::table{}).first->second.as_table();
    without(*own, "credential", profile.credential, kUnfitCredential);
    without(*own, "vault", profile.vault, kUnfitVault);
    for (const auto& setting : profile.settings) own->erase(setting.first);
  }
  return before == after;
}

}  // namespace

Result<std::string> with_profile(const std::string& text, const ProfileText& profile) {
  auto before = parsed(text);
  if (!before) return pass(before);
  Editor editor(text, *before);
  bool possible = editor.set(profile, "", profile.settings) &&
                  editor.set(profile, ".credential", profile.credential, kUnfitCredential) &&
                  editor.set(profile, ".vault", profile.vault, kUnfitVault);
  std::string out = possible ? editor.text() : std::string();
  if (possible) {
    auto after = parsed(out);
    possible = after && faithful(*before, std::move(*after), profile);
  }
  if (!possible) {
    return fail(Errc::invalid_input,
                fmt::format("the profile {} is written in a form that cannot be changed without touching the rest of the file",
                            profile.name),
                "Write these lines in its place:\n" + by_hand(profile));
  }
  return out == text + "\n" ? text : out;
}

Result<std::string> read_config(const std::filesystem::path& file) {
  auto text = read_file(file, 1 << 20, FileUse::trusted);
  if (text) return text->reveal([](std::string_view bytes) { return std::string(bytes); });
  if (text.error().code == Errc::not_found) return std::string();
  return pass(text);
}

Result<void> write_config(const std::filesystem::path& file, const std::string& before, const std::string& after) {
  std::error_code none;
  const auto found = file_exists(file);
  if (!found) return std::unexpected(found.error());
  const bool there = *found;
  const auto mode = there ? std::filesystem::status(file, none).permissions() : std::filesystem::perms::unknown;
  if (there) {
    auto backup = file;
    backup += ".bak";
    if (auto kept = write_file_atomically(backup, before); !kept) return kept;
  } else if (auto made = make_private_folder(std::filesystem::absolute(file).parent_path()); !made) {
    return made;
  }
  if (auto written = write_file_atomically(file, after); !written) return written;
  if (there) std::filesystem::permissions(file, mode, none);
  return {};
}

}  // namespace portalkey
