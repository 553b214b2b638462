#include "service/audit/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "service/audit/chain_walk.h"
#include "service/audit/entry_form.h"

namespace portalkey {
namespace {

struct Attestation {
  Checkpoint checkpoint;
  bool outside = false;
  bool met = false;  ///< its entry came by
};

std::string named(const Attestation& of) {
  return fmt::format("the checkpoint of {}{}", audit_time(of.checkpoint.time),
                     of.outside ? "" : " that is kept with the trail");
}

class Verifier {
 public:
  Verifier(TrailReading& trail, const Attested& given)
      : trail_(trail), given_(given), beginning_(trail.beginning()), walk_(beginning_) {
    out_.trail = beginning_.trail;
    out_.pruned_through = beginning_.stub ? beginning_.stub->through : 0;
    out_.beginning_known = beginning_.stub || beginning_.made;
    out_.left_out_after = trail.left_out_after();
  }

  Result<Verification> run() {
    if (!given_.trail.empty() && given_.trail != beginning_.trail)
      find(0, FindingKind::other_trail, fmt::format("this is the trail {}, another one", beginning_.trail));
    check_stub();
    auto kept = trail_.checkpoints();
    if (!kept && kept.error().code != Errc::corrupt) return pass(kept);
    if (!kept) find(0, FindingKind::bad_signature, kept.error().what);
    for (const auto& checkpoint : kept.value_or(std::vector<Checkpoint>{})) accept(checkpoint, false);
    for (const auto& checkpoint : given_.checkpoints) accept(checkpoint, true);
    std::ranges::stable_sort(attestations_, {}, [](const Attestation& a) { return a.checkpoint.seq; });
    auto read = trail_.each(std::numeric_limits<std::int64_t>::min(),
                            [&](const AuditEntry& entry, std::string_view previous) -> Result<void> {
                              walk_.take(entry, previous);
                              compare(entry.number, entry.hash);
                              return {};
                            });
    if (!read) return pass(read);
    for (const auto& finding : walk_.findings()) out_.findings.push_back(finding);
    for (const auto& at : walk_.breaks()) {
      auto finding = explained(trail_, at);
      if (!finding) return pass(finding);
      out_.findings.push_back(std::move(*finding));
    }
    // Where the chain itself breaks before it, that says more.
    const auto explains = [&](const Finding& finding) {
      return finding.number >= rewritten_->number && finding.number <= rewritten_until_;
    };
    if (rewritten_ && std::ranges::none_of(out_.findings, explains)) out_.findings.push_back(std::move(*rewritten_));
    check_end();
    return finished();
  }

 private:
  void find(std::int64_t number, FindingKind kind, std::string what) {
    out_.findings.push_back({number, kind, std::move(what)});
  }

  /// Whether that key may sign.
  bool known_key(const std::string& key) {
    const auto& known = given_.keys.empty() ? out_.keys : given_.keys;
    const bool fine = (given_.keys.empty() && known.empty()) || std::ranges::find(known, key) != known.end();
    if (std::ranges::find(out_.keys, key) == out_.keys.end()) out_.keys.push_back(key);
    return fine;
  }

  void check_stub() {
    const auto& stub = beginning_.stub;
    if (!stub) {
      if (beginning_.number > 0 && beginning_.made)
        find(beginning_.number, FindingKind::head_cut, "what is left in the place of pruned entries is no stub");
      return;
    }
    const bool fits = stub->trail == beginning_.trail && stub->through == beginning_.number && stub->head == beginning_.hash;
    if (!fits || !signature_fits(*stub))
      find(stub->through, FindingKind::head_cut, "the stub of what was pruned was changed: its signature does not fit");
    if (!known_key(stub->key))
      find(stub->through, FindingKind::other_key,
           fmt::format("the stub of what was pruned is signed by another key, {}", stub->key));
  }

