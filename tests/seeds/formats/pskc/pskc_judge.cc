// For judges_test.py: reads PSKC and writes it again, as the library does it. pskc_judge IN OUT KEY PASSPHRASE OUT_KEY
// OUT_PASSPHRASE, where a key is hex or `-`, a passphrase text or `-`. Prints serial, key in hex, type and step of each key.

#include <cstdio>
#include <fstream>
#include <iostream>

#include "seeds/formats/pskc/pskc_cipher.h"
#include "seeds/formats/pskc/pskc_writer.h"
#include "seeds/formats/read_seed_file.h"
#include "tests/seeds/reading.h"

using namespace portalkey;

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const auto secret = [&](int at, bool hex) {
    const std::string text = argv[at];
    return text == "-" ? Secret() : Secret(hex ? from_hex(text) : text);
  };
  const Secret key = secret(3, true), passphrase = secret(4, false), out_key = secret(5, true),
               out_passphrase = secret(6, false);
  const auto or_null = [](const Secret& s) { return s.empty() ? nullptr : &s; };
  Reading reading;
  reading.summary = read_seed_file(argv[1], {.key = or_null(key), .passphrase = or_null(passphrase)}, reading);
  if (!reading.summary) {
    std::cout << "error: " << reading.summary.error().what << "\n";
    return 1;
  }
  std::ofstream out(argv[2], std::ios::binary);
  PskcWriter writer({or_null(out_key), or_null(out_passphrase), "judge"}, random_bytes,
                    [&](std::string_view text) -> Result<void> {
                      out << text;
                      return {};
                    });
  if (!writer.begin()) return 3;
  for (const auto& token : reading.tokens) {
    std::cout << token.serial << ' ';
    for (const unsigned char c : text_of(token.key())) std::printf("%02x", c), std::fflush(stdout);
    std::cout << ' ' << name_of(token.type) << ' ' << token.step.value_or(0) << std::endl;
    if (!writer.add(token)) return 3;
  }
  return writer.end() ? 0 : 3;
}
