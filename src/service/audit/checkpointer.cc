#include "service/audit/checkpointer.h"

#include <utility>

namespace portalkey {

Checkpointer::Checkpointer(AuditTrail& trail, const SigningKey& key, Clock& clock, CheckpointRules rules,
                           std::vector<CheckpointSender> senders)
    : trail_(trail),
      key_(key),
      clock_(clock),
      rules_(rules),
      senders_(std::move(senders)),
      sent_(senders_.size()),
      since_(clock.steady_now()) {
  for (const auto& sender : senders_) states_.push_back({sender.name, 0, std::nullopt});
}

Result<void> Checkpointer::tick() { return run(false); }
Result<void> Checkpointer::finish() { return run(true); }

Result<void> Checkpointer::run(bool now) {
  auto last = trail_.last_checkpoint();
  if (!last) return pass(last);
  auto end = trail_.end();
  if (!end) return pass(end);
  if (due(*end, *last, now)) {
    auto made = signed_checkpoint(end->trail, end->seq, end->head, clock_.now(), key_);
    if (auto kept = trail_.keep(made); !kept) return kept;
    since_ = clock_.steady_now();
    *last = std::move(made);
  }
  if (*last) send(**last, now);
  return {};
}

bool Checkpointer::due(const AuditTrail::End& end, const std::optional<Checkpoint>& last, bool now) const {
  if (end.seq == 0 || (last && last->seq == end.seq)) return false;
  if (now || !last || end.seq - last->seq >= rules_.entries) return true;
  const auto age = clock_.now() - last->time;  // before a restart, too; below zero: the clock was set back
  return age >= rules_.time || age < std::chrono::seconds(0) || clock_.steady_now() - since_ >= rules_.time;
}

void Checkpointer::send(const Checkpoint& checkpoint, bool now) {
  for (std::size_t i = 0; i < senders_.size(); ++i) {
    auto& state = states_[i];
    if (state.seq == 0) state.seq = trail_.sent(state.name).value_or(0);
    if (state.seq == checkpoint.seq) continue;
    if (!now && sent_[i] && clock_.steady_now() - *sent_[i] < senders_[i].at_most_every) continue;
    if (auto sent = senders_[i].send(checkpoint); !sent) {
      state.failed = std::move(sent).error();
      continue;
    }
    state.seq = checkpoint.seq;
    sent_[i] = clock_.steady_now();
    state.failed.reset();
    // If this is lost, it is sent once more after the next start.
    [[maybe_unused]] const auto noted = trail_.note_sent(state.name, checkpoint.seq);
  }
}

}  // namespace portalkey
