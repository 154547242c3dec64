#include <tidemark/stores/postgres.hpp>

#include <tidemark/transactional_store.hpp>

#include <fmt/format.h>

#include <utility>

#include "stores/common/text.hpp"
#include "stores/postgres/database.hpp"
#include "stores/postgres/settlement.hpp"

namespace tidemark {

static_assert(TransactionalStore<PostgresOffsetStore>);

PostgresOffsetStore::PostgresOffsetStore(PostgresOffsetStoreOptions options)
    : database_{std::make_unique<detail::PostgresDatabase>(std::move(options))} {}

PostgresOffsetStore::PostgresOffsetStore(std::string connection)
    : PostgresOffsetStore{PostgresOffsetStoreOptions{.connection = std::move(connection)}} {}

PostgresOffsetStore::~PostgresOffsetStore() = default;

std::vector<std::optional<std::int64_t>> PostgresOffsetStore::load(const GroupSession& session,
                                                                   std::span<const TopicPartition> partitions) {
  if (partitions.empty()) return {};
  const auto wait = database_->wait(session);
  const auto connection = database_->lease(wait);
  return database_->offsets().load(*connection, session.group, partitions, wait);
}

std::optional<Conflict> PostgresOffsetStore::commit(const GroupSession& session, std::span<const OffsetRange> ranges) {
  if (ranges.empty()) return std::nullopt;
  auto& offsets = database_->offsets();
  offsets.check(database_->target(), session.group, ranges);
  const auto wait = database_->wait(session);
  const auto connection = database_->lease(wait);
  std::vector<OffsetRange> left{ranges.begin(), ranges.end()};
  std::vector<TopicPartition> partitions;
  constexpr int most_attempts = 10;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    offsets.send_commit(*connection, session.group, left, {}, wait);
    const auto reply = connection->collect(wait);
    if (!reply.front().is_error()) {
      detail::refuse_standby_warning(*connection);
      return std::nullopt;
    }
    if (!detail::is_comparison_failure(reply.front()))
      throw offsets.failure(database_->target(), "cannot commit", reply.front());
    if (partitions.empty())
      for (const auto& range : ranges) partitions.push_back(range.partition);
    const auto stored = offsets.load(*connection, session.group, partitions, wait);
    if (detail::all_done(ranges, stored)) return std::nullopt;
    if (auto conflict = detail::conflict_in(ranges, stored)) return conflict;
    // Some are done, or were created or erased meanwhile: those that are done must stay so while the others move.
    for (std::size_t i = 0; i < left.size(); ++i)
      left[i].from = stored[i] == ranges[i].until ? ranges[i].until : ranges[i].from;
  }
  throw detail::postgres_error(
      database_->target(),
      fmt::format("the offsets of group {} were changed by others each time that they were compared",
                  stores::quoted(session.group)),
      StoreError::Retry::yes);
}

std::vector<std::string> PostgresOffsetStore::groups() {
  const auto wait = database_->wait();
  const auto connection = database_->lease(wait);
  return database_->offsets().groups(*connection, wait);
}

std::vector<StoredOffset> PostgresOffsetStore::list(std::string_view group) {
  const auto wait = database_->wait();
  const auto connection = database_->lease(wait);
  return database_->offsets().list(*connection, group, wait);
}

void PostgresOffsetStore::overwrite(std::string_view group, std::span<const StoredOffset> offsets) {
  const auto wait = database_->wait();
  const auto connection = database_->lease(wait);
  database_->offsets().overwrite(*connection, group, offsets, wait);
  detail::refuse_standby_warning(*connection);
}

void PostgresOffsetStore::erase(std::string_view group, std::span<const TopicPartition> partitions) {
  const auto wait = database_->wait();
  const auto connection = database_->lease(wait);
  database_->offsets().erase(*connection, group, partitions, wait);
  detail::refuse_standby_warning(*connection);
}

PostgresOffsetStore::Transaction PostgresOffsetStore::begin(const GroupSession& session,
                                                            std::span<const OffsetRange> ranges) {
  return Transaction{*database_, session.group, ranges};
}

std::int64_t PostgresOffsetStore::execute_with(std::string_view sql, std::span<const PostgresValue> values) {
  const auto wait = database_->wait();
  const auto connection = database_->lease(wait);
  const auto reply = connection->run(sql, values, wait);
  if (reply.is_error())
    throw detail::postgres_failure(database_->target(), "a statement failed",
                                   detail::postgres_report(reply.result.get()), sql);
  detail::refuse_standby_warning(*connection);
  return reply.changed_rows();
}

std::vector<PostgresRow> PostgresOffsetStore::query_with(std::string_view sql, std::span<const PostgresValue> values) {
  const auto wait = database_->wait();
  const auto connection = database_->lease(wait);
  const auto reply = connection->run(sql, values, wait);
  if (reply.is_error())
    throw detail::postgres_failure(database_->target(), "a query failed", detail::postgres_report(reply.result.get()),
                                   sql);
  return detail::rows_of(reply);
}

std::vector<StoredOffset> read_postgres_offsets(PostgresOffsetStore& store, std::string_view query) {
  std::vector<StoredOffset> offsets;
  const auto rows = store.query(query);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto refuse = [&](std::string_view why) {
      throw StoreError{fmt::format("row {} of {} {}: select a topic, a partition and the next offset to read", row + 1,
                                   stores::quoted(query), why),
                       StoreError::Retry::no};
    };
    if (rows[row].size() != 3) refuse(fmt::format("has {} columns", rows[row].size()));
    const auto text = [&](std::size_t column) {
      return rows[row].get<std::optional<std::string_view>>(column).value_or("");
    };
    const auto partition = stores::partition_in(text(1));
    const auto next = stores::offset_in(text(2));
    if (text(0).empty()) refuse("names no topic");
    if (!partition) refuse(fmt::format("holds {}, which is not a partition", stores::quoted(text(1))));
    if (!next) refuse(fmt::format("holds {}, which is not an offset", stores::quoted(text(2))));
    offsets.push_back({{std::string{text(0)}, *partition}, *next});
  }
  return offsets;
}

}  // namespace tidemark
