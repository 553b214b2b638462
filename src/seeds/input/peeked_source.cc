#include "seeds/input/peeked_source.h"

#include <algorithm>
#include <cstring>

namespace portalkey {

PeekedSource::~PeekedSource() { explicit_bzero(start_.data(), start_.size()); }

Result<std::string_view> PeekedSource::peek(std::size_t most) {
  start_.resize(most + 1);  // one more, to know whether the source ends there
  while (start_size_ < start_.size()) {
    auto more = source_.read(std::span(start_).subspan(start_size_));
    if (!more) return pass(more);
    if (*more == 0) break;
    start_size_ += *more;
  }
  whole_ = start_size_ <= most;
  return std::string_view(start_.data(), std::min(start_size_, most));
}

Result<std::size_t> PeekedSource::read(std::span<char> room) {
  if (given_ == start_size_) return source_.read(room);
  const std::size_t size = std::min(room.size(), start_size_ - given_);
  std::memcpy(room.data(), start_.data() + given_, size);
  given_ += size;
  return size;
}

}  // namespace portalkey
