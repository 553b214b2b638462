// Any answer in the vault's place: a put must name the version it made, an error must say something.

#include <cstdlib>

#include "answer.h"
#include "vault/key_vault.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portalkey;
  const auto bytes = text_of(data, size);
  OneAnswerHttp http(bytes);
  ManualClock clock(from_unix_seconds(1'767'225'600));
  const auto deadline = Deadline::in(std::chrono::minutes(10), clock);
  const auto vault = make_key_vault(
      {Url("https://contoso-kv.vault.azure.net")}, http, [](const Deadline&) -> Result<Secret> { return Secret("token"); },
      clock);
  if (const auto got = vault->get("RefreshToken", deadline); !got && got.error().what.empty()) std::abort();
  const auto put = vault->put("RefreshToken", Secret("0.AAAA"), {}, deadline);
  if (put ? put->id.empty() : put.error().what.empty()) std::abort();
  const auto all = vault->versions("RefreshToken", deadline);
  if (!all && all.error().what.empty()) std::abort();
  if (all && !std::ranges::all_of(*all, [](const auto& version) { return is_plain_id(version.id); })) std::abort();
  return 0;
}
