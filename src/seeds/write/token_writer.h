#pragma once
// Writes tokens in another format, one at a time. What is written holds the secret keys: in plain, but for encrypted PSKC.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/remedy.h"
#include "seeds/formats/pskc/pskc_writer.h"
#include "seeds/model/token_seed.h"

namespace portalkey {

/// Takes pieces of the file in order. The view is wiped when it returns.
using WriteOut = std::function<Result<void>(std::string_view)>;

class TokenWriter {
 public:
  virtual ~TokenWriter() = default;
  virtual Result<void> begin() = 0;
  /// Why the format cannot hold this token; empty if it can.
  virtual std::string why_not(const TokenSeed& token) const = 0;
  /// What the file will not say of the token, or will say otherwise; empty if it holds everything that matters.
  virtual std::string loss(const TokenSeed&) const { return {}; }
  /// Only for tokens that it can hold.
  virtual Result<void> add(const TokenSeed& token) = 0;
  virtual Result<void> end() = 0;
};

std::unique_ptr<TokenWriter> make_entra_csv_writer(WriteOut out);
std::unique_ptr<TokenWriter> make_graph_json_writer(WriteOut out);
/// `words`: for why Entra would not take a token.
std::unique_ptr<TokenWriter> make_json_writer(WriteOut out, Words words);
std::unique_ptr<TokenWriter> make_otpauth_writer(WriteOut out);
/// What `protection` points to must live until `begin` has returned.
std::unique_ptr<TokenWriter> make_pskc_writer(WriteOut out, const PskcProtection& protection);

/// Writes a text that holds a secret, and wipes it.
Result<void> write_and_wipe(const WriteOut& out, std::string& text);

}  // namespace portalkey
