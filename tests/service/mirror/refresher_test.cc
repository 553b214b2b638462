#include "service/mirror/refresher.h"

#include <gtest/gtest.h>

#include "service/mirror/sqlite_mirror.h"
#include "tests/service/mirror/listed_directory.h"
#include "tests/temporary_folder.h"

namespace portalkey::refresher_test {

using std::chrono::minutes;
using std::chrono::seconds;

class MirrorRefresherTest : public testing::Test {
 protected:
  MirrorRefresherTest() : mirror_(std::move(*open_mirror(folder_.path() / "state", clock_))) {
    refresher_.emplace(*mirror_, clock_, minutes(15), [](const std::string&, const OutsideChange&) {});
    refresher_->add("one", [this] {
      ++readings_;
      auto directory = std::make_unique<ListedDirectory>();
      directory->failure = failure_;
      directory->meanwhile = [this] { clock_.advance(takes_); };
      return directory;
    });
  }
  std::chrono::milliseconds due() {
    const auto next = refresher_->do_due("one");
    return std::chrono::ceil<std::chrono::milliseconds>(next - clock_.steady_now());
  }

  TemporaryFolder folder_;
  ManualClock clock_{from_unix_seconds(1'790'000'000)};
  std::unique_ptr<Mirror> mirror_;
  std::optional<MirrorRefresher> refresher_;
  std::optional<Error> failure_;
  std::chrono::milliseconds takes_{};
  int readings_ = 0;
};

TEST_F(MirrorRefresherTest, readsWhatIsTooOld) {
  EXPECT_EQ(due(), minutes(15));
  EXPECT_EQ(readings_, 1);
  clock_.advance(minutes(14));
  EXPECT_EQ(due(), minutes(1));
  EXPECT_EQ(readings_, 1);
  refresher_->soon("one");
  EXPECT_EQ(due(), minutes(15));
  EXPECT_EQ(readings_, 2);
  EXPECT_EQ(refresher_->states().at(0).as_of, clock_.now());
}

TEST_F(MirrorRefresherTest, restsAsLongAsItRead) {
  takes_ = minutes(20);
  EXPECT_EQ(due(), minutes(20));
  takes_ = minutes(200);
  clock_.advance(minutes(20));
  EXPECT_EQ(due(), minutes(60));
  EXPECT_EQ(refresher_->states().at(0).last_took, minutes(200));
}

TEST_F(MirrorRefresherTest, triesAgainAfterPausesThatGrow) {
  failure_ = Error{Errc::unavailable, "no answer", "", {}};
  for (const auto pause :
       {seconds(15), seconds(30), seconds(60), seconds(120), seconds(240), seconds(480), seconds(900), seconds(900)}) {
    EXPECT_EQ(due(), pause);
    clock_.advance(pause);
  }
  const auto failed = refresher_->states().at(0);
  EXPECT_EQ(failed.failures, 8U);
  EXPECT_EQ(failed.error->what, "no answer");
  EXPECT_FALSE(failed.as_of);
  failure_.reset();
  EXPECT_EQ(due(), minutes(15));
  EXPECT_FALSE(refresher_->states().at(0).error);
}

TEST_F(MirrorRefresherTest, endsAtOnceWhenItIsStopped) {
  refresher_->start();
  refresher_->stop();
  EXPECT_LE(readings_, 1);
}

}  // namespace portalkey::refresher_test
