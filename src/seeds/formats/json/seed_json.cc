#include "seeds/formats/json/seed_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <functional>
#include <span>
#include <vector>

#include "base/ascii.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/json/json_keys.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/entra_fields.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/said.h"

namespace portalkey {
namespace {

namespace json = boost::json;
using namespace seed_json;

struct MemberPath {
  std::string_view path;  // below the key's object
  Member member;
};

/// Where a format has its keys ("[]" is an element of an array), and what is in them.
struct Layout {
  std::vector<std::string_view> keys;
  std::vector<MemberPath> members;
};

Layout layout_of(SeedFormat format) {
  switch (format) {
    case SeedFormat::andotp_json:
      return {{"/[]"},
              {{"/secret", secret},
               {"/issuer", issuer},
               {"/label", label},
               {"/digits", digits},
               {"/type", type},
               {"/algorithm", hash},
               {"/period", interval},
               {"/counter", counter}}};
    case SeedFormat::aegis_json:
      return {{"/db/entries/[]"},
              {{"/info/secret", secret},
               {"/issuer", issuer},
               {"/name", label},
               {"/info/digits", digits},
               {"/type", type},
               {"/info/algo", hash},
               {"/info/period", interval},
               {"/info/counter", counter}}};
    case SeedFormat::portalkey_json:
      return {{"/tokens/[]"},
              {{"/serial", serial},
               {"/secretBase32", secret},
               {"/type", type},
               {"/hash", hash},
               {"/digits", digits},
               {"/step", interval},
               {"/upn", upn},
               {"/manufacturer", manufacturer},
               {"/model", model},
               {"/counter", counter},
               {"/issuer", issuer},
               {"/label", label},
               {"/keyId", key_id},
               {"/friendlyName", friendly_name},
               {"/issueNo", issue_no},
               {"/assignTo", assign_to},
               {"/userId", user_id},
               {"/suite", suite},
               {"/algorithm", algorithm},
               {"/notBefore", not_before},
               {"/notAfter", not_after},
               {"/drift", drift},
               {"/time", device_time},
               {"/made", made}}};
    default:
      return {{"", "/[]", "/value/[]", "/requests/[]/body", "/requests/[]/body/value/[]"},
              {{"/serialNumber", serial},
               {"/secretKey", secret},
               {"/timeIntervalInSeconds", interval},
               {"/hashFunction", hash},
               {"/manufacturer", manufacturer},
               {"/model", model},
               {"/assignTo/id", assign_to},
               {"/displayName", friendly_name},
               {"/login/totp", secret}}};  // of a password manager, which has a key or a URI there
  }
}

/// What the parser calls. Knows where in the document it is, and collects the members of the key there.
class Handler {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = 64 * 1024;
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);  // icons of apps; what is kept is bounded here

  Handler(SeedFormat format, JsonKeys& keys)
      : layout_(layout_of(format)),
        any_layout_(format == SeedFormat::graph_json),
        keys_(keys),
        encrypted_db_(format == SeedFormat::aegis_json) {}
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  ~Handler() { wipe(other_.text); }

