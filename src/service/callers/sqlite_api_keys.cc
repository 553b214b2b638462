#include <fmt/format.h>
#include <sodium.h>

#include <mutex>
#include <utility>

#include "base/log.h"
#include "service/callers/api_key_text.h"
#include "service/callers/api_keys.h"
#include "service/callers/callers_db.h"
#include "service/callers/limits_text.h"

namespace portalkey {
namespace {

constexpr std::string_view kApiKeyColumns = "id, name, rights, limits, created, expires, revoked, last_used, hash";

std::optional<WallTime> moment_in(const Query& row, int column) {
  return row.null(column) ? std::nullopt : std::optional(from_unix_seconds(row.number(column)));
}

Result<ApiKey> api_key_in(const Query& row) {
  auto limits = limits_in(row.text(3));
  if (!limits)
    return fail(Errc::corrupt,
                fmt::format("the limits of the API key {} are none that this version of portalkey knows", row.text(0)),
                "Use the version that made it, or revoke it and make another.");
  return ApiKey{std::string(row.text(0)),         std::string(row.text(1)),         rights_in(row.text(2)), std::move(*limits),
                from_unix_seconds(row.number(4)), from_unix_seconds(row.number(5)), moment_in(row, 6),      moment_in(row, 7)};
}

class SqliteApiKeys final : public ApiKeys {
 public:
  SqliteApiKeys(Sqlite db, Clock& clock)
      : db_(std::move(db)), clock_(clock), find_(db_, fmt::format("SELECT {} FROM api_key WHERE id=?", kApiKeyColumns)) {}

  Result<CreatedApiKey> create(const NewApiKey& wish) override {
    const std::scoped_lock lock(mutex_);
    const auto now = clock_.now();
    if (auto fine = check_new_api_key(wish, now); !fine) return pass(fine);
    CreatedApiKey made{{"",
                        wish.name,
                        wish.rights,
                        wish.limits,
                        from_unix_seconds(unix_seconds(now)),
                        from_unix_seconds(unix_seconds(wish.expires)),
                        {},
                        {}},
                       new_api_key()};
    Query insert(db_, "INSERT INTO api_key(id, name, hash, rights, limits, created, expires) VALUES(?,?,?,?,?,?,?)");
    made.text.reveal([&](std::string_view text) {
      made.key.id = *id_of_api_key(text);
      insert.bind(made.key.id).bind(wish.name).bind_blob(hash_of_api_key(text));
    });
    insert.bind(text_of(wish.rights)).bind(text_of(wish.limits)).bind(unix_seconds(now)).bind(unix_seconds(wish.expires));
    if (auto done = insert.run(); !done) return pass(done);
    return made;
  }

  Result<std::vector<ApiKey>> list() override {
    const std::scoped_lock lock(mutex_);
    Query query(db_, fmt::format("SELECT {} FROM api_key ORDER BY number DESC", kApiKeyColumns));
    std::vector<ApiKey> out;
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) return out;
      auto key = api_key_in(query);
      if (!key) return pass(key);
      out.push_back(std::move(*key));
    }
  }

  Result<ApiKey> revoke(std::string_view id_or_name) override {
    const std::scoped_lock lock(mutex_);
    if (auto begun = db_.run("BEGIN IMMEDIATE"); !begun) return pass(begun);
    auto revoked = revoke_in_transaction(id_or_name);
    auto done = db_.run(revoked ? "COMMIT" : "ROLLBACK");
    if (revoked && !done) return pass(done);
    return revoked;
  }

  Result<ApiKey> find(std::string_view presented) override {
    const auto id = id_of_api_key(presented);
    if (!id) return fail(Errc::unauthenticated, "it is no API key, or a part of it is missing or mistyped");
    const std::string hash = hash_of_api_key(presented);
    const std::scoped_lock lock(mutex_);
    find_.bind(*id);
    auto found = find_in_row(*id, hash);
    find_.reset();  // ends the reading, so that the next one sees what others did
    if (found) note_use(*found);
    return found;
  }

