#include "directory/token_directory.h"

#include "directory/graph/graph_tokens.h"
#include "directory/portal/portal_tokens.h"
#include "tests/directory/token_directory_contract.h"

namespace portalkey::token_directory_test {
namespace {

struct Portal {
  TokenDirectory& directory() { return tokens; }
  void put(std::span<const TokenSeed* const> seeds) {
    const auto name = fmt::format("{}.csv", ++uploads);
    const auto sent = tokens.upload(name, seeds, cloud.deadline());
    ASSERT_TRUE(sent) << sent.error().what;
    cloud.clock.advance(std::chrono::seconds(2));  // the service works on it
    const auto states = tokens.uploads(cloud.deadline());
    ASSERT_TRUE(states) << states.error().what;
    for (const auto& one : *states) {
      if (one.name == name) EXPECT_EQ(one.state, UploadStatus::State::completed) << one.reported;
    }
  }

  EmulatedCloud cloud;
  Secret token = cloud.portal_token();
  PortalApi api{cloud, find_cloud("global")->portal_api,
                [this](const Secret*, const Deadline&) { return Result<Secret>(token.clone()); }, cloud.clock, cloud.random};
  PortalTokens tokens{api};
  int uploads = 0;
};

struct Graph {
  TokenDirectory& directory() { return tokens; }
  void put(std::span<const TokenSeed* const> seeds) {
    for (std::size_t begin = 0; begin < seeds.size(); begin += 20) {  // as many as go into one request
      for (const auto& made :
           tokens.create(seeds.subspan(begin, std::min<std::size_t>(20, seeds.size() - begin)), cloud.deadline()))
        ASSERT_TRUE(made) << made.error().what;
    }
  }

  EmulatedCloud cloud;
  std::unique_ptr<Credential> app = cloud.app();
  GraphTokens tokens{cloud, *app, find_cloud("global")->graph, cloud.clock};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Portal, TokenDirectoryContract, Portal);
INSTANTIATE_TYPED_TEST_SUITE_P(Graph, TokenDirectoryContract, Graph);

}  // namespace
}  // namespace portalkey::token_directory_test
