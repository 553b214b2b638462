#include "service/backup/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <functional>

#include "base/files.h"
#include "base/system_error.h"
#include "base/time_text.h"
#include "service/backup/database_copy.h"
#include "service/backup/sealed_stream.h"

namespace portalkey {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::size_t kLongestFile = 1UL << 32, kReadAtOnce = 1 << 20, kLongestManifest = 1 << 26;

std::string hex(std::string_view bytes) {
  std::string out(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  out.pop_back();
  return out;
}

class Sha256 {
 public:
  Sha256() { crypto_hash_sha256_init(&state_); }
  void add(std::string_view bytes) {
    crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  std::string text() {
    std::array<char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256_final(&state_, reinterpret_cast<unsigned char*>(hash.data()));
    return hex({hash.data(), hash.size()});
  }

 private:
  crypto_hash_sha256_state state_{};
};

std::string number_bytes(std::uint64_t value, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFFU);
  return out;
}

Result<std::uint64_t> read_number(SealedStreamReader& in, std::size_t size) {
  auto bytes = in.read(size);
  if (!bytes) return pass(bytes);
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < size; ++i) out |= std::uint64_t{static_cast<unsigned char>((*bytes)[i])} << (8 * i);
  return out;
}

bool is_database(const fs::path& file) { return file.extension() == ".db"; }

bool is_left_out(const fs::path& file) {
  const auto name = file.filename().string();
  return name.ends_with("-wal") || name.ends_with("-shm") || name.ends_with("-journal") || name.ends_with(".lock") ||
         name.contains(".portalkey-");
}

bool is_harmless_name(const std::string& name) {
  const fs::path path(name);
  return !name.empty() && path.is_relative() && path.lexically_normal() == path && *path.begin() != ".." && path.has_filename();
}

Result<std::vector<BackupSource>> files_of(const std::vector<BackupSource>& sources) {
  std::vector<BackupSource> files;
  for (const auto& [name, file] : sources) {
    std::error_code failed;
    if (!fs::is_directory(file, failed)) {
      files.push_back({name, file});
      continue;
    }
    for (auto at = fs::recursive_directory_iterator(file, failed); !failed && at != fs::recursive_directory_iterator();
         at.increment(failed)) {
      if (!at->is_regular_file(failed) || is_left_out(at->path())) continue;
      files.push_back({(fs::path(name) / at->path().lexically_relative(file)).string(), at->path()});
    }
    if (failed)
      return std::unexpected(Error{
          Errc::forbidden, "a folder cannot be read: " + failed.message(), "Check its rights.", {{"folder", file.string()}}});
  }
  std::ranges::sort(files, {}, &BackupSource::name);
  return files;
}

Result<BackedUpFile> write_one(SealedStreamWriter& out, const BackupSource& source) {
  const auto head = [&](std::uint64_t size) {
    return out.write(number_bytes(source.name.size(), 2) + source.name + number_bytes(size, 8));
  };
  BackedUpFile file{source.name, 0, {}};
  Sha256 hash;
  const auto piece = [&](std::string_view bytes) {
    hash.add(bytes);
    file.size += bytes.size();
    return out.write(bytes);
  };
  auto written = [&]() -> Result<void> {
    if (is_database(source.file)) {
      auto copy = DatabaseCopy::take(source.file);
      if (!copy) return pass(copy);
      if (auto begun = head(copy->size()); !begun) return begun;
      return copy->each(piece);
    }
    auto bytes = read_file(source.file, kLongestFile, FileUse::trusted);
    if (!bytes) return pass(bytes);
    return bytes->reveal([&](std::string_view text) -> Result<void> {
      if (auto begun = head(text.size()); !begun) return begun;
      return piece(text);
    });
  }();
  if (!written) return pass(written);
  file.sha256 = hash.text();
  return file;
}

std::string manifest_text(const BackupManifest& manifest) {
  json::array files;
  for (const auto& file : manifest.files) files.push_back({{"name", file.name}, {"size", file.size}, {"sha256", file.sha256}});
  return json::serialize(
      json::object{{"made", iso_time(manifest.made)}, {"version", manifest.version}, {"files", std::move(files)}});
}

/// nullopt: it is none, or does not name what was read.
std::optional<BackupManifest> manifest_of(const std::string& text, std::vector<BackedUpFile> read) {
  boost::system::error_code failed;
  const auto value = json::parse(text, failed);
  if (failed || !value.is_object()) return std::nullopt;
  const auto& object = value.as_object();
  const auto* made = object.if_contains("made");
  const auto* version = object.if_contains("version");
  if (made == nullptr || version == nullptr || !made->is_string() || !version->is_string()) return std::nullopt;
  const auto time = parse_iso_time(std::string_view(made->as_string()));
  if (!time) return std::nullopt;
  BackupManifest out{*time, std::string(version->as_string()), std::move(read)};
  return json::parse(manifest_text(out)) == value ? std::optional(std::move(out)) : std::nullopt;
}

/// What is done with each file: told its name, then its bytes, then that it is over.
struct FileSink {
  std::function<Result<void>(const std::string& name)> begin;
  std::function<Result<void>(std::string_view bytes)> bytes;
  std::function<Result<void>()> end;
};

Result<BackedUpFile> read_one(SealedStreamReader& in, std::string name, const FileSink& sink) {
  auto size = read_number(in, 8);
  if (!size) return pass(size);
  if (auto begun = sink.begin(name); !begun) return pass(begun);
  Sha256 hash;
  for (auto left = *size; left > 0;) {
    auto piece = in.read(std::min<std::uint64_t>(left, kReadAtOnce));
    if (!piece) return pass(piece);
    hash.add(*piece);
    left -= piece->size();
    auto taken = sink.bytes(*piece);
    wipe(*piece);
    if (!taken) return pass(taken);
  }
  if (auto ended = sink.end(); !ended) return pass(ended);
  return BackedUpFile{std::move(name), *size, hash.text()};
}

Result<BackupManifest> read_all(const fs::path& backup, const Secret& passphrase, const FileSink& sink) {
  const auto wrong = [&] {
    return std::unexpected(Error{Errc::corrupt,
                                 "the backup does not hold what its manifest says",
                                 "Use another copy of it.",
                                 {{"file", backup.string()}}});
  };
  auto in = SealedStreamReader::open(backup, passphrase);
  if (!in) return pass(in);
  std::vector<BackedUpFile> files;
  for (;;) {
    auto length = read_number(*in, 2);
    if (!length) return pass(length);
    if (*length == 0) break;
    auto name = in->read(*length);
    if (!name) return pass(name);
    if (!is_harmless_name(*name)) return wrong();
    auto file = read_one(*in, std::move(*name), sink);
    if (!file) return pass(file);
    files.push_back(std::move(*file));
  }
  auto size = read_number(*in, 4);
  if (!size) return pass(size);
  if (*size > kLongestManifest) return wrong();
  auto text = in->read(*size);
  if (!text) return pass(text);
  auto end = in->at_end();
  if (!end) return pass(end);
  auto manifest = manifest_of(*text, std::move(files));
  if (!*end || !manifest) return wrong();
  return std::move(*manifest);
}

/// Writes files below a folder that nobody uses yet.
class Restored {
 public:
  explicit Restored(fs::path folder) : folder_(std::move(folder)) {}
  ~Restored() {
    std::error_code ignored;
    if (!kept_) fs::remove_all(folder_, ignored);
  }
  Restored(const Restored&) = delete;
  Restored& operator=(const Restored&) = delete;

