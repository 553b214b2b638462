#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/secret_json.h"
#include "seeds/model/entra_takes.h"
#include "seeds/write/token_writer.h"

namespace portalkey {
namespace {

namespace json = boost::json;

/// The body of PATCH /directory/authenticationMethodDevices/hardwareOathDevices (Graph beta,
/// authenticationmethoddevice-update).
class GraphJsonWriter final : public TokenWriter {
 public:
  explicit GraphJsonWriter(WriteOut out) : out_(std::move(out)) {}
  Result<void> begin() override { return out_("{\"@context\":\"#$delta\",\"value\":["); }
  std::string why_not(const TokenSeed& token) const override {
    auto refused = portalkey::why_not(token, Backend::graph);
    return refused ? std::move(refused->why) : std::string();
  }
  std::string loss(const TokenSeed& token) const override {
    const bool assigned = token.details && !token.details->assign_to.empty();
    return token.upn.empty() || assigned ? "" : "its user is left out: this format names users by object id";
  }
  Result<void> add(const TokenSeed& token) override {
    json::object device{{"@contentId", std::to_string(++written_)},
                        {"serialNumber", token.serial},
                        {"manufacturer", token.manufacturer},
                        {"model", token.model},
                        {"timeIntervalInSeconds", token.step.value_or(30)},
                        {"hashFunction", token.hash == Hash::sha256 ? "hmacsha256" : "hmacsha1"}};
    token.base32.reveal([&](std::string_view secret) { device["secretKey"] = secret; });
    if (token.details && !token.details->assign_to.empty()) device["assignTo"] = {{"id", token.details->assign_to}};
    return serialize_secret_json(device).reveal([&](std::string_view text) {
      std::string line = fmt::format("{}{}", written_ == 1 ? "\n" : ",\n", text);
      return write_and_wipe(out_, line);
    });
  }
  Result<void> end() override { return out_("]}\n"); }

 private:
  WriteOut out_;
  std::int64_t written_ = 0;
};

}  // namespace

std::unique_ptr<TokenWriter> make_graph_json_writer(WriteOut out) { return std::make_unique<GraphJsonWriter>(std::move(out)); }

}  // namespace portalkey
