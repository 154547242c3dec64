#include "stores/postgres/offset_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "stores/common/text.hpp"
#include "stores/common/values_check.hpp"

namespace tidemark::detail {

namespace {

/// The places of the items in the order of topic and partition: all callers lock rows in that order, or two could wait for each other.
template <class Item, class PartitionOf>
std::vector<const Item*> in_order(std::span<const Item> items, PartitionOf partition_of) {
  std::vector<const Item*> order(items.size());
  std::ranges::transform(items, order.begin(), [](const Item& item) { return &item; });
  std::ranges::stable_sort(
      order, [&](const Item* left, const Item* right) { return partition_of(*left) < partition_of(*right); });
  return order;
}

std::string array_of(const auto& items, auto value_of) {
  std::string array = "{";
  for (const auto* item : items) {
    if (array.size() > 1) array += ',';
    fmt::format_to(std::back_inserter(array), "{}", value_of(*item));
  }
  return array + '}';
}

template <class Item, class PartitionOf>
std::vector<PostgresValue> partitions_of(const std::vector<const Item*>& items, PartitionOf partition_of) {
  std::vector<std::string_view> topics;
  topics.reserve(items.size());
  for (const auto* item : items) topics.emplace_back(partition_of(*item).topic);
  return {PostgresValue{topics}, array_of(items, [&](const Item& item) { return partition_of(item).partition; })};
}

const TopicPartition& itself(const TopicPartition& partition) { return partition; }

}  // namespace

PostgresReply PostgresOffsetTable::run(PostgresConnection& connection, std::string_view what, const std::string& sql,
                                       std::vector<PostgresValue> values, std::string_view group,
                                       const PostgresWait& wait) {
  check_group(connection.target(), group);
  if (sql_.has_group) values.emplace_back(group);
  auto reply = connection.run(sql, values, wait);
  if (reply.is_error()) throw failure(connection.target(), what, reply);
  return reply;
}

std::vector<std::optional<std::int64_t>> PostgresOffsetTable::load(PostgresConnection& connection,
                                                                   std::string_view group,
                                                                   std::span<const TopicPartition> partitions,
                                                                   const PostgresWait& wait) {
  std::vector<std::optional<std::int64_t>> offsets(partitions.size());
  if (partitions.empty()) return offsets;
  std::vector<const TopicPartition*> asked;
  for (const auto& partition : partitions) asked.push_back(&partition);
  const auto reply = run(connection, "cannot load offsets", sql_.load, partitions_of(asked, &itself), group, wait);
  if (reply.rows() != static_cast<int>(partitions.size()))
    throw postgres_error(
        connection.target(),
        fmt::format("the table {} has several rows for a partition: it needs a unique index on group, topic "
                    "and partition",
                    sql_.table),
        StoreError::Retry::no);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const auto row = static_cast<int>(i);
    if (reply.field(row, 1) == "t") offsets[i] = offset_in(connection.target(), reply, row, 0, group, partitions[i]);
  }
  return offsets;
}

void PostgresOffsetTable::check(const PostgresTarget& target, std::string_view group,
                                std::span<const OffsetRange> ranges) {
  check_group(target, group);
  const auto refuse = [&](const TopicPartition& partition, std::string_view why) {
    throw postgres_error(target,
                         fmt::format("cannot commit group {}, topic {}, partition {}: {}; nothing was changed",
                                     stores::quoted(group), stores::quoted(partition.topic), partition.partition, why),
                         StoreError::Retry::no);
  };
  for (const auto& range : ranges) {
    stores::check_offset(range.partition, range.from, refuse);
    stores::check_offset(range.partition, range.until, refuse);
  }
  stores::check_distinct(ranges, refuse);
}

void PostgresOffsetTable::send_commit(PostgresConnection& connection, std::string_view group,
                                      std::span<const OffsetRange> ranges, std::string_view token,
                                      const PostgresWait& wait) {
  const auto ordered = in_order(ranges, [](const OffsetRange& range) -> const auto& { return range.partition; });
  auto values = partitions_of(ordered, [](const OffsetRange& range) -> const auto& { return range.partition; });
  values.emplace_back(array_of(ordered, [](const OffsetRange& range) { return range.from; }));
  values.emplace_back(array_of(ordered, [](const OffsetRange& range) { return range.until; }));
  values.emplace_back(ranges.size());
  values.emplace_back(token);
  if (sql_.has_group) values.emplace_back(group);
  connection.send(sql_.commit, values, wait);
}

