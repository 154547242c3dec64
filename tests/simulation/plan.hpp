#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <tidemark/options.hpp>

#include "cluster/coordinator.hpp"

namespace simulation {

enum class Fault {
  join,
  leave,
  crash,
  freeze,
  expel,
  rebalance,
  fatal_error,
  destroy,
  broker_outage,
  store_outage,
  store_fails_after,
  store_slow,
  reset_back,
  reset_forward,
  handler_throws,
  handler_slow,
  delete_records,
  compact,
  recreate,
  grow,
  pause,
  no_leader,
  clock_back,
  clock_forward,
  remake,
  damage,
  truncate,
};
inline constexpr std::size_t fault_kinds = 27;

std::string_view name_of(Fault fault);

/// What a run is to be, drawn from its seed.
struct Plan {
  explicit Plan(std::uint64_t seed);

  /// For a member's next life.
  tidemark::ConsumerOptions options(Random& random) const;

  /// Handlers fail whenever such a record is in the batch.
  bool is_poison(std::int64_t offset) const { return has_poison && offset % 53 == 17; }
  bool is_rejected(std::int64_t offset) const { return has_rejects && offset % 31 == 11; }
  /// Where batches are set aside as a whole, whatever was in them is.
  bool may_be_dead(std::int64_t offset) const {
    return is_rejected(offset) || is_poison(offset) || handler_retry.when_exhausted != tidemark::WhenExhausted::stop;
  }

  std::uint64_t seed;
  std::size_t preemption = 0;
  Coordinator::Settings group;
  int librdkafka = 0;             ///< Its version, as rd_kafka_version() gives it.
  bool is_explicit = false;       ///< Partitions are named, without group membership.
  bool is_transactional = false;  ///< Results and offsets move together.
  bool gives_up = false;          ///< Handlers stop early when asked to.
  std::size_t members = 1;
  std::size_t topics = 1;
  std::size_t partitions = 1;  ///< Of each topic.
  std::size_t records = 1'000;
  std::size_t backlog = 0;             ///< Records there are before the first member.
  bool begins_without_leader = false;  ///< One partition has no leader when the first member comes.
  tidemark::BatchLimits batch;
  std::size_t max_uncommitted = 1;
  enum class Start { earliest, latest, timestamp, offsets } start = Start::earliest;
  tidemark::OutOfRangePolicy out_of_range = tidemark::OutOfRangePolicy::earliest;
  tidemark::UnreadablePolicy unreadable = tidemark::UnreadablePolicy::fail;
  tidemark::GapPolicy gaps = tidemark::GapPolicy::ignore;  ///< With `fail` there are none but by damage.
  std::chrono::milliseconds drain_timeout{};
  std::chrono::milliseconds handler_grace_period{};
  std::chrono::milliseconds stop_timeout{};
  std::chrono::milliseconds handler_timeout{};
  tidemark::StoreRetry retry;
  tidemark::HandlerRetry handler_retry;
  bool has_poison = false;
  bool has_rejects = false;
  tidemark::RateLimit rate_limit;
  tidemark::RateLimit partition_rate_limit;
  std::chrono::milliseconds store_poll_interval{};
  std::chrono::milliseconds lag_interval{};
  std::chrono::microseconds store_latency{};  ///< Up to that, mostly.
  std::chrono::microseconds handler_time{};   ///< The same for a batch.
  std::vector<Fault> faults;

 private:
  void draw_handling(Random& random);
};

}  // namespace simulation
