#pragma once
// A source whose beginning can be looked at before it is read: to tell what kind of file it is.

#include <string_view>
#include <vector>

#include "seeds/input/byte_source.h"

namespace portalkey {

class PeekedSource final : public ByteSource {
 public:
  /// `source` is kept by reference; nothing of it may have been read.
  explicit PeekedSource(ByteSource& source) : source_(source) {}
  PeekedSource(const PeekedSource&) = delete;
  PeekedSource& operator=(const PeekedSource&) = delete;
  ~PeekedSource() override;

  /// The first bytes, at most `most`; fewer only if the source ends there. To be called once, before `read`. The view is valid
  /// until this object ends.
  Result<std::string_view> peek(std::size_t most);
  /// Whether the source ends with what `peek` showed.
  bool whole() const { return whole_; }

  Result<std::size_t> read(std::span<char> room) override;
  /// Counts from the source's first byte, whatever has been read.
  const RandomAccess* random_access() const override { return source_.random_access(); }

 private:
  ByteSource& source_;
  std::vector<char> start_;
  std::size_t start_size_ = 0;
  std::size_t given_ = 0;
  bool whole_ = false;
};

}  // namespace portalkey
