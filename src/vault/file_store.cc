#include "vault/file_store.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <set>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/log.h"
#include "base/secret_json.h"
#include "base/time_text.h"
#include "vault/sealed_file.h"
#include "vault/seen_writings.h"

namespace portalkey {
namespace {

namespace json = boost::json;

std::string fresh_version_id() {
  unsigned char bytes[16];
  randombytes_buf(bytes, sizeof bytes);
  char hex[33];
  sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
  return hex;
}

class FileStore final : public SecretStore {
 public:
  FileStore(std::filesystem::path path, PassphraseSource passphrase, Clock& clock, std::size_t keep,
            std::optional<OldCopyWatch> watch)
      : path_(std::move(path)),
        passphrase_source_(std::move(passphrase)),
        clock_(clock),
        keep_(keep),
        watch_(std::move(watch)) {}

  Result<StoredSecret> get(const std::string& name, const Deadline& deadline) override {
    auto opened = open_unlocked(deadline);
    if (!opened) return pass(opened);
    const auto* versions = opened->contents.if_contains(name);
    if (versions == nullptr || !versions->is_array() || versions->get_array().empty()) {
      return std::unexpected(none(name));
    }
    return read_version(versions->get_array().back());
  }

  Result<SecretVersion> put(const std::string& name, const Secret& value, const SecretAttributes& attributes,
                            const Deadline& deadline) override {
    if (auto made = make_private_folder(path_.parent_path()); !made) return pass(made);
    auto lock = alone(deadline);
    if (!lock) return pass(lock);
    remove_interrupted_writes(path_);
    auto opened = open_locked();
    if (!opened && opened.error().code == Errc::not_found) {
      auto passphrase = known_passphrase();
      if (!passphrase) return pass(passphrase);
      auto key = SealKey::from_passphrase(**passphrase);
      if (!key) return pass(key);
      opened = Opened{json::object(), std::move(*key), {}};
    }
    if (!opened) return pass(opened);

    SecretVersion version{
        fresh_version_id(), from_unix_seconds(unix_seconds(clock_.now())), attributes.expires, attributes.tags, true, {}};
    json::object entry{{"version", version.id}, {"created", unix_seconds(version.created)}};
    if (version.expires) entry["expires"] = unix_seconds(*version.expires);
    json::object tags;
    for (const auto& [key, text] : version.tags) tags[key] = text;
    entry["tags"] = std::move(tags);
    value.reveal([&](std::string_view text) { entry["value"] = text; });

    auto& versions = opened->contents[name];
    if (!versions.is_array()) versions = json::array();
    auto& list = versions.get_array();
    list.push_back(std::move(entry));
    while (list.size() > keep_) {
      if (const auto* id = list.front().as_object().if_contains("version"); id != nullptr && id->is_string())
        dropped_.insert(std::string(id->get_string()));
      list.erase(list.begin());
    }

    if (auto written = write(std::move(*opened)); !written) return pass(written);
    return version;
  }

  Result<std::vector<SecretVersion>> versions(const std::string& name, const Deadline& deadline) override {
    auto opened = open_unlocked(deadline);
    if (!opened) return pass(opened);
    const auto* list = opened->contents.if_contains(name);
    if (list == nullptr || !list->is_array() || list->get_array().empty()) return std::unexpected(none(name));
    std::vector<SecretVersion> all;
    for (const auto& entry : list->get_array()) {
      auto read = read_version(entry);
      if (!read) return pass(read);
      all.push_back(std::move(read->version));
    }
    std::ranges::reverse(all);
    return all;
  }

  Result<void> disable(const std::string& name, const std::string& version, const Deadline& deadline) override {
    if (dropped_.contains(version)) return {};  // by an earlier put; opening the file takes its time
    auto lock = alone(deadline);
    if (!lock) return pass(lock);
    auto opened = open_locked();
    if (!opened) return pass(opened);
    auto* list = opened->contents.if_contains(name);
    if (list == nullptr || !list->is_array()) return {};
    auto& entries = list->get_array();
    const auto found = std::ranges::find_if(entries, [&](const json::value& entry) {
      const auto* id = entry.is_object() ? entry.get_object().if_contains("version") : nullptr;
      return id != nullptr && id->is_string() && std::string_view(id->get_string()) == version;
    });
    if (found == entries.end()) return {};
    entries.erase(found);
    return write(std::move(*opened));
  }

  std::string place() const override { return path_.string(); }

 private:
  struct Opened {
    json::object contents;  // secret name -> versions, oldest first
    SealKey key;
    Writing writing;
  };

  Result<FileLock> alone(const Deadline& deadline) {
    return FileLock::take(path_.string() + ".lock", std::chrono::seconds(30), clock_, deadline.stop);
  }