  // Where the piece of text being parsed begins, for lines and columns.
  std::int64_t line = 1;
  std::string_view piece;
  std::int64_t piece_column = 1;
  bool encrypted = false;  // Aegis: db is a text
  SaidOfToken behind;      // by members of the root that come after the list of keys

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    enter();
    if (is_record()) {
      if (record_depth_ != 0 && record_path_ == 0) of_file_ = said_by_root();
      record_.clear();
      record_.said = of_file_;
      record_depth_ = ends_.size();
      record_path_ = path_.size();
      record_.line = line;
    }
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    if (record_depth_ == ends_.size() && record_depth_ != 0) {
      record_depth_ = 0;
      if (is_key()) keys_.take(record_);
    }
    leave();
    return true;
  }
  bool on_array_begin(json::error_code&) {
    enter();
    const std::string list = path_ + "/[]";
    if (is_listed(list)) keys_.empty_list = true;
    path_ = list;
    return true;
  }
  bool on_array_end(std::size_t, json::error_code&) {
    leave();
    return true;
  }
  bool on_key_part(json::string_view text, std::size_t, json::error_code&) {
    if (key_.size() + text.size() <= kMostKeyBytes)
      key_ += std::string_view(text);
    else
      key_.assign(kMostKeyBytes, '?');
    return true;
  }
  bool on_key(json::string_view text, std::size_t size, json::error_code& problem) {
    on_key_part(text, size, problem);
    std::ranges::replace(key_, '/', '?');  // no key can look like a path
    path_.resize(ends_.empty() ? 0 : ends_.back());
    path_ += '/';
    path_ += key_;
    key_.clear();
    return true;
  }
  bool on_string_part(json::string_view text, std::size_t, json::error_code&) {
    begin_value();
    append(text);
    return true;
  }
  bool on_string(json::string_view text, std::size_t, json::error_code&) {
    if (encrypted_db_ && path_ == "/db") encrypted = true;
    begin_value();
    if (value_ != nullptr) {
      const std::less_equal<const char*> in_order;
      if (in_order(piece.data(), text.data()) && in_order(text.data() + text.size(), piece.data() + piece.size()) &&
          value_->text.empty()) {
        value_->column = static_cast<int>(std::min<std::int64_t>(piece_column + (text.data() - piece.data()), INT32_MAX));
      }
      append(text);
    }
    return end_value();
  }
  bool on_number_part(json::string_view text, json::error_code&) {
    begin_value();
    append(text);
    return true;
  }
  bool on_int64(std::int64_t, json::string_view text, json::error_code& problem) { return on_number(text, problem); }
  bool on_uint64(std::uint64_t, json::string_view text, json::error_code& problem) { return on_number(text, problem); }
  bool on_double(double, json::string_view text, json::error_code& problem) { return on_number(text, problem); }
  bool on_bool(bool yes, json::error_code&) {
    begin_value();
    if (value_ == &other_) {
      append(yes ? "true" : "false");
    } else if (value_ != nullptr) {
      value_->wrong_kind = true;
    }
    return end_value();
  }
  bool on_null(json::error_code&) { return true; }  // the same as a member that is not there
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  static constexpr std::size_t kMostKeyBytes = 64;
  static constexpr std::size_t kMostValueBytes = 4096;

