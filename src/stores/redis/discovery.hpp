#pragma once

#include <cstddef>
#include <vector>

#include <tidemark/stores/redis/options.hpp>

#include "stores/redis/layout.hpp"
#include "stores/redis/patience.hpp"
#include "stores/redis/tls/session.hpp"

namespace tidemark::detail {

/// Finds out which servers to talk to: asks Sentinels or nodes of the cluster, over a connection of its own.
///
/// Thread safety: shared objects unsafe.
class RedisDiscovery {
 public:
  /// `options` and `tls` must outlive it.
  RedisDiscovery(const RedisOffsetStoreOptions& options, RedisTlsContext& tls);

  /// Whoever answered last is asked first.
  ///
  /// Errors: StoreError, retryable when nobody could be reached in time.
  RedisLayout discover(const RedisPatience& patience);

 private:
  RedisLayout ask_sentinels(const RedisPatience& patience);
  RedisLayout ask_nodes(const RedisPatience& patience);
  template <class Ask>
  RedisLayout first_answer(const RedisPatience& patience, Ask ask);

  const RedisOffsetStoreOptions& options_;
  RedisTlsContext& tls_;
  std::vector<RedisAddress> whom_to_ask_;
};

}  // namespace tidemark::detail
