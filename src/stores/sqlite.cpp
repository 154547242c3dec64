#include <tidemark/stores/sqlite.hpp>

#include <tidemark/transactional_store.hpp>

#include <utility>

#include "stores/common/call_scope.hpp"
#include "stores/sqlite/database.hpp"
#include "stores/sqlite/write_transaction.hpp"

namespace tidemark {

static_assert(TransactionalStore<SqliteOffsetStore>);

SqliteOffsetStore::SqliteOffsetStore(SqliteOffsetStoreOptions options)
    : database_{std::make_unique<detail::SqliteDatabase>(std::move(options))} {}

SqliteOffsetStore::SqliteOffsetStore(std::filesystem::path path)
    : SqliteOffsetStore{SqliteOffsetStoreOptions{.path = std::move(path)}} {}

SqliteOffsetStore::~SqliteOffsetStore() = default;

std::vector<std::optional<std::int64_t>> SqliteOffsetStore::load(const GroupSession& session,
                                                                 std::span<const TopicPartition> partitions) {
  const stores::CallScope scope{session};
  return database_->read([&](auto&, detail::SqliteOffsetTable& offsets) {
    std::vector<std::optional<std::int64_t>> found;
    found.reserve(partitions.size());
    for (const auto& partition : partitions) found.push_back(offsets.find(session.group, partition));
    return found;
  });
}

std::optional<Conflict> SqliteOffsetStore::commit(const GroupSession& session, std::span<const OffsetRange> ranges) {
  if (ranges.empty()) return std::nullopt;
  const stores::CallScope scope{session};
  detail::SqliteWriteTransaction transaction{*database_};
  const auto moves = transaction.offsets().move(session.group, ranges);
  if (moves.conflict) return moves.conflict;
  if (moves.moved > 0) transaction.commit();
  return std::nullopt;
}

std::vector<std::string> SqliteOffsetStore::groups() {
  return database_->read([](auto&, detail::SqliteOffsetTable& offsets) { return offsets.groups(); });
}

std::vector<StoredOffset> SqliteOffsetStore::list(std::string_view group) {
  return database_->read([&](auto&, detail::SqliteOffsetTable& offsets) { return offsets.list(group); });
}

void SqliteOffsetStore::overwrite(std::string_view group, std::span<const StoredOffset> offsets) {
  detail::SqliteWriteTransaction transaction{*database_};
  transaction.offsets().overwrite(group, offsets);
  transaction.commit();
}

void SqliteOffsetStore::erase(std::string_view group, std::span<const TopicPartition> partitions) {
  detail::SqliteWriteTransaction transaction{*database_};
  transaction.offsets().erase(group, partitions);
  transaction.commit();
}

SqliteOffsetStore::Transaction SqliteOffsetStore::begin(const GroupSession& session,
                                                        std::span<const OffsetRange> ranges) {
  return Transaction{*database_, session, ranges};
}

std::int64_t SqliteOffsetStore::execute_with(std::string_view sql, std::span<const SqliteValue> values) {
  detail::SqliteWriteTransaction transaction{*database_};
  const auto changed = transaction.connection().execute(sql, values);
  transaction.commit();
  return changed;
}

std::vector<SqliteRow> SqliteOffsetStore::query_with(std::string_view sql, std::span<const SqliteValue> values) {
  return database_->read([&](detail::SqliteConnection& connection, auto&) { return connection.query(sql, values); });
}

}  // namespace tidemark
