#pragma once
// Tables of test vectors, and what it takes to compare with them.

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace portalkey {

inline std::string text_of(const Secret& secret) {
  return secret.reveal([](std::string_view text) { return std::string(text); });
}

/// The rows of a table in tests/data/vectors, without its header.
inline std::vector<std::vector<std::string>> vectors(const std::string& name) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream in(std::string(TEST_DATA "/vectors/") + name);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    auto& row = rows.emplace_back();
    for (std::size_t from = 0;;) {
      const auto to = line.find(',', from);
      row.push_back(line.substr(from, to - from));
      if (to == std::string::npos) break;
      from = to + 1;
    }
  }
  return rows;
}

inline std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

}  // namespace portalkey
