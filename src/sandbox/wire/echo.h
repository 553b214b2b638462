#pragma once
// What a service says that quotes the value it does not like: so that it can be tried whether a client lets it through.

#include <optional>
#include <string>
#include <string_view>

#include "web/http_message.h"

namespace portalkey::sandbox {

/// The first secret of a request: a secret key, vault value or code in its JSON, the first key of an upload's CSV, a credential
/// in its form, else its bearer token. Empty if it has none.
std::string secret_in(const HttpRequest& request);

/// `text` with `{secret}` in its place, or one of its spellings: `{secret:lower}`, `grouped`, `percent`, `json`, `base64`,
/// `base64url`, `hex`, and of a key's bytes `bytes-base64`, `bytes-hex`. `{body}` is the request's body as it stands in a JSON
/// string. Nothing else in braces is touched.
std::string filled(std::string_view text, const HttpRequest& request);

/// The name of a spelling in `text` that does not exist.
std::optional<std::string> unknown_spelling(std::string_view text);

}  // namespace portalkey::sandbox