  Result<void> begin(const std::string& name) {
    const auto file = folder_ / name;
    if (auto made = make_private_folder(file.parent_path()); !made) return made;
    auto place = find_place(file);
    if (!place) return pass(place);
    auto created = NewFile::create(std::move(*place), NewFile::Existing::kept);
    if (!created) return pass(created);
    file_.emplace(std::move(*created));
    return {};
  }
  Result<void> bytes(std::string_view text) { return file_->write(text); }
  Result<void> end() { return file_->put_in_place(); }
  Result<void> become(const fs::path& to) {
    if (::renameat2(AT_FDCWD, folder_.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0)
      return system_error("cannot put the restored folder in place", to);
    kept_ = true;
    const Descriptor parent(::open(to.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent.open() || ::fsync(parent.get()) != 0) return system_error("cannot make the folder durable", to.parent_path());
    return {};
  }

 private:
  fs::path folder_;
  std::optional<NewFile> file_;
  bool kept_ = false;
};

}  // namespace

Result<BackupManifest> make_backup(const std::vector<BackupSource>& sources, const fs::path& to, const Secret& passphrase,
                                   const std::string& version, Clock& clock) {
  auto files = files_of(sources);
  if (!files) return pass(files);
  auto out = SealedStreamWriter::create(to, passphrase);
  if (!out) return pass(out);
  BackupManifest manifest{from_unix_seconds(unix_seconds(clock.now())), version, {}};
  for (const auto& source : *files) {
    auto written = write_one(*out, source);
    if (!written) return pass(written);
    manifest.files.push_back(std::move(*written));
  }
  const auto text = manifest_text(manifest);
  if (auto written = out->write(number_bytes(0, 2) + number_bytes(text.size(), 4) + text); !written) return pass(written);
  if (auto done = out->finish(); !done) return pass(done);
  return manifest;
}

Result<BackupManifest> check_backup(const fs::path& backup, const Secret& passphrase) {
  return read_all(backup, passphrase,
                  {[](const std::string&) { return Result<void>(); }, [](std::string_view) { return Result<void>(); },
                   [] { return Result<void>(); }});
}

Result<BackupManifest> restore_backup(const fs::path& backup, const fs::path& given, const Secret& passphrase) {
  auto to = fs::absolute(given).lexically_normal();
  if (!to.has_filename()) to = to.parent_path();
  std::error_code failed;
  if (fs::exists(fs::symlink_status(to, failed))) {
    return std::unexpected(Error{Errc::conflict,
                                 "something is there already, which is not written over",
                                 "Name a folder that is not there.",
                                 {{"folder", to.string()}}});
  }
  if (auto sound = check_backup(backup, passphrase); !sound) return sound;
  auto temporary = (to.parent_path() / fmt::format(".{}.portalkey-XXXXXX", to.filename().string())).string();
  if (::mkdtemp(temporary.data()) == nullptr) return system_error("cannot make the folder", to);
  Restored restored(temporary);
  auto manifest = read_all(backup, passphrase,
                           {[&](const std::string& name) { return restored.begin(name); },
                            [&](std::string_view bytes) { return restored.bytes(bytes); }, [&] { return restored.end(); }});
  if (!manifest) return manifest;
  if (auto done = restored.become(to); !done) return pass(done);
  return manifest;
}

}  // namespace portalkey
