#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "base/clock.h"

namespace portalkey::sandbox {

/// What was asked, for tests to look at. Never a header's value, a query or a body.
struct JournalEntry {
  WallTime time;
  std::string method;
  std::string host;
  std::string service;
  std::string path;
  int status = 0;  ///< 0: no answer went out
  bool authorization = false;
  std::string fault;  ///< its kind, if one struck
};

class RequestJournal {
 public:
  void add(JournalEntry entry) {
    ++total_;
    ++by_service_[entry.service];
    ++by_status_[entry.status];
    entries_.push_back(std::move(entry));
    if (entries_.size() > kKept) entries_.pop_front();
  }
  void clear() { *this = {}; }
  const std::deque<JournalEntry>& entries() const { return entries_; }
  std::int64_t total() const { return total_; }
  const std::map<std::string, std::int64_t>& by_service() const { return by_service_; }
  const std::map<int, std::int64_t>& by_status() const { return by_status_; }

 private:
  static constexpr std::size_t kKept = 20'000;
  std::deque<JournalEntry> entries_;
  std::int64_t total_ = 0;
  std::map<std::string, std::int64_t> by_service_;
  std::map<int, std::int64_t> by_status_;
};

}  // namespace portalkey::sandbox
