#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include <tidemark/stores/redis/options.hpp>

#include "stores/redis/connection.hpp"
#include "stores/redis/patience.hpp"

namespace tidemark::detail {

/// Connections to one server: so many at most, some of them kept for later.
///
/// Thread safety: shared objects safe.
class RedisPool {
 public:
  /// `options` and `tls` must outlive the pool.
  RedisPool(RedisAddress address, const RedisOffsetStoreOptions& options, RedisTlsContext& tls)
      : address_{std::move(address)}, options_{options}, tls_{tls} {
    idle_.reserve(options.max_idle_connections);  // giving back never fails
  }

  /// An idle connection that still works, or a new one.
  ///
  /// Errors: StoreError, retryable, when all are in use for too long, or the server can't be reached.
  std::unique_ptr<RedisConnection> take(const RedisPatience& patience);
  void give_back(std::unique_ptr<RedisConnection> connection);

  /// The next ones are made anew.
  void drop_idle();

  const RedisAddress& address() const { return address_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Idle {
    std::unique_ptr<RedisConnection> connection;
    Clock::time_point since;
  };

  std::unique_ptr<RedisConnection> take_idle(const RedisPatience& patience);
  void give_up_place();
  bool works(Idle& idle, const RedisPatience& patience) const;
  std::unique_ptr<RedisConnection> connect(const RedisPatience& patience) const;

  RedisAddress address_;
  const RedisOffsetStoreOptions& options_;
  RedisTlsContext& tls_;
  std::mutex mutex_;
  std::condition_variable place_;
  std::size_t in_use_ = 0;
  std::vector<Idle> idle_;
};

/// A connection on loan. It goes back by itself, unless it broke.
class RedisLease {
 public:
  RedisLease(std::shared_ptr<RedisPool> pool, const RedisPatience& patience)
      : pool_{std::move(pool)}, connection_{pool_->take(patience)} {}
  RedisLease(RedisLease&&) noexcept = default;
  RedisLease& operator=(RedisLease&&) = delete;
  ~RedisLease() {
    if (connection_) pool_->give_back(std::move(connection_));
  }

  RedisConnection& operator*() const { return *connection_; }
  RedisConnection* operator->() const { return connection_.get(); }
  const RedisAddress& address() const { return pool_->address(); }

 private:
  std::shared_ptr<RedisPool> pool_;
  std::unique_ptr<RedisConnection> connection_;
};

}  // namespace tidemark::detail
