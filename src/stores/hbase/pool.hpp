#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include <tidemark/stores/hbase/options.hpp>

#include "stores/hbase/connection.hpp"

namespace tidemark::detail {

/// Connections to the gateway: so many at most, and those that are idle are kept for later.
///
/// Thread safety: shared objects safe.
class HBasePool {
 public:
  /// `options` must outlive the pool.
  explicit HBasePool(const HBaseOffsetStoreOptions& options) : options_{options} {}

  /// What `call(client)` returns, on a connection that nobody else uses meanwhile. A connection that failed is closed.
  ///
  /// Errors: as HBaseConnection's; StoreError, retryable, when all connections are in use for `checkout_timeout`, or none can be made.
  template <class Call>
  auto ask(std::string_view action, std::chrono::milliseconds timeout, Call call) {
    const Lease lease{*this};
    return lease.connection->ask(action, timeout, call);
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Idle {
    std::unique_ptr<HBaseConnection> connection;
    Clock::time_point since;
  };
  struct Lease {
    explicit Lease(HBasePool& its) : pool{its}, connection{its.take()} {}
    ~Lease() { pool.give_back(std::move(connection)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    HBasePool& pool;
    std::unique_ptr<HBaseConnection> connection;
  };

  std::unique_ptr<HBaseConnection> take();
  std::unique_ptr<HBaseConnection> take_idle();
  void give_back(std::unique_ptr<HBaseConnection> connection) noexcept;
  void give_up_place() noexcept;

  const HBaseOffsetStoreOptions& options_;
  std::mutex mutex_;
  std::condition_variable place_;
  std::size_t in_use_ = 0;
  std::vector<Idle> idle_;
};

}  // namespace tidemark::detail
