#include "stores/hbase/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>
#include <utility>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"
#include "stores/hbase/attempts.hpp"
#include "stores/hbase/failure.hpp"
#include "stores/hbase/known_row.hpp"
#include "stores/hbase/options_check.hpp"
#include "stores/hbase/row_places.hpp"
#include "stores/hbase/table.hpp"

namespace tidemark::detail {

namespace {

/// Tokens must never come again, in whatever process.
std::string random_prefix() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}-", device(), device(), device());
}

std::vector<std::string> columns_of(const std::vector<const OffsetRange*>& ranges) {
  std::vector<std::string> columns{hbase_token_column};
  for (const auto* range : ranges) columns.push_back(std::to_string(range->partition.partition));
  return columns;
}

/// Newer than all that is there: what is set after a removal in the same millisecond would be removed with it.
std::int64_t after_all(const HBaseRow& row) {
  std::int64_t newest = 0;
  for (const auto& cell : row.cells) newest = std::max(newest, cell.timestamp);
  return newest + 1;
}

}  // namespace

void hbase_refuse_negative(const TopicPartition& partition, std::int64_t offset) {
  if (offset >= 0 && partition.partition >= 0) return;
  throw StoreError{fmt::format("HBase store: {} for {} [{}] is refused: neither offsets nor partitions are negative",
                               offset, stores::quoted(partition.topic), partition.partition),
                   StoreError::Retry::no};
}

HBaseStore::HBaseStore(HBaseOffsetStoreOptions options)
    : options_{hbase_checked(std::move(options))}, gateway_{options_}, token_prefix_{random_prefix()} {
  retention_ = hbase_open_table(gateway_);
}

std::vector<std::optional<std::int64_t>> HBaseStore::load(std::string_view group,
                                                          std::span<const TopicPartition> partitions) {
  HBaseRowPlaces rows{group};
  std::vector<HBaseQuestion> questions;
  std::vector<std::size_t> places;  // of each partition's row
  for (const auto& partition : partitions) {
    const auto place = places.emplace_back(rows.of(partition.topic));
    if (place == questions.size()) questions.push_back({rows.key(place), {}});
    questions[place].columns.push_back(std::to_string(partition.partition));
  }
  if (questions.empty()) return {};
  const auto found = gateway_.get(questions);
  std::vector<std::optional<std::int64_t>> next;
  for (std::size_t i = 0; i < partitions.size(); ++i)
    next.push_back(hbase_next(options_, found[places[i]], questions[places[i]].key, partitions[i].partition));
  return next;
}

std::optional<Conflict> HBaseStore::commit(std::string_view group, std::span<const OffsetRange> ranges) {
  const auto by_row = parts(group, ranges);
  if (by_row.size() > 1)
    if (auto conflict = find_conflict(by_row)) return conflict;
  for (const auto& part : by_row)
    if (auto conflict = commit_part(part)) return conflict;
  return std::nullopt;
}

std::vector<HBaseStore::Part> HBaseStore::parts(std::string_view group, std::span<const OffsetRange> ranges) const {
  HBaseRowPlaces rows{group};
  std::vector<Part> parts;
  for (const auto& range : ranges) {
    hbase_refuse_negative(range.partition, range.from);
    hbase_refuse_negative(range.partition, range.until);
    const auto place = rows.of(range.partition.topic);
    if (place == parts.size()) parts.push_back({rows.key(place), {}});
    parts[place].ranges.push_back(&range);
  }
  return parts;
}

