#pragma once
// `multipart/form-data` (RFC 7578), as browsers and Power Apps send files.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace portalkey {

struct FormPart {
  std::string name, file_name;
  std::string_view content;  ///< within the body
};

/// `content_type`: the header's, with its boundary. invalid_input: it is none, or the body is cut off.
Result<std::vector<FormPart>> parts_of(std::string_view content_type, std::string_view body);

}  // namespace portalkey
