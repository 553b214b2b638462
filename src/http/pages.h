#pragma once
// Walking a list that a service gives in pages, where the service may be broken or somebody else: where a list may go on, and
// when it has gone on for too long. All lists are read through here.

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>

#include "http/url.h"

namespace portalkey {

/// What a list may be at most. More is an error, not a shortened list.
struct PageBounds {
  std::size_t pages;
  std::size_t items;
  std::size_t bytes;             ///< of all answers together
  std::size_t empty_pages = 50;  ///< in a row, each with a next one
};

/// For a tenant's tokens: a million of them come in 40,000 pages of 25, about 500 bytes each.
inline constexpr PageBounds kTokenPages{.pages = 100'000, .items = 1'500'000, .bytes = std::size_t{1} << 30};
/// For versions of one secret, 25 a page.
inline constexpr PageBounds kVersionPages{.pages = 10'000, .items = 250'000, .bytes = std::size_t{128} << 20};
/// For what a set-up looks at: subscriptions, vaults, apps, assignments.
inline constexpr PageBounds kSetupPages{.pages = 1'000, .items = 100'000, .bytes = std::size_t{64} << 20};

/// Counts the pages of one list and knows them again.
class PageCount {
 public:
  /// `service`: as it stands in a sentence, e.g. `Key Vault`. `first`: what names the first page.
  PageCount(std::string_view service, const PageBounds& bounds, std::string_view first);

  /// A page has come, with so many items and bytes. `next`: what names the next one (an address, a token); empty: it was the
  /// last. unavailable: the list is too long, or goes in circles.
  Result<void> take(std::size_t items, std::size_t bytes, std::string_view next);

 private:
  std::string service_;
  PageBounds bounds_;
  std::size_t pages_ = 0, items_ = 0, bytes_ = 0, empty_ = 0;
  std::unordered_set<std::size_t> seen_;  // hashes: a service that makes two the same ends its own list
};

/// A list whose pages name the address of the next one.
class Pages {
 public:
  Pages(Url first, std::string_view service, const PageBounds& bounds);

  /// Whether there is a page (more) to ask for, at url().
  bool more() const { return more_; }
  const Url& url() const { return url_; }

  /// The page at url() has come. `next_link`: as the service gave it; empty: it was the last. It may lead to the host, and the
  /// resource, that the list began at (same_resource), nowhere else; otherwise unavailable, and as PageCount::take.
  Result<void> take(std::size_t items, std::size_t bytes, std::string_view next_link);

 private:
  Url list_, url_;
  std::string service_;
  PageCount count_;
  bool more_ = true;
};

}  // namespace portalkey
