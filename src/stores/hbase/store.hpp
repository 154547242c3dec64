#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_range.hpp>
#include <tidemark/stores/hbase/options.hpp>
#include <tidemark/stores/hbase/retention.hpp>

#include "stores/hbase/gateway.hpp"
#include "stores/hbase/row_turns.hpp"

namespace tidemark::detail {

/// The store, and what its catalog needs of it. A row is changed by comparing its token and replacing it; what came of a change whose
/// reply was lost is read back. A request that arrives late compares a token that is gone by then, and changes nothing.
///
/// Thread safety: shared objects safe.
class HBaseStore {
 public:
  explicit HBaseStore(HBaseOffsetStoreOptions options);

  std::vector<std::optional<std::int64_t>> load(std::string_view group, std::span<const TopicPartition> partitions);
  std::optional<Conflict> commit(std::string_view group, std::span<const OffsetRange> ranges);

  /// Changes a row whatever it holds. `plan` is given the row, with these columns and the token, and says what to do: nothing, where it
  /// returns nullopt. The token is added. May be asked again, where others changed the row meanwhile or a reply was lost.
  using Plan = std::function<std::optional<HBaseChange>(const HBaseRow&)>;
  void change(const std::string& key, const std::vector<std::string>& columns, const Plan& plan);

  HBaseGateway& gateway() { return gateway_; }
  const HBaseOffsetStoreOptions& options() const { return options_; }
  const HBaseRetention& retention() const { return retention_; }

 private:
  using Ranges = std::vector<const OffsetRange*>;
  struct Part {
    std::string key;
    Ranges ranges;
  };

  std::vector<Part> parts(std::string_view group, std::span<const OffsetRange> ranges) const;
  /// The first conflict that a look at all rows finds.
  std::optional<Conflict> find_conflict(const std::vector<Part>& parts);
  std::optional<Conflict> commit_part(const Part& part);
  void look(std::optional<HBaseKnownRow>& known, const Part& part);
  bool move(HBaseKnownRow& known, const Part& part, const Ranges& moves);
  std::string new_token();
  /// Whether cells may expire. Then each change of a row writes all its offsets anew, as the token proves them: or the offset of a partition in
  /// which nothing happens would expire while the group commits others all the time, and it would be read from the beginning.
  bool renews_all() const { return !retention_.keeps_offsets(); }

  const HBaseOffsetStoreOptions options_;
  HBaseGateway gateway_;
  HBaseRetention retention_;
  HBaseRowTurns turns_;
  const std::string token_prefix_;
  std::atomic<std::uint64_t> tokens_{0};
};

/// Errors: StoreError, not retryable, for an offset or a partition that cannot be.
void hbase_refuse_negative(const TopicPartition& partition, std::int64_t offset);

}  // namespace tidemark::detail
