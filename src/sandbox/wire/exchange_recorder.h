#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

/// Writes whole exchanges for a validator to judge, one JSON object a line:
/// `{"request":{"method","url","headers","body"},"response":{"status","headers","body"}}`. Bodies that are JSON are JSON there
/// too. Exchanges with the authority and the portal are left out; tokens, passwords and secrets' values are masked in the
/// others.
class ExchangeRecorder {
 public:
  /// Begins a new file, mode 0600; a file that is there already is an error, so that no other file's mode is inherited.
  static Result<ExchangeRecorder> open(const std::filesystem::path& path);

  void add(const HttpRequest& request, const HttpResponse& answer);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit ExchangeRecorder(std::FILE* file) : file_(file) {}
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace portalkey::sandbox
