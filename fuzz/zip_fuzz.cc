// Any bytes as a zip archive, with the passphrase of the corpus. From a pipe it must be the same as from a file.

#include "checked_reading.h"
#include "seeds/formats/csv/csv_rows.h"
#include "seeds/formats/zip/zip_seeds.h"

using namespace portalkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Secret passphrase("made-up passphrase");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = [&](std::size_t at_once) {
    return CheckedReading([&](SeedSink& sink) {
      MemorySource source(text, at_once);
      SeedFileOptions options;
      options.passphrase = &passphrase;
      options.most_pbkdf2_rounds = 1000;
      return read_zip(source, options, CsvRows::kBufferBytes, sink);
    });
  };
  require(read(std::string_view::npos) == read(1 + size % 1000));
  return 0;
}