  bool is_listed(std::string_view path) const { return std::ranges::find(layout_.keys, path) != layout_.keys.end(); }
  /// Other people's lists are elements of an array somewhere, and not of one in a token.
  bool is_record() const {
    return is_listed(path_) || (any_layout_ && path_.ends_with("/[]") && (record_depth_ == 0 || record_path_ == 0));
  }
  /// An object at the root, or of some list, is a key only if it looks like one.
  bool is_key() const {
    const bool looks_like_one = record_.uri.given || record_.values[secret].given || record_.values[serial].given;
    const auto path = std::string_view(path_).substr(0, record_path_);
    return record_path_ == 0 ? record_.any() || record_.uri.given : is_listed(path) || looks_like_one;
  }
  void enter() { ends_.push_back(path_.size()); }
  void leave() {
    path_.resize(ends_.back());
    ends_.pop_back();
    // the next element of the array this one is in, or a key, follows
  }
  bool on_number(json::string_view text, json::error_code& problem) {
    on_number_part(text, problem);
    if (value_ != nullptr) value_->rounded = value_->text.find_first_of(".eE") != std::string::npos;
    return end_value();
  }
  /// What the root says of all keys, before the list of them.
  SaidOfToken said_by_root() const {
    SaidOfToken said = record_.said;
    for (const auto& [member, under] : {std::pair{interval, SaidUnder::interval}, std::pair{hash, SaidUnder::hash},
                                        std::pair{digits, SaidUnder::digits}, std::pair{type, SaidUnder::type}})
      said.look_at(under, value_or_nothing(record_.values[member].text),
                   fmt::format("the file's member {}", field_name(member)));
    return said;
  }
  std::string_view below() const { return std::string_view(path_).substr(std::min(record_path_, path_.size())); }
  /// Which member a value is by the names that columns of delimited text have; kMembers: none.
  Member member_by_name() const {
    const auto name = below();
    if (!any_layout_ || name.find('/', 1) != std::string_view::npos || name.size() < 2) return kMembers;
    const auto column = column_named(name.substr(1));
    if (!column) return name == "/type" ? type : kMembers;
    switch (*column) {
      case Column::upn: return upn;
      case Column::serial: return serial;
      case Column::secret: return secret;
      case Column::interval: return interval;
      case Column::manufacturer: return manufacturer;
      case Column::model: return model;
      case Column::hash: return hash;
      case Column::digits: return digits;
      default: return kMembers;
    }
  }
  /// The text of a member that the layout does not have, at its end.
  void take_other() {
    constexpr std::string_view kScheme = "otpauth://";
    auto& text = other_.text;
    if (record_depth_ == 0) {
      const auto name = std::string_view(path_).substr(path_.rfind('/') + 1);
      if (!other_.too_long) behind.look_at(said_under(name), value_or_nothing(text), fmt::format("the member {}", name));
    } else if (same_ignoring_case(trimmed(text).substr(0, kScheme.size()), kScheme)) {
      record_.uri.twice = record_.uri.given;
      record_.uri.given = true;
      record_.uri.line = line;
      record_.uri.text.reserve(text.size());
      wipe(record_.uri.text);
      record_.uri.text = text;
    } else if (!other_.too_long) {
      constexpr std::size_t kMostUsers = 4;
      const auto name = below().substr(below().rfind('/') + 1);
      if (text.contains('@') && !problem_of_upn(trimmed(text)) && record_.users.size() < kMostUsers)
        record_.users.emplace_back(name, trimmed(text));
      record_.said.look_at(said_under(name), value_or_nothing(text), fmt::format("the member {}", name));
    }
    wipe(text);
    other_.too_long = false;
  }
  /// Finds which member of the key this value is.
  void begin_value() {
    if (in_value_) return;
    in_value_ = true;
    value_ = nullptr;
    if (record_depth_ == 0 && any_layout_ && ends_.size() == 1) value_ = &other_;  // beside the list
    if (record_depth_ == 0) return;
    Member is = member_by_name();
    const bool by_name = is != kMembers;
    for (const auto& [path, member] : layout_.members) {
      if (below() == path) is = member;
    }
    if (is == secret) record_.own_key_name = !by_name || below() == "/secretKey";
    if (is == kMembers && any_layout_) value_ = &other_;
    if (is != kMembers) {
      value_ = &record_.values[is];
      value_->twice = value_->given;
      value_->given = true;
      value_->line = line;
    }
    if (value_ == nullptr) return;
    wipe(value_->text);
    value_->text.reserve(256);  // no growth, so no second copy of the key
  }
  void append(json::string_view text) {
    if (value_ == nullptr) return;
    if (value_->text.size() + text.size() > kMostValueBytes) {
      value_->too_long = true;
    } else {
      value_->text += std::string_view(text);
    }
  }
  bool end_value() {
    // A URI may stand where the key does.
    if (value_ == &record_.values[secret] && any_layout_ && value_->text.find("://") != std::string::npos) {
      other_.text.reserve(value_->text.size());
      other_.text = value_->text;
      value_->given = false;
      take_other();
    } else if (value_ == &other_) {
      take_other();
    }
    in_value_ = false;
    value_ = nullptr;
    return true;
  }

  Layout layout_;
  const bool any_layout_;  // members are told by their names and values
  JsonKey::Value other_;   // a member that the layout does not have
  JsonKeys& keys_;
  bool encrypted_db_;
  std::string path_;
  std::vector<std::size_t> ends_;  // of the path, of every object and array that is open
  std::string key_;
  JsonKey record_;
  SaidOfToken of_file_;
  std::size_t record_depth_ = 0, record_path_ = 0;
  JsonKey::Value* value_ = nullptr;
  bool in_value_ = false;
};

