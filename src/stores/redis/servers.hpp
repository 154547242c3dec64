#pragma once

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <tidemark/stores/redis/options.hpp>

#include "stores/redis/discovery.hpp"
#include "stores/redis/layout.hpp"
#include "stores/redis/patience.hpp"
#include "stores/redis/pool.hpp"

namespace tidemark::detail {

/// The servers of a store, and the connections to them. Knows who has which slot, and finds out anew once that was wrong.
///
/// Thread safety: shared objects safe.
/// Errors:        StoreError. What keeps a server from being reached is tried again, with growing and random pauses, until
///                RedisOffsetStoreOptions::checkout_timeout.
class RedisServers {
 public:
  /// `options` must outlive it.
  explicit RedisServers(const RedisOffsetStoreOptions& options)
      : options_{options}, tls_{options.tls}, discovery_{options, tls_} {}

  /// A connection to the master of a slot.
  RedisLease lease(std::uint16_t slot, const RedisPatience& patience);
  /// A connection to a server that another one has named.
  RedisLease lease_at(const RedisAddress& address, const RedisPatience& patience);

  /// Who has a slot, as far as is known; an address without host where nobody does.
  RedisAddress master_of(std::uint16_t slot, const RedisPatience& patience);
  /// All masters: of a cluster, or the only one.
  std::vector<RedisAddress> masters(const RedisPatience& patience);

  /// Who has which slot was wrong: find out anew before the next connection is made. Those that exist are good.
  void forget_layout();
  /// This server is not what it was taken for, or can't be reached: its idle connections are dropped, too.
  void mark_wrong(const RedisAddress& server);

 private:
  using LayoutPointer = std::shared_ptr<const RedisLayout>;

  LayoutPointer layout(const RedisPatience& patience);
  LayoutPointer discover(const RedisPatience& patience);
  std::shared_ptr<RedisPool> pool(const RedisAddress& address);
  template <class Choose>
  RedisLease lease_with_patience(const RedisPatience& patience, Choose choose);

  const RedisOffsetStoreOptions& options_;
  RedisTlsContext tls_;
  RedisDiscovery discovery_;  // of the thread that has put the future into found_
  std::mutex mutex_;          // guards what follows
  LayoutPointer layout_;
  // While one thread asks, for all: an answer, and a failure, too, or each would wait for silent servers in its turn.
  std::shared_future<LayoutPointer> found_;
  std::map<RedisAddress, std::shared_ptr<RedisPool>> pools_;
};

}  // namespace tidemark::detail
