#include "service/resources/multipart.h"

#include "base/ascii.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostParts = 32;
constexpr std::size_t kLongestHead = 8192;

/// `name` of `form-data; name="file"; filename="a.csv"`; empty: not there.
std::string parameter_of(std::string_view header, std::string_view name) {
  const std::string small = lower(header);
  std::string wanted = ";" + std::string(name) + "=";
  std::string packed;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < small.size(); ++i) {
    if (small[i] == ' ' && !packed.empty() && packed.back() == ';') continue;
    packed += small[i];
    places.push_back(i);
  }
  const auto at = packed.find(wanted);
  if (at == std::string::npos) return {};
  std::string_view rest = header.substr(places[at + wanted.size() - 1] + 1);
  if (!rest.starts_with('"')) return std::string(rest.substr(0, rest.find(';')));
  rest.remove_prefix(1);
  return std::string(rest.substr(0, rest.find('"')));
}

std::unexpected<Error> broken(const char* what) {
  return fail(Errc::invalid_input, what, "Send multipart/form-data with one part named file.");
}

}  // namespace

Result<std::vector<FormPart>> parts_of(std::string_view content_type, std::string_view body) {
  const std::string boundary = parameter_of(content_type, "boundary");
  if (boundary.empty() || boundary.size() > 70) return broken("the body's Content-Type has no boundary (RFC 2046)");
  const std::string mark = "--" + boundary;
  auto at = body.find(mark);
  if (at != 0 && (at == std::string_view::npos || at < 2 || body.substr(at - 2, 2) != "\r\n"))
    return broken("the body does not begin with its boundary");
  std::vector<FormPart> parts;
  for (;;) {
    at += mark.size();
    if (body.substr(at, 2) == "--") return parts;
    if (body.substr(at, 2) != "\r\n" || parts.size() == kMostParts) return broken("the body's parts cannot be told apart");
    at += 2;
    const auto head_end = body.find("\r\n\r\n", at);
    if (head_end == std::string_view::npos || head_end - at > kLongestHead)
      return broken("a part of the body has no end of its head");
    const auto next = body.find("\r\n" + mark, head_end + 2);
    if (next == std::string_view::npos) return broken("the body is cut off");
    FormPart part;
    std::string_view head = body.substr(at, head_end - at);
    while (!head.empty()) {
      const auto end = std::min(head.find("\r\n"), head.size());
      const auto line = head.substr(0, end);
      if (lower(line).starts_with("content-disposition:")) {
        part.name = parameter_of(line, "name");
        part.file_name = parameter_of(line, "filename");
      }
      head.remove_prefix(std::min(end + 2, head.size()));
    }
    part.content = body.substr(head_end + 4, std::max(next, head_end + 4) - head_end - 4);
    parts.push_back(std::move(part));
    at = next + 2;
  }
}

}  // namespace portalkey