  void accept(const Checkpoint& checkpoint, bool outside) {
    const Attestation made{checkpoint, outside};
    if (outside && checkpoint.trail != beginning_.trail && given_.trail == beginning_.trail) {
      ++out_.of_others;
      return;
    }
    if (!signature_fits(checkpoint)) {
      find(checkpoint.seq, FindingKind::bad_signature, fmt::format("the signature of {} does not fit", named(made)));
      return;
    }
    if (checkpoint.trail != beginning_.trail) {
      if (!others_[checkpoint.trail]++) {
        find(0, FindingKind::other_trail,
             fmt::format("{} is of the trail {}, this is {}: it was begun anew, or they do not belong together", named(made),
                         checkpoint.trail, beginning_.trail));
      }
      return;
    }
    if (!known_key(checkpoint.key)) {
      find(checkpoint.seq, FindingKind::other_key, fmt::format("{} is signed by another key, {}", named(made), checkpoint.key));
      return;
    }
    attestations_.push_back(made);
  }

  void compare(std::int64_t number, const std::string& hash) {
    for (; next_ < attestations_.size() && attestations_[next_].checkpoint.seq <= number; ++next_) {
      auto& at = attestations_[next_];
      if (at.checkpoint.seq < number) continue;
      at.met = true;
      if (at.checkpoint.head == hash) {
        good_ = number;
        if (at.outside) out_.attested = at.checkpoint;
      } else {
        if (!rewritten_)
          rewritten_ =
              Finding{good_ + 1, FindingKind::rewritten,
                      fmt::format("entry {} has another hash than {} attests: the chain was written anew somewhere from {} on",
                                  number, named(at), good_ + 1)};
        if (rewritten_until_ == 0) rewritten_until_ = number;
      }
    }
  }

  void check_end() {
    const auto last = walk_.entries() == 0 ? beginning_.number : walk_.last();
    if (out_.left_out_after > last)
      find(last + 1, FindingKind::tail_cut,
           fmt::format("the export says that it goes to entry {}, but it ends with {}", out_.left_out_after, last));
    for (const auto& at : attestations_) {
      const auto& [trail, seq, head, time, key, signature] = at.checkpoint;
      out_.outside += at.outside;
      if (at.met) continue;
      if (seq == beginning_.number && out_.beginning_known) {
        if (head != beginning_.hash)
          find(seq, FindingKind::rewritten, fmt::format("what was pruned up to {} is not what {} attests", seq, named(at)));
        continue;
      }
      if (seq <= beginning_.number) {
        out_.older += at.outside;
      } else if (seq > last && out_.left_out_after > 0) {
        out_.newer += at.outside;
      } else if (seq > last) {
        find(last + 1, FindingKind::tail_cut,
             fmt::format("the trail ends with entry {}, but {} attests entry {}", last, named(at), seq));
      }  // else it is missing, and that was found
    }
  }

  Verification finished() {
    out_.entries = walk_.entries();
    out_.first = walk_.first();
    out_.last = walk_.entries() == 0 ? 0 : walk_.last();
    out_.head = walk_.head();
    out_.set_back = walk_.set_back();
    std::ranges::stable_sort(out_.findings, {}, &Finding::number);
    return std::move(out_);
  }

  TrailReading& trail_;
  const Attested& given_;
  const ChainBeginning& beginning_;
  ChainWalk walk_;
  Verification out_;
  std::vector<Attestation> attestations_;
  std::map<std::string, int> others_;
  std::size_t next_ = 0;
  std::int64_t good_ = 0;             ///< the last that a checkpoint attests
  std::optional<Finding> rewritten_;  ///< the first that it does not
  std::int64_t rewritten_until_ = 0;
};

}  // namespace

std::string_view name_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::changed: return "changed";
    case FindingKind::moved: return "moved";
    case FindingKind::inserted: return "inserted";
    case FindingKind::removed: return "removed";
    case FindingKind::head_cut: return "head cut";
    case FindingKind::tail_cut: return "tail cut";
    case FindingKind::rewritten: return "rewritten";
    case FindingKind::other_trail: return "other trail";
    case FindingKind::other_key: return "other key";
    case FindingKind::bad_signature: return "bad signature";
  }
  return "";
}

Result<Verification> verify(TrailReading& trail, const Attested& attested) { return Verifier(trail, attested).run(); }

}  // namespace portalkey