Error broken_json(std::int64_t line, const json::error_code& problem) {
  const bool deep = problem == json::error::too_deep;
  return Error{Errc::invalid_input,
               deep                                 ? fmt::format("the JSON is nested more than {} deep", kJsonMostDepth)
               : problem == json::error::incomplete ? "the JSON ends too early: the file is cut off"
                                                    : fmt::format("the JSON is broken: {}", problem.message()),
               "Check that the export or download was complete, and that nobody has edited the file.",
               {{"line", fmt::format("{}", line)}}};
}

}  // namespace

namespace {

bool has_serials(std::string_view start) {
  const std::string small = lower(start);
  return small.contains("\"serial") || small.contains("\"tokenserial") || small.contains("\"sn\"");
}

}  // namespace

bool is_graph_json(std::string_view start) { return start.contains("\"serialNumber\""); }

bool is_portalkey_json(std::string_view start) { return start.contains("\"secretBase32\""); }

bool is_aegis_json(std::string_view start) { return start.contains("\"db\"") && start.contains("\"header\""); }

bool is_andotp_json(std::string_view start) {
  return start.starts_with('[') && start.contains("\"secret\"") && start.contains("\"type\"") && !has_serials(start);
}

bool is_json_of_any_layout(std::string_view start) { return lower(start).contains("otpauth://") || has_serials(start); }

Result<SeedFileSummary> read_seed_json(ByteSource& source, SeedFormat format, const SeedFileOptions& options, SeedSink& sink) {
  JsonKeys keys(format, options, sink);
  json::parse_options strict;
  strict.max_depth = kJsonMostDepth;
  json::basic_parser<Handler> parser(strict, format, keys);
  auto& handler = parser.handler();
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::vector<char> buffer(64 * 1024);
  struct Wiped {
    std::vector<char>& bytes;
    ~Wiped() { explicit_bzero(bytes.data(), bytes.size()); }
  } const wiped{buffer};

  std::size_t filled = 0;
  bool first = true;
  const auto parse = [&](std::string_view text, bool more) -> Result<void> {
    json::error_code problem;
    handler.piece = text;
    const std::size_t used = parser.write_some(more, text.data(), text.size(), problem);
    if (!problem && used < text.size() && text.find_first_not_of(" \t\r\n", used) != std::string_view::npos)
      problem = json::error::extra_data;
    if (problem) return std::unexpected(broken_json(handler.line, problem));
    return {};
  };
  for (;;) {
    const auto read = source.read(std::span(buffer).subspan(filled));
    if (!read) return std::unexpected(read.error());
    filled += *read;
    if (first && filled < kByteOrderMark.size() && *read != 0) continue;
    std::string_view text(buffer.data(), filled);
    if (first && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    first = false;
    filled = 0;
    // Line by line, so that problems can say where.
    while (!text.empty()) {
      const auto end = text.find('\n');
      const auto piece = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
      if (auto parsed = parse(piece, true); !parsed) return pass(parsed);
      text.remove_prefix(piece.size());
      handler.piece_column = end == std::string_view::npos ? handler.piece_column + static_cast<std::int64_t>(piece.size()) : 1;
      handler.line += end == std::string_view::npos ? 0 : 1;
    }
    if (*read == 0) break;
  }
  if (!parser.done()) {
    if (auto parsed = parse({}, false); !parsed) return pass(parsed);
  }
  if (handler.encrypted) {
    return fail(Errc::invalid_input, "this is an encrypted export of Aegis",
                "Export it again without encryption, straight into a pipe or onto a disk you wipe.");
  }
  // What comes too late to decide a token is an error, unless it is what was assumed.
  const auto& behind = handler.behind;
  const auto other_than = [](const auto& claim, auto assumed) { return claim && claim->value != assumed; };
  if (other_than(behind.type, OtpType::totp) || other_than(behind.hash, Hash::sha1) || other_than(behind.digits, 6)) {
    return fail(Errc::invalid_input, "behind the list of tokens the file says that they are not TOTP with SHA-1 and six digits",
                "Ask the vendor which is right; a member that holds for all tokens stands before their list.");
  }
  return keys.finish();
}

}  // namespace portalkey
