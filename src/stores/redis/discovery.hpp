#pragma once

#include <cstddef>
#include <vector>

#include <tidemark/stores/redis/options.hpp>

#include "stores/redis/layout.hpp"

namespace tidemark::detail {

/// Finds out which servers to talk to: asks Sentinels or nodes of the cluster, over a connection of its own.
///
/// Thread safety: shared objects unsafe.
class RedisDiscovery {
 public:
  /// `options` must outlive it.
  explicit RedisDiscovery(const RedisOffsetStoreOptions& options);

  /// Whoever answered last is asked first.
  ///
  /// Errors: StoreError, retryable when nobody could be reached.
  RedisLayout discover();

 private:
  RedisLayout ask_sentinels();
  RedisLayout ask_nodes();
  template <class Ask>
  RedisLayout first_answer(Ask ask);

  const RedisOffsetStoreOptions& options_;
  std::vector<RedisAddress> whom_to_ask_;
};

}  // namespace tidemark::detail
