#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <tidemark/stores/redis/options.hpp>
#include <tidemark/stores/redis/reply.hpp>

namespace tidemark::detail {

/// Which server is the master of which slot.
struct RedisLayout {
  static constexpr std::uint16_t nobody = 0xffff;

  std::vector<RedisAddress> masters;
  std::vector<std::uint16_t> master_of_slot{};  ///< An index, or nobody. Empty: the first master has all slots.

  const RedisAddress* master_of(std::uint16_t slot) const {
    if (master_of_slot.empty()) return &masters.front();
    return master_of_slot[slot] == nobody ? nullptr : &masters[master_of_slot[slot]];
  }
};

/// From the answer to CLUSTER SLOTS. Where that names no host, the one that was asked is meant.
///
/// Errors: StoreError, retryable, for what is no such answer.
RedisLayout redis_layout(const RedisReply& cluster_slots, const RedisAddress& asked);

}  // namespace tidemark::detail