 private:
  Result<ApiKey> find_in_row(std::string_view id, std::string_view hash) {
    auto there = find_.step();
    if (!there) return pass(there);
    if (!*there) return fail(Errc::unauthenticated, fmt::format("there is no API key {}", id));
    const auto kept = find_.text(8);
    if (kept.size() != hash.size() || sodium_memcmp(kept.data(), hash.data(), hash.size()) != 0)
      return fail(Errc::unauthenticated, fmt::format("it is not the secret of the API key {}", id));
    auto key = api_key_in(find_);
    if (!key) return key;
    switch (key->state(clock_.now())) {
      case ApiKey::State::revoked: return fail(Errc::unauthenticated, fmt::format("the API key {} is revoked", id));
      case ApiKey::State::expired: return fail(Errc::unauthenticated, fmt::format("the API key {} is expired", id));
      case ApiKey::State::live: break;
    }
    return key;
  }

  /// Whoever has the key gets in also where this cannot be written.
  void note_use(ApiKey& key) {
    const auto now = clock_.now();
    if (key.last_used && *key.last_used <= now && now - *key.last_used < kLastUsedEvery) return;
    Query update(db_, "UPDATE api_key SET last_used=? WHERE id=?");
    update.bind(unix_seconds(now)).bind(key.id);
    if (auto done = update.run(); !done) {
      log(LogLevel::info, fmt::format("when the API key {} was last used is not noted: {}", key.id, done.error().what));
      return;
    }
    key.last_used = from_unix_seconds(unix_seconds(now));
  }

  Result<std::string> id_of(std::string_view id_or_name) {
    Query by_id(db_, "SELECT 1 FROM api_key WHERE id=?");
    auto there = by_id.bind(id_or_name).step();
    if (!there) return pass(there);
    if (*there) return std::string(id_or_name);
    Query by_name(db_, "SELECT id FROM api_key WHERE name=? AND revoked IS NULL ORDER BY number LIMIT 10");
    by_name.bind(id_or_name);
    std::string ids, id;
    for (;;) {
      auto more = by_name.step();
      if (!more) return pass(more);
      if (!*more) break;
      id = by_name.text(0);
      ids += (ids.empty() ? "" : ", ") + id;
    }
    if (id.empty())
      return fail(Errc::not_found, "no API key that could be revoked has that id or name", "The list of keys has both.");
    if (id != ids)
      return fail(Errc::conflict, "several API keys have that name", fmt::format("Revoke them by their ids: {}", ids));
    return id;
  }

  Result<ApiKey> revoke_in_transaction(std::string_view id_or_name) {
    auto id = id_of(id_or_name);
    if (!id) return pass(id);
    Query update(db_, "UPDATE api_key SET revoked=? WHERE id=? AND revoked IS NULL");
    if (auto done = update.bind(unix_seconds(clock_.now())).bind(*id).run(); !done) return pass(done);
    Query query(db_, fmt::format("SELECT {} FROM api_key WHERE id=?", kApiKeyColumns));
    if (auto there = query.bind(*id).step(); !there) return pass(there);
    // One whose limits nobody understands can be revoked all the same.
    auto key = api_key_in(query);
    if (!key) return ApiKey{*id, std::string(query.text(1)), {}, {}, {}, {}, moment_in(query, 6), {}};
    return key;
  }

  std::mutex mutex_;
  Sqlite db_;
  Clock& clock_;
  Query find_;
};

}  // namespace

Result<std::unique_ptr<ApiKeys>> open_api_keys(const std::filesystem::path& folder, Clock& clock) {
  auto db = open_callers_db(folder, Durability::each_commit, clock);
  if (!db) return pass(db);
  return std::make_unique<SqliteApiKeys>(std::move(*db), clock);
}

}  // namespace portalkey
