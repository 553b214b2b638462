#pragma once
// Tokens of one kind, or some that were found otherwise, in the order of a page; and several of these merged. Included by .cc
// files of the mirror only.

#include <memory>
#include <optional>
#include <vector>

#include "service/mirror/page_mark.h"
#include "service/mirror/token_choice.h"

namespace portalkey {

struct PlaceOrder {
  bool by_owner = false;
  bool descending = false;

  /// Negative, zero or positive; not turned by `descending`.
  int compare(const TokenPlace& a, const TokenPlace& b) const;
  bool before(const TokenPlace& a, const TokenPlace& b) const {
    const int order = compare(a, b);
    return descending ? order > 0 : order < 0;
  }
};

class PlaceStream {
 public:
  virtual ~PlaceStream() = default;
  /// False: there are no more. True: place() is the next.
  virtual Result<bool> next() = 0;
  const TokenPlace& place() const { return place_; }

 protected:
  TokenPlace place_;
};

/// One kind's, by the index; within `range`, if there is one; after `after`, if there is one. The choice must stay.
std::unique_ptr<PlaceStream> kind_stream(Sqlite& db, const TokenChoice& choice, std::int64_t kind, PlaceOrder order,
                                         const std::optional<KeyRange>& range, const std::optional<PageEnd>& after);
/// These, sorted.
std::unique_ptr<PlaceStream> found_stream(std::vector<TokenPlace> places, PlaceOrder order);

/// Adds the next ones of all streams to `out` until it has `most`.
Result<void> merge(std::vector<std::unique_ptr<PlaceStream>> streams, PlaceOrder order, std::size_t most,
                   std::vector<TokenPlace>& out);

}  // namespace portalkey
