#include "service/requests/request_memory.h"

#include <mutex>

#include "base/files.h"
#include "sqlite/sqlite.h"

namespace portalkey {
namespace {

constexpr StoreWords kWords{.name = "the memory of requests",
                            .damaged = "Move the file away: requests that were sent before are done again if they come again.",
                            .made_room = "Make room, then send the request again."};
constexpr std::chrono::hours kKept{24};

class SqliteRequestMemory final : public RequestMemory {
 public:
  SqliteRequestMemory(Sqlite db, Clock& clock) : db_(std::move(db)), clock_(clock) {}

  Result<std::optional<HttpResponse>> begin(const RequestKey& key, const std::string& body_hash) override {
    const std::lock_guard turn(mutex_);
    if (auto gone = forget_old(); !gone) return pass(gone);
    Query query(db_, "SELECT body_hash, status, headers, body FROM request WHERE caller=? AND operation=? AND key=?");
    query.bind(key.caller).bind(key.operation).bind(key.key);
    auto there = query.step();
    if (!there) return pass(there);
    if (!*there) {
      Query insert(db_, "INSERT INTO request VALUES(?,?,?,?,?,0,'','')");
      insert.bind(key.caller).bind(key.operation).bind(key.key).bind(unix_seconds(clock_.now())).bind_blob(body_hash);
      if (auto done = insert.run(); !done) return pass(done);
      return std::optional<HttpResponse>();
    }
    if (query.text(0) != body_hash)
      return fail(Errc::invalid_input, "the request's key was used before, with another request",
                  "Use a new key for another request.");
    if (query.number(1) == 0)
      return fail(Errc::conflict, "the request with this key is being done now", "Ask again in a moment.");
    HttpResponse answer;
    answer.status = static_cast<int>(query.number(1));
    read_headers(query.text(2), answer);
    answer.body = query.text(3);
    return answer;
  }

  Result<void> answered(const RequestKey& key, const HttpResponse& answer) override {
    const std::lock_guard turn(mutex_);
    std::string headers;
    for (const auto& [name, value] : answer.headers) headers += name + '\n' + value + '\n';
    Query query(db_, "UPDATE request SET status=?, headers=?, body=? WHERE caller=? AND operation=? AND key=?");
    query.bind(std::int64_t{answer.status}).bind(headers).bind_blob(answer.body);
    query.bind(key.caller).bind(key.operation).bind(key.key);
    return query.run();
  }

  Result<void> forget(const RequestKey& key) override {
    const std::lock_guard turn(mutex_);
    Query query(db_, "DELETE FROM request WHERE caller=? AND operation=? AND key=?");
    query.bind(key.caller).bind(key.operation).bind(key.key);
    return query.run();
  }

 private:
  static void read_headers(std::string_view text, HttpResponse& answer) {
    while (!text.empty()) {
      const auto name_end = text.find('\n');
      const auto value_end = text.find('\n', name_end + 1);
      if (value_end == std::string_view::npos) return;
      answer.headers.emplace_back(text.substr(0, name_end), text.substr(name_end + 1, value_end - name_end - 1));
      text.remove_prefix(value_end + 1);
    }
  }

  Result<void> forget_old() {
    Query query(db_, "DELETE FROM request WHERE at < ?");
    query.bind(unix_seconds(clock_.now() - kKept));
    return query.run();
  }

  std::mutex mutex_;
  Sqlite db_;
  Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<RequestMemory>> open_request_memory(const std::filesystem::path& folder, Clock& clock) {
  if (auto made = make_private_folder(folder); !made) return pass(made);
  auto db = Sqlite::open(folder / "requests.db", kWords);
  if (!db) return pass(db);
  // Losing the last moment to a power cut is as losing the process: what was done is found by its serial numbers.
  for (const char* sql :
       {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA trusted_schema=OFF",
        "CREATE TABLE IF NOT EXISTS request(caller TEXT NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL, "
        "at INTEGER NOT NULL, body_hash BLOB NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL, "
        "body BLOB NOT NULL, PRIMARY KEY(caller, operation, key)) WITHOUT ROWID",
        "CREATE INDEX IF NOT EXISTS request_at ON request(at)", "DELETE FROM request WHERE status = 0"}) {
    if (auto done = db->run(sql); !done) return pass(done);
  }
  return std::make_unique<SqliteRequestMemory>(std::move(*db), clock);
}

}  // namespace portalkey
