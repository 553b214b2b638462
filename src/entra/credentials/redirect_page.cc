#include "entra/credentials/redirect_page.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/percent_encoding.h"

namespace portalkey {
namespace {

/// For an attribute's value.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '<') {
      out += "&lt;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Result<RedirectPage> RedirectPage::make(const std::filesystem::path& folder, const std::string& url) {
  if (auto made = make_private_folder(folder); !made) return pass(made);
  if (auto trusted = check_private_folder(folder); !trusted) return pass(trusted);
  std::error_code ignored;
  auto path = std::filesystem::absolute(folder, ignored) / "sign-in.html";
  const std::string to = escaped(url);
  const std::string page = fmt::format(
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">"
      "<meta http-equiv=\"refresh\" content=\"0;url={}\"><title>portalkey</title><p><a href=\"{}\">Sign in</a></p></html>\n",
      to, to);
  if (auto written = write_file_atomically(path, page); !written) return pass(written);
  return RedirectPage(std::move(path));
}

RedirectPage::~RedirectPage() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

std::string RedirectPage::url() const {
  std::string out = "file://";
  for (const auto& part : path_.relative_path()) out += "/" + percent_encode(part.string());
  return out;
}

}  // namespace portalkey
