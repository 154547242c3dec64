#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "stores/postgres/connection.hpp"

namespace tidemark::detail {

/// Connections to the database: so many at most, some of them kept for later.
///
/// Thread safety: shared objects safe.
class PostgresPool {
 public:
  /// `target` and `options` must outlive the pool.
  PostgresPool(const PostgresTarget& target, const PostgresOffsetStoreOptions& options)
      : target_{target}, options_{options} {
    idle_.reserve(options.max_idle_connections);  // giving back never fails
  }

  /// An idle connection that still works, or a new one.
  ///
  /// Errors: StoreError, retryable, when all are in use for too long; what connecting throws.
  std::unique_ptr<PostgresConnection> take(const PostgresWait& wait);
  void give_back(std::unique_ptr<PostgresConnection> connection);

 private:
  std::unique_ptr<PostgresConnection> take_idle();
  void give_up_place();

  const PostgresTarget& target_;
  const PostgresOffsetStoreOptions& options_;
  std::mutex mutex_;
  std::condition_variable_any place_;
  std::size_t in_use_ = 0;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
};

/// A connection on loan. It goes back at the end, unless it broke or is in a transaction.
class PostgresLease {
 public:
  PostgresLease(PostgresPool& pool, const PostgresWait& wait) : pool_{&pool}, connection_{pool.take(wait)} {}
  PostgresLease(PostgresLease&&) noexcept = default;
  PostgresLease& operator=(PostgresLease&&) = delete;
  ~PostgresLease() {
    if (connection_) pool_->give_back(std::move(connection_));
  }

  PostgresConnection& operator*() const { return *connection_; }
  PostgresConnection* operator->() const { return connection_.get(); }

 private:
  PostgresPool* pool_;
  std::unique_ptr<PostgresConnection> connection_;
};

}  // namespace tidemark::detail