  Error none(const std::string& name) const {
    return {Errc::not_found,
            fmt::format("the vault file holds no secret named {}", name),
            "Sign the service account in: [[sign-in]]",
            {{"file", path_.string()}}};
  }

  Result<const Secret*> known_passphrase() {
    if (passphrase_.empty()) {
      auto asked = passphrase_source_();
      if (!asked) return pass(asked);
      passphrase_ = std::move(*asked);
    }
    return &passphrase_;
  }

  /// Reads the file anew each time: another process may have written it.
  Result<Opened> read() {
    const auto there = file_exists(path_);
    if (!there) return std::unexpected(there.error());
    if (!*there) {
      return std::unexpected(Error{Errc::not_found,
                                   "there is no vault file yet",
                                   "Sign the service account in: [[sign-in]]",
                                   {{"file", path_.string()}}});
    }
    auto passphrase = known_passphrase();
    if (!passphrase) return pass(passphrase);
    auto unsealed = SealedFile::read_with_passphrase(path_, kVaultFile, **passphrase);
    if (!unsealed) {
      if (unsealed.error().code == Errc::unauthenticated) passphrase_ = Secret();
      return pass(unsealed);
    }
    json::value parsed;
    boost::system::error_code problem;
    unsealed->contents.reveal([&](std::string_view text) { parsed = parse_secret_json(text, problem); });
    if (problem || !parsed.is_object()) {
      return std::unexpected(Error{Errc::corrupt,
                                   "the vault file's contents are not what portalkey writes",
                                   kVaultFile.damaged,
                                   {{"file", path_.string()}}});
    }
    return Opened{std::move(parsed.get_object()), std::move(unsealed->key), unsealed->writing};
  }

  Result<Opened> open_locked() {
    auto opened = read();
    if (opened) note(opened->writing);
    return opened;
  }

  Result<Opened> open_unlocked(const Deadline& deadline) {
    auto opened = read();
    if (!opened || !watch_ || SeenWritings(watch_->record).is_newest(path_, opened->writing)) return opened;
    auto lock = alone(deadline);  // between reading the file and the record another process may have written both
    if (lock) return open_locked();
    log(LogLevel::info, fmt::format("whether the vault file is an older copy was not looked at ({})", lock.error().what));
    return opened;
  }

  Result<void> write(Opened opened) {
    if (opened.key.outdated()) {
      auto passphrase = known_passphrase();
      if (!passphrase) return pass(passphrase);
      auto key = SealKey::from_passphrase(**passphrase);
      if (!key) return pass(key);
      opened.key = std::move(*key);
    }
    auto written = SealedFile::write(path_, kVaultFile, serialize_secret_json(opened.contents), opened.key, opened.writing);
    if (!written) return pass(written);
    note(*written);
    return {};
  }

  /// Under the lock.
  void note(const Writing& writing) {
    if (!watch_) return;
    SeenWritings seen(watch_->record);
    if (seen.is_newest(path_, writing)) return;
    auto wrong = seen.note(path_, writing);
    if (!wrong) {
      log(LogLevel::info, fmt::format("which writing of the vault file this is could not be noted ({})", wrong.error().what));
    } else if (*wrong) {
      watch_->tell({Errc::corrupt,
                    std::move(**wrong),
                    "If nobody put back a backup, find out who can write to its folder. It is used all the same: where its "
                    "refresh token has ended, run [[sign-in]].",
                    {{"file", path_.string()}}});
    }
  }

  Result<StoredSecret> read_version(const json::value& entry) const {
    try {
      StoredSecret out;
      out.value = Secret(entry.at("value").as_string());
      out.version.id = std::string(entry.at("version").as_string());
      out.version.created = from_unix_seconds(entry.at("created").as_int64());
      if (const auto* expires = entry.as_object().if_contains("expires"))
        out.version.expires = from_unix_seconds(expires->as_int64());
      for (const auto& tag : entry.at("tags").as_object()) out.version.tags[tag.key()] = std::string(tag.value().as_string());
      return out;
    } catch (const std::exception&) {  // sealed and authenticated, so only a newer version can have written something else
      return std::unexpected(Error{Errc::corrupt,
                                   "the vault file was written by a newer version of portalkey",
                                   "Use that version.",
                                   {{"file", path_.string()}}});
    }
  }

  std::filesystem::path path_;
  PassphraseSource passphrase_source_;
  Clock& clock_;
  std::size_t keep_;
  std::optional<OldCopyWatch> watch_;
  Secret passphrase_;
  std::set<std::string> dropped_;
};

}  // namespace

std::unique_ptr<SecretStore> make_file_store(std::filesystem::path path, PassphraseSource passphrase, Clock& clock,
                                             std::size_t keep, std::optional<OldCopyWatch> watch) {
  return std::make_unique<FileStore>(std::move(path), std::move(passphrase), clock, keep, std::move(watch));
}

}  // namespace portalkey
