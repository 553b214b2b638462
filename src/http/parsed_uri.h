#pragma once
// Boost.URL's reading of an address, checked against the text: Boost 1.81 takes the end of `https://a.example:443:443/x` or
// `http://127.0.0.1.example/` for a path that has no slash.

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace portalkey {

/// nullopt if the text is not of the form scheme://authority/path?query#fragment (RFC 3986), path, query and fragment optional.
/// The view is of `text`.
inline std::optional<boost::urls::url_view> parsed_uri(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed || !parsed->has_authority()) return std::nullopt;
  const auto& url = *parsed;
  const std::string_view path = url.encoded_path();
  if (!path.empty() && !path.starts_with('/')) return std::nullopt;
  std::string again(url.scheme());
  again.append("://");
  if (url.has_userinfo()) again.append(std::string_view(url.encoded_userinfo())).append("@");
  again.append(std::string_view(url.encoded_host()));
  if (url.has_port()) again.append(":").append(std::string_view(url.port()));
  again.append(path);
  if (url.has_query()) again.append("?").append(std::string_view(url.encoded_query()));
  if (url.has_fragment()) again.append("#").append(std::string_view(url.encoded_fragment()));
  if (again != text) return std::nullopt;
  return url;
}

/// The port it names; 0 if that is none. (Boost 1.81 makes 34463 of 99999.)
inline std::uint16_t port_of(const boost::urls::url_view& url) {
  const std::string_view text = url.port();
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  return problem == std::errc() && end == text.data() + text.size() ? port : std::uint16_t{0};
}

}  // namespace portalkey
