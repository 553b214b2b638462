#include "seeds/model/entra_takes.h"

#include <fmt/format.h>

namespace portalkey {
namespace {

constexpr std::size_t kPortalMostCharacters = 128;  // "Upload hardware OATH tokens in CSV format", Microsoft Learn

void add(std::string& reasons, std::string_view reason) {
  if (!reasons.empty()) reasons += "; ";
  reasons += reason;
}

std::string what_it_is_instead(const TokenSeed& token) {
  constexpr std::string_view kOnly = ", and Entra takes time-based tokens (TOTP) only";
  switch (token.type) {
    case OtpType::totp: break;
    case OtpType::hotp: return fmt::format("it counts presses (HOTP){}", kOnly);
    case OtpType::ocra: return fmt::format("it answers challenges (OCRA){}", kOnly);
    case OtpType::pin: return "it is a PIN, not a token";
    case OtpType::steam: return fmt::format("it makes Steam Guard codes{}", kOnly);
    case OtpType::other:
      return fmt::format("its algorithm is {}{}", token.details ? token.details->algorithm : "another", kOnly);
    case OtpType::unknown: return fmt::format("the file does not say what kind of token it is{}", kOnly);
  }
  return {};
}

std::string what_entra_never_takes(const TokenSeed& token) {
  std::string reasons;
  if (token.type != OtpType::totp) add(reasons, what_it_is_instead(token));
  if (token.type == OtpType::totp && !token.digits) {
    add(reasons, "its number of digits is not known");
  } else if (token.digits.value_or(6) != 6) {
    add(reasons, fmt::format("its codes have {} digits, and Entra takes six", *token.digits));
  }
  if (token.type == OtpType::totp && !token.hash) add(reasons, "its hash is not known");
  if (token.type == OtpType::totp) {
    if (!token.step) {
      add(reasons, "its time interval is not known ([[setting|time-interval]] says it)");
    } else if (*token.step != 30 && *token.step != 60) {
      add(reasons, fmt::format("its time interval is {} seconds, and Entra takes 30 or 60", *token.step));
    }
  }
  if (token.base32.empty()) add(reasons, "it has no secret key");
  if (token.serial.empty()) add(reasons, "it has no serial number");
  return reasons;
}

std::string why_not_portal(const TokenSeed& token) {
  std::string reasons = what_entra_never_takes(token);
  if (token.hash.value_or(Hash::sha1) != Hash::sha1)
    add(reasons, "its hash is not SHA-1, and the portal's file has no column for another");
  if (token.base32.size() > kPortalMostCharacters) {
    add(reasons, fmt::format("its secret key has {} base32 characters, and the portal takes at most {}", token.base32.size(),
                             kPortalMostCharacters));
  }
  return reasons;
}

std::string why_not_graph(const TokenSeed& token) {
  std::string reasons = what_entra_never_takes(token);
  if (token.hash == Hash::sha512) add(reasons, "its hash is SHA-512, and Graph takes SHA-1 or SHA-256");
  return reasons;
}

std::string remedy_for(const TokenSeed& token, bool graph_would) {
  if (graph_would) return "Microsoft Graph takes it: [[setting|backend|graph]].";
  if (token.type == OtpType::totp && token.serial.empty()) {
    return "Write the number on the token's back into the file: a column serial number, or &serial=NUMBER in an otpauth URI.";
  }
  return "Order tokens that Entra takes: TOTP, SHA-1, six digits, 30 or 60 seconds.";
}

}  // namespace

std::optional<EntraRefusal> why_not(const TokenSeed& token, Backend backend) {
  auto why = backend == Backend::graph ? why_not_graph(token) : why_not_portal(token);
  if (why.empty()) return std::nullopt;
  const bool graph_would = backend == Backend::portal && why_not_graph(token).empty();
  return EntraRefusal{std::move(why), remedy_for(token, graph_would), graph_would};
}

}  // namespace portalkey
