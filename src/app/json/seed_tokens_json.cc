#include "app/json/seed_tokens_json.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "base/secret.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/model/seed_format.h"
#include "seeds/write/token_json.h"

namespace portalkey {
namespace {

constexpr std::size_t kBlock = 256 * 1024;
constexpr std::size_t kRoom = 32 * 1024;  // a token takes less; should one not, the block grows

namespace json = boost::json;

}  // namespace

JsonArray::~JsonArray() {
  write_(out_);
  wipe(out_);
}

void JsonArray::add(std::string_view token) {
  if (out_.capacity() < kBlock) out_.reserve(kBlock);
  if (out_.size() + token.size() + kRoom > kBlock) {
    write_(out_);
    wipe(out_);
  }
  out_ += count_ == 0 ? "\n" : ",\n";
  if (findings_ == nullptr || count_ == findings_->held.size()) {  // the file has changed, which is said in the end
    out_ += token;
  } else {
    const auto& held = findings_->held[count_];
    token.remove_suffix(1);
    out_ += token;
    out_ += ",\"inTenant\":";
    out_ += json_text(held ? json::value{{"upn", held->upn}, {"active", held->active}} : json::value(nullptr));
    out_ += '}';
  }
  ++count_;
}

JsonTokens::~JsonTokens() {
  for (auto& block : blocks_) wipe(block);
}

void JsonTokens::append(const TokenSeed& token, std::string& to) const {
  append_token_json(token, {.secret = reveal_secrets_}, words_, to);
}

void JsonTokens::on_token(TokenSeed&& token, const Rejection* rejection) {
  if (rejection != nullptr && rejection->code == OutcomeCode::guest) {
    problems.push_back(problem_of(token, name_of(Column::upn), "left out: " + rejection->reason, rejection->remedy));
    problems.back().warning = true;
  }
  const auto place = token.place();
  const bool in_order = place > last_place_;
  last_place_ = std::max(last_place_, place);
  if (in_order && !holds_all()) return;
  if (blocks_.empty() || blocks_.back().size() + kRoom > kBlock) blocks_.emplace_back().reserve(kBlock);
  auto& block = blocks_.back();
  const auto begin = block.size();
  append(token, block);
  held_.push_back({place, in_order, blocks_.size() - 1, begin, block.size() - begin});
  if (!holds_all()) return;
  bytes_ += block.size() - begin;
  if (!holds_all()) hold_only_late_ones();
}

void JsonTokens::hold_only_late_ones() {
  std::erase_if(held_, [](const Held& held) { return held.in_order; });
  held_.shrink_to_fit();
  std::deque<std::string> blocks;
  for (auto& held : held_) {
    blocks.emplace_back(text(held));
    held.block = blocks.size() - 1;
    held.begin = 0;
  }
  for (auto& block : blocks_) wipe(block);
  blocks_ = std::move(blocks);
}

void JsonTokens::write_before(std::int64_t place, const std::vector<std::int64_t>& withdrawn, JsonArray& to) {
  if (!sorted_) std::ranges::sort(held_, {}, &Held::place);
  sorted_ = true;
  for (; written_ < held_.size() && held_[written_].place < place; ++written_) {
    const auto& held = held_[written_];
    if (!std::ranges::binary_search(withdrawn, held.place)) to.add(text(held));
  }
}

JsonTokensAgain::~JsonTokensAgain() { wipe(text_); }

void JsonTokensAgain::on_token(TokenSeed&& token) {
  const auto place = token.place();
  if (place < last_place_) return;  // the first reading holds it
  last_place_ = place;
  first_.write_before(place, withdrawn_, to_);
  if (std::ranges::binary_search(withdrawn_, place)) return;
  text_.clear();
  first_.append(token, text_);
  to_.add(text_);
}

}  // namespace portalkey
