#include "service/queue/audited_jobs.h"

namespace portalkey {
namespace {

class Watched final : public JobStore {
 public:
  Watched(std::unique_ptr<JobStore> next, EffectObserver& observer) : next_(std::move(next)), observer_(observer) {}

  using JobStore::create;
  Result<void> create(const Job& job, const std::function<Result<void>(const AddToken&)>& tokens) override {
    return next_->create(job, tokens);
  }
  Result<JobPage> list(const JobFilter& filter, std::size_t most, const std::string& after) override {
    return next_->list(filter, most, after);
  }
  Result<Job> find(const std::string& id) override { return next_->find(id); }
  Result<void> each_token(const std::string& id, const std::function<void(JobToken)>& take) override {
    return next_->each_token(id, take);
  }
  Result<Job> check(const std::string& id) override { return next_->check(id); }
  Result<std::vector<JobToken>> rows(const std::string& id, std::size_t first, std::size_t most) override {
    return next_->rows(id, first, most);
  }
  Result<Lease> claim(const std::string& id) override { return next_->claim(id); }
  Result<bool> heartbeat(const Lease& lease) override { return next_->heartbeat(lease); }
  Result<void> release(const Lease& lease) override { return next_->release(lease); }
  Result<bool> ask_to_stop(const std::string& id) override { return next_->ask_to_stop(id); }

  Result<void> settle(const Lease& lease, std::size_t token, const TokenOutcome& outcome) override {
    waiting_.push_back(outcome);
    if (waiting_.size() >= kAtOnce) {
      if (auto told = tell(lease); !told) return told;
    }
    return next_->settle(lease, token, outcome);
  }
  Result<void> flush(const Lease& lease) override {
    if (auto told = tell(lease); !told) return told;
    return next_->flush(lease);
  }
  Result<void> uploading(const Lease& lease, const std::string& name) override {
    if (auto told = observer_.uploading(lease.job, name); !told) return told;
    return next_->uploading(lease, name);
  }
  Result<void> uploaded(const Lease& lease, const std::string& name) override { return next_->uploaded(lease, name); }
  Result<void> begin(const Lease& lease) override { return next_->begin(lease); }
  Result<void> finish(const Lease& lease, Job::State state) override {
    if (auto told = tell(lease); !told) return told;
    return next_->finish(lease, state);
  }
  Result<void> forget(const Lease& lease) override { return next_->forget(lease); }
  Result<std::vector<std::string>> uploads(const std::string& id) override { return next_->uploads(id); }
  Result<std::unordered_map<std::string, WallTime>> waiting_since(const std::string& tenant,
                                                                  const std::vector<std::string>& serials) override {
    return next_->waiting_since(tenant, serials);
  }
  Result<TakenTokens> taken_away(const std::string& tenant) override { return next_->taken_away(tenant); }
  Result<std::vector<TokenEvent>> token_events(const std::string& tenant, const std::string& serial) override {
    return next_->token_events(tenant, serial);
  }

 private:
  static constexpr std::size_t kAtOnce = 200;

  Result<void> tell(const Lease& lease) {
    if (waiting_.empty()) return {};
    auto told = observer_.settled(lease.job, waiting_);
    if (told) waiting_.clear();
    return told;
  }

  std::unique_ptr<JobStore> next_;
  EffectObserver& observer_;
  std::vector<TokenOutcome> waiting_;
};

}  // namespace

std::unique_ptr<JobStore> watch_effects(std::unique_ptr<JobStore> next, EffectObserver& observer) {
  return std::make_unique<Watched>(std::move(next), observer);
}

}  // namespace portalkey
