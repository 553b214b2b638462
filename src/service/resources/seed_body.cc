#include "service/resources/seed_body.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/secret.h"

namespace portalkey {
namespace {

namespace json = boost::json;
constexpr std::size_t kMostByFilter = 100'000;
constexpr std::size_t kPage = 1000;

/// A field of delimited text (RFC 4180).
void add_field(std::string& to, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    to += text;
    return;
  }
  to += '"';
  for (const char c : text) {
    if (c == '"') to += '"';
    to += c;
  }
  to += '"';
}

std::string text_of(const json::object& row, std::string_view name) {
  const auto* value = row.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? std::string(value->get_string()) : std::to_string(value->as_int64());
}

}  // namespace

Result<SeedBody> SeedBody::of_bytes(std::string_view bytes) {
  SeedBody body{Descriptor(memfd_create("request", MFD_CLOEXEC))};
  if (!body.file_.open() || fchmod(body.file_.get(), 0600) != 0)
    return fail(Errc::unavailable, "there is no memory to read the body in", "Ask again in a moment.");
  while (!bytes.empty()) {
    const auto written = ::write(body.file_.get(), bytes.data(), bytes.size());
    if (written <= 0) return fail(Errc::unavailable, "there is no memory to read the body in", "Ask again in a moment.");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return body;
}

Result<SeedBody> SeedBody::of_rows(const json::array& rows) {
  std::string text = "upn,serial number,secret key,time interval,manufacturer,model,hash\n";
  for (const auto& item : rows) {
    const auto& row = item.as_object();
    bool first = true;
    for (const char* name : {"upn", "serialNumber", "secretKey", "timeInterval", "manufacturer", "model", "hashFunction"}) {
      if (!first) text += ',';
      first = false;
      std::string value = text_of(row, name);
      if (value.empty() && std::string_view(name) == "timeInterval") value = "30";
      add_field(text, value);
      wipe(value);
    }
    text += '\n';
  }
  auto body = of_bytes(text);
  wipe(text);
  return body;
}

Result<SeedBody> SeedBody::of_list(const std::vector<ListedToken>& list, bool users_only) {
  const bool users = users_only || std::ranges::any_of(list, [](const ListedToken& one) { return !one.upn.empty(); });
  std::string text = users_only ? "upn\n" : users ? "serial number,upn\n" : "serial number\n";
  for (const auto& one : list) {
    if (!users_only) add_field(text, one.serial);
    if (!users_only && users) text += ',';
    if (users) add_field(text, one.upn);
    text += '\n';
  }
  return of_bytes(text);
}

SeedBody::~SeedBody() {
  if (!file_.open()) return;
  const auto size = lseek(file_.get(), 0, SEEK_END);
  if (size <= 0) return;
  void* const at = mmap(nullptr, static_cast<std::size_t>(size), PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (at == MAP_FAILED) return;
  explicit_bzero(at, static_cast<std::size_t>(size));
  munmap(at, static_cast<std::size_t>(size));
}

std::string SeedBody::path() const { return fmt::format("/proc/self/fd/{}", file_.get()); }

Result<std::vector<ListedToken>> listed_by_filter(Service& service, ServedTenant& tenant, const json::object& filter) {
  MirrorQuery query;
  query.search = text_of(filter, "search");
  query.upn = text_of(filter, "upn");
  query.serial = text_of(filter, "serialNumber");
  query.manufacturer = text_of(filter, "manufacturer");
  query.model = text_of(filter, "model");
  if (const auto state = text_of(filter, "state"); !state.empty()) query.state = token_state_of(state);
  query.most = kPage;
  std::vector<ListedToken> found;
  do {
    auto page = service.mirror().page(tenant.name(), query);
    if (!page) return pass(page);
    for (auto& token : page->tokens) found.push_back({std::move(token.serial), {}});
    query.after = std::move(page->next);
  } while (!query.after.empty() && found.size() <= kMostByFilter);
  return found;
}

}  // namespace portalkey