std::vector<std::string> PostgresOffsetTable::groups(PostgresConnection& connection, const PostgresWait& wait) {
  if (!sql_.has_group)
    throw postgres_error(
        connection.target(),
        fmt::format("the table {} has no column for the group (PostgresTable::group is empty), so nothing "
                    "tells whose its offsets are: list them for the group that it was made for",
                    sql_.table),
        StoreError::Retry::no);
  const auto reply = connection.run(sql_.groups, {}, wait);
  if (reply.is_error()) throw failure(connection.target(), "cannot list the groups", reply);
  std::vector<std::string> names;
  for (int row = 0; row < reply.rows(); ++row) names.emplace_back(reply.field(row, 0).value_or(""));
  return names;
}

std::vector<StoredOffset> PostgresOffsetTable::list(PostgresConnection& connection, std::string_view group,
                                                    const PostgresWait& wait) {
  const auto reply = run(connection, "cannot list offsets", sql_.list, {}, group, wait);
  std::vector<StoredOffset> offsets;
  for (int row = 0; row < reply.rows(); ++row) {
    const auto partition = stores::partition_in(reply.field(row, 1).value_or(""));
    if (!partition || !reply.field(row, 0))
      throw postgres_error(
          connection.target(),
          fmt::format("a row of group {} in {} has {} as its partition: correct or delete the row",
                      stores::quoted(group), sql_.table, stores::quoted(reply.field(row, 1).value_or("NULL"))),
          StoreError::Retry::no);
    TopicPartition found{std::string{*reply.field(row, 0)}, *partition};
    const auto next = offset_in(connection.target(), reply, row, 2, group, found);
    offsets.push_back({std::move(found), next});
  }
  return offsets;
}

void PostgresOffsetTable::overwrite(PostgresConnection& connection, std::string_view group,
                                    std::span<const StoredOffset> offsets, const PostgresWait& wait) {
  const auto refuse = [&](const TopicPartition& partition, std::string_view why) {
    throw postgres_error(connection.target(),
                         fmt::format("cannot overwrite group {}, topic {}, partition {}: {}; nothing was changed",
                                     stores::quoted(group), stores::quoted(partition.topic), partition.partition, why),
                         StoreError::Retry::no);
  };
  for (const auto& offset : offsets) stores::check_offset(offset.partition, offset.next, refuse);
  stores::check_distinct(offsets, refuse);
  if (offsets.empty()) return;
  const auto ordered = in_order(offsets, [](const StoredOffset& offset) -> const auto& { return offset.partition; });
  auto values = partitions_of(ordered, [](const StoredOffset& offset) -> const auto& { return offset.partition; });
  values.emplace_back(array_of(ordered, [](const StoredOffset& offset) { return offset.next; }));
  run(connection, "cannot overwrite offsets", sql_.overwrite, std::move(values), group, wait);
}

void PostgresOffsetTable::erase(PostgresConnection& connection, std::string_view group,
                                std::span<const TopicPartition> partitions, const PostgresWait& wait) {
  if (partitions.empty()) return;
  run(connection, "cannot erase offsets", sql_.erase, partitions_of(in_order(partitions, &itself), &itself), group,
      wait);
}

std::int64_t PostgresOffsetTable::offset_in(const PostgresTarget& target, const PostgresReply& reply, int row,
                                            int column, std::string_view group, const TopicPartition& partition) const {
  const auto text = reply.field(row, column);
  if (const auto offset = stores::offset_in(text.value_or(""))) return *offset;
  throw postgres_error(
      target,
      fmt::format("the row of group {}, topic {}, partition {} in {} holds {}, which is not an offset: correct "
                  "or delete the row",
                  stores::quoted(group), stores::quoted(partition.topic), partition.partition, sql_.table,
                  text.value_or("NULL")),
      StoreError::Retry::no);
}

void PostgresOffsetTable::check_group(const PostgresTarget& target, std::string_view group) {
  if (sql_.has_group) return;
  const std::lock_guard lock{mutex_};
  if (!only_group_) only_group_ = group;
  if (*only_group_ != group)
    throw postgres_error(
        target,
        fmt::format("the table {} has no column for the group (PostgresTable::group is empty), so it serves "
                    "one group, {}, and not {} as well: name the column, or give each group a table",
                    sql_.table, stores::quoted(*only_group_), stores::quoted(group)),
        StoreError::Retry::no);
}

StoreError PostgresOffsetTable::failure(const PostgresTarget& target, std::string_view what,
                                        const PostgresReply& reply) const {
  auto report = postgres_report(reply.result.get());
  if (report.sqlstate == sqlstate::undefined_table || report.sqlstate == sqlstate::undefined_column)
    report.message +=
        fmt::format("; the table is not as it was when the store was opened: create it with {}", sql_.create);
  return postgres_failure(target, fmt::format("{} in {}", what, sql_.table), report);
}

}  // namespace tidemark::detail
