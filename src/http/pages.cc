#include "http/pages.h"

#include <fmt/format.h>

namespace portalkey {
namespace {

constexpr const char* kAgain = "Run the command again; check for a proxy that answers in the service's place.";

}  // namespace

PageCount::PageCount(std::string_view service, const PageBounds& bounds, std::string_view first)
    : service_(service), bounds_(bounds), seen_{std::hash<std::string_view>{}(first)} {}

Result<void> PageCount::take(std::size_t items, std::size_t bytes, std::string_view next) {
  ++pages_;
  items_ += items;
  bytes_ += bytes;
  empty_ = items == 0 ? empty_ + 1 : 0;
  const auto too_much = [&](std::size_t most, std::string_view of) {
    return fail(Errc::unavailable, fmt::format("{}'s list does not end: it has more than {} {}", service_, most, of), kAgain);
  };
  if (items_ > bounds_.items) return too_much(bounds_.items, "items");
  if (bytes_ > bounds_.bytes) return too_much(bounds_.bytes, "bytes");
  if (next.empty()) return {};
  if (pages_ >= bounds_.pages) return too_much(bounds_.pages, "pages");
  if (empty_ >= bounds_.empty_pages) return too_much(bounds_.empty_pages, "empty pages in a row");
  if (!seen_.insert(std::hash<std::string_view>{}(next)).second) {
    return fail(Errc::unavailable, fmt::format("{}'s list goes in circles: it leads to a page that was there before", service_),
                kAgain);
  }
  return {};
}

Pages::Pages(Url first, std::string_view service, const PageBounds& bounds)
    : list_(first), url_(std::move(first)), service_(service), count_(service, bounds, url_.text()) {}

Result<void> Pages::take(std::size_t items, std::size_t bytes, std::string_view next_link) {
  more_ = false;
  if (next_link.empty()) return count_.take(items, bytes, {});
  Url next(next_link);
  if (!next.valid()) {
    return fail(Errc::unavailable, fmt::format("{}'s list goes on at what is no address: {}", service_, next.problem()),
                kAgain);
  }
  if (!same_resource(next, list_)) {
    return std::unexpected(
        Error{Errc::unavailable,
              next.origin() == list_.origin()
                  ? fmt::format("{}'s list goes on as a list of something else; it was not followed", service_)
                  : fmt::format("{}'s list goes on at another host; it was not followed", service_),
              kAgain,
              {{"host", std::string(next.host())}}});
  }
  if (auto fine = count_.take(items, bytes, next.text()); !fine) return fine;
  url_ = std::move(next);
  more_ = true;
  return {};
}

}  // namespace portalkey
