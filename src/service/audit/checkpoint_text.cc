#include "service/audit/checkpoint_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "service/audit/entry_form.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestLine = 1 << 20;  // a log's; what is longer is none

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (;;) {
    const auto end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    if (end == text.size()) return words;
    text.remove_prefix(end + 1);
  }
}

/// What stands as the value of a member, `"name": "value"`; `line` is moved behind it.
std::optional<std::string_view> value_in(std::string_view line, std::string_view name) {
  const auto quoted = fmt::format("\"{}\"", name);
  const auto at = line.find(quoted);
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + quoted.size());
  const auto begin = line.find('"');
  if (begin == std::string_view::npos || line.substr(0, begin).find_first_not_of(": \t\r\n") != std::string_view::npos)
    return std::nullopt;
  const auto end = line.find('"', begin + 1);
  return end == std::string_view::npos ? std::nullopt : std::optional(line.substr(begin + 1, end - begin - 1));
}

void add_of_tags(std::string_view line, std::optional<Checkpoint>& half, std::vector<Checkpoint>& out) {
  if (const auto tag = value_in(line, kCheckpointTag)) {
    const auto words = words_of(*tag);
    half.reset();
    if (words.size() == 4) {
      Checkpoint made;
      made.trail = words[0];
      const auto read = std::from_chars(words[1].data(), words[1].data() + words[1].size(), made.seq);
      made.head = words[2];
      const auto time = parse_audit_time(words[3]);
      made.time = time.value_or(WallTime{});
      if (time && read.ec == std::errc() && made.seq > 0) half = std::move(made);
    }
  }
  const auto tag = value_in(line, kSignatureTag);
  if (!tag || !half) return;
  const auto words = words_of(*tag);
  if (words.size() != 2) return;
  half->key = words[0];
  half->signature = words[1];
  out.push_back(std::move(*half));
  half.reset();
}

void add_of_line(std::string line, std::vector<Checkpoint>& out) {
  std::erase(line, '\\');  // none is in a checkpoint: whatever was put into a string of JSON, however often, is as before
  constexpr std::string_view kBegins = "{\"head\":\"";
  for (auto at = line.find(kBegins); at != std::string::npos; at = line.find(kBegins, at + 1)) {
    const auto end = line.find('}', at);
    if (end == std::string::npos) return;
    if (auto found = checkpoint_of(std::string_view(line).substr(at, end + 1 - at))) out.push_back(std::move(*found));
  }
}

}  // namespace

std::vector<Checkpoint> checkpoints_in(std::string_view text) {
  std::vector<Checkpoint> out;
  std::optional<Checkpoint> half;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    if (line.size() <= kLongestLine) {
      add_of_line(std::string(line), out);
      add_of_tags(line, half, out);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string checkpoint_tag(const Checkpoint& checkpoint) {
  return fmt::format("{} {} {} {}", checkpoint.trail, checkpoint.seq, checkpoint.head, audit_time(checkpoint.time));
}

std::string signature_tag(const Checkpoint& checkpoint) { return fmt::format("{} {}", checkpoint.key, checkpoint.signature); }

}  // namespace portalkey
