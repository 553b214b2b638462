// The vault file may have been damaged or exchanged: it opens only if it is, byte for byte, what was sealed. Odd inputs are
// written over a sound file from a position on, so that the header's fields are reached behind a sound beginning.

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "answer.h"
#include "base/files.h"
#include "vault/file_store.h"
#include "vault/sealed_file.h"

namespace {

using namespace portalkey;

/// In memory: the target must not wear out a disk.
struct ScratchFile {
  ScratchFile() {
    char made[] = "/dev/shm/portalkey_fuzz_XXXXXX";
    if (::mkdtemp(made) == nullptr) std::abort();
    folder = made;
    path = folder / "vault";
  }
  ~ScratchFile() { std::filesystem::remove_all(folder); }
  void fill(std::string_view bytes) const {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || ::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
    ::close(fd);
  }
  std::filesystem::path folder, path;
};

std::string seal(const ScratchFile& file, const Secret& key) {
  if (!SealedFile::write(file.path, kVaultFile, Secret("{\"secrets\":{}}"), SealKey::from_bytes(key.clone()))) std::abort();
  const auto bytes = read_file(file.path, 1 << 20, FileUse::input);
  return bytes->reveal([](std::string_view all) { return std::string(all); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ScratchFile file;
  static const Secret key("0123456789abcdef0123456789abcdef");
  static const std::string sound = seal(file, key);
  if (size == 0) return 0;
  const auto bytes = text_of(data + 1, size - 1);
  std::string odd = sound;
  if ((data[0] & 1) == 0) {
    odd = bytes;
  } else {
    const std::size_t at = data[0] / 2 % odd.size();
    odd.replace(at, bytes.size(), bytes);
  }
  file.fill(odd);
  const auto read = SealedFile::read_with_key(file.path, kVaultFile, key);
  if (read ? odd != sound : odd == sound || read.error().what.empty()) std::abort();
  return 0;
}