std::optional<Conflict> HBaseStore::find_conflict(const std::vector<Part>& parts) {
  std::vector<HBaseQuestion> questions;
  for (const auto& part : parts) questions.push_back({part.key, columns_of(part.ranges)});
  const auto rows = gateway_.get(questions);
  std::optional<Conflict> first;
  const OffsetRange* at = nullptr;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto verdict = hbase_judge(hbase_known(options_, rows[i], parts[i].key, parts[i].ranges), parts[i].ranges);
    if (!verdict.conflict) continue;
    const auto* range = *std::ranges::find(parts[i].ranges, verdict.conflict->partition,
                                           [](const OffsetRange* each) { return each->partition; });
    if (at == nullptr || range < at) {  // all in the caller's array
      at = range;
      first = verdict.conflict;
    }
  }
  return first;
}

std::optional<Conflict> HBaseStore::commit_part(const Part& part) {
  auto turn = turns_.take(part.key, options_.checkout_timeout);
  auto& known = turn.known();
  HBaseAttempts attempts{part.key};
  // Without a token there is nothing yet that a change would prove.
  bool must_look = options_.look_before_commit || (known && known->token.empty());
  while (true) {
    auto verdict = known ? hbase_judge(*known, part.ranges) : HBaseVerdict{.is_known = false};
    // What is kept from earlier is proved by the change that it leads to. Where it leads to none, it has to be looked at.
    if (must_look || !verdict.is_known || verdict.conflict || verdict.moves.empty()) {
      look(known, part);
      verdict = hbase_judge(*known, part.ranges);
      if (verdict.conflict || verdict.moves.empty()) return verdict.conflict;
    }
    must_look = true;
    if (attempts.succeeded([&] { return move(*known, part, verdict.moves); })) return std::nullopt;
  }
}

void HBaseStore::look(std::optional<HBaseKnownRow>& known, const Part& part) {
  const auto columns = renews_all() ? std::vector<std::string>{} : columns_of(part.ranges);
  const auto rows = gateway_.get({{part.key, columns}});
  auto seen = hbase_known(options_, rows.front(), part.key, part.ranges);
  if (renews_all()) hbase_add_others(seen, rows.front());
  if (known && !seen.token.empty() && known->token == seen.token) seen.next.merge(known->next);
  known = std::move(seen);
}

bool HBaseStore::move(HBaseKnownRow& known, const Part& part, const Ranges& moves) {
  const auto token = new_token();
  HBaseChange change;
  for (const auto* range : moves)
    change.set.push_back({std::to_string(range->partition.partition), std::to_string(range->until)});
  if (renews_all()) {
    const auto is_moved = [&](std::int32_t partition) {
      return std::ranges::any_of(moves, [&](const auto* range) { return range->partition.partition == partition; });
    };
    for (const auto& [partition, next] : known.next)
      if (next && !is_moved(partition)) change.set.push_back({std::to_string(partition), std::to_string(*next)});
  }
  change.set.push_back({hbase_token_column, token});
  if (!gateway_.change_if(part.key, hbase_token_column, known.token, change)) return false;
  for (const auto* range : moves) known.next[range->partition.partition] = range->until;
  known.token = token;
  return true;
}

void HBaseStore::change(const std::string& key, const std::vector<std::string>& columns, const Plan& plan) {
  auto turn = turns_.take(key, options_.checkout_timeout);
  turn.known().reset();
  auto asked = columns;
  asked.emplace_back(hbase_token_column);
  HBaseAttempts attempts{key};
  std::set<std::string> ours;
  while (true) {
    const auto row = gateway_.get({{key, asked}}).front();
    const auto* stored = row.find(hbase_token_column);
    if (stored != nullptr && ours.contains(stored->value)) return;  // only the reply was lost
    auto change = plan(row);
    if (!change) return;
    const auto& token = *ours.insert(new_token()).first;
    change->set.push_back({hbase_token_column, token, change->removed.empty() ? 0 : after_all(row)});
    const auto expected = stored != nullptr ? stored->value : "";
    if (attempts.succeeded([&] { return gateway_.change_if(key, hbase_token_column, expected, *change); })) return;
  }
}

std::string HBaseStore::new_token() { return token_prefix_ + std::to_string(++tokens_); }

}  // namespace tidemark::detail
