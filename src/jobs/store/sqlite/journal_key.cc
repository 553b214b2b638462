#include "jobs/store/sqlite/journal_key.h"

#include "base/file_lock.h"
#include "base/files.h"
#include "jobs/store/sqlite/key_file_kind.h"
#include "vault/sealed_file.h"

namespace portalkey {
namespace {

constexpr std::string_view kBinds = "portalkey: binds rows\n";
constexpr std::size_t kKeyBytes = 32;
constexpr std::chrono::seconds kLockPatience{60};

struct Contents {
  Secret key;
  bool binds = false;     ///< false: an older version's
  bool outdated = false;  ///< sealed at a lower cost than today's
  Writing writing;
};

class KeyFile {
 public:
  KeyFile(std::filesystem::path path, std::optional<Secret> passphrase)
      : path_(std::move(path)), passphrase_(std::move(passphrase)) {}

  /// not_found
  Result<Contents> read() const {
    Contents contents;
    auto text = read_text(contents);
    if (!text) return pass(text);
    contents.binds = text->reveal([&](std::string_view bytes) {
      const bool binds = bytes.starts_with(kBinds);
      contents.key = Secret(binds ? bytes.substr(kBinds.size()) : bytes);
      return binds;
    });
    if (contents.key.size() == kKeyBytes) return contents;
    return std::unexpected(
        Error{Errc::corrupt, "the journal's key file is damaged", kJournalKeyFile.damaged, {{"file", path_.string()}}});
  }

  Result<void> write(const Secret& key, const Writing& after = {}) const {
    const Secret text = key.reveal([](std::string_view bytes) {
      std::string joined;
      joined.reserve(kBinds.size() + bytes.size());
      joined.append(kBinds).append(bytes);
      Secret out(joined);
      wipe(joined);
      return out;
    });
    if (passphrase_) {
      auto sealing = SealKey::from_passphrase(*passphrase_);
      if (!sealing) return pass(sealing);
      auto written = SealedFile::write(path_, kJournalKeyFile, text, *sealing, after);
      if (!written) return pass(written);
      return {};
    }
    return text.reveal([&](std::string_view bytes) { return write_file_atomically(path_, bytes); });
  }

 private:
  Result<Secret> read_text(Contents& of) const {
    if (!passphrase_) return read_file(path_, kBinds.size() + kKeyBytes, FileUse::secret);
    auto unsealed = SealedFile::read_with_passphrase(path_, kJournalKeyFile, *passphrase_);
    if (!unsealed) return pass(unsealed);
    of.outdated = unsealed->key.outdated();
    of.writing = unsealed->writing;
    return std::move(unsealed->contents);
  }

  std::filesystem::path path_;
  std::optional<Secret> passphrase_;
};

Error no_key(const std::filesystem::path& file) {
  return {
      Errc::corrupt,
      "the journal's key file is not there: nothing tells whether its jobs are as portalkey wrote them, and their secret keys "
      "cannot be opened",
      "Put it back from a backup; or import the seed file again, or begin anew from the list: what the tenant has already is "
      "left as "
      "it is.",
      {{"file", file.string()}}};
}

/// Several first imports at once share one key: whoever comes second reads what the first has made.
Result<FileLock> alone(const std::filesystem::path& file, Clock& clock) {
  auto lock = FileLock::take(file.string() + ".lock", kLockPatience, clock, {});
  if (!lock && lock.error().code == Errc::conflict) {
    lock.error().what = "another portalkey run is making the journal's key and has not finished";
    lock.error().remedy = "Wait for it to end, and run the command again.";
  }
  return lock;
}

}  // namespace

Result<JournalSeal> open_journal_key(const std::filesystem::path& file, const std::optional<PassphraseSource>& passphrase,
                                     MissingKey missing, const std::function<Result<void>(const JournalSeal&)>& take_over,
                                     Clock& clock) {
  std::optional<Secret> secret;
  if (passphrase) {
    auto asked = (*passphrase)();
    if (!asked) return pass(asked);
    secret = std::move(*asked);
  }
  const KeyFile key_file(file, std::move(secret));
  auto contents = key_file.read();
  if (contents && contents->binds && !contents->outdated) return JournalSeal(std::move(contents->key));
  if (!contents && contents.error().code != Errc::not_found) return pass(contents);
  if (!contents && missing == MissingKey::refuse) return std::unexpected(no_key(file));

  auto lock = alone(file, clock);
  if (!lock) return pass(lock);
  remove_interrupted_writes(file);
  contents = key_file.read();  // perhaps of whoever had the lock
  if (!contents && contents.error().code == Errc::not_found) {
    if (auto written = key_file.write(SealKey::random_bytes()); !written) return pass(written);
    contents = key_file.read();
  } else if (contents && (!contents->binds || contents->outdated)) {
    if (!contents->binds) {
      if (auto taken = take_over(JournalSeal(contents->key.clone())); !taken) return pass(taken);
    }
    if (auto written = key_file.write(contents->key, contents->writing); !written) return pass(written);
  }
  if (!contents) return pass(contents);
  return JournalSeal(std::move(contents->key));
}

}  // namespace portalkey
