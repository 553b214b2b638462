#include "seeds/write/token_writer.h"

#include "base/secret.h"

namespace portalkey {

Result<void> write_and_wipe(const WriteOut& out, std::string& text) {
  auto written = out(text);
  wipe(text);
  return written;
}

}  // namespace portalkey
