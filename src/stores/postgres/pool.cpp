#include "stores/postgres/pool.hpp"

#include <fmt/format.h>

#include <utility>

namespace tidemark::detail {

std::unique_ptr<PostgresConnection> PostgresPool::take(const PostgresWait& wait) {
  {
    std::unique_lock lock{mutex_};
    if (!place_.wait_until(lock, wait.stop(), wait.deadline().at(), [&] { return in_use_ < options_.max_connections; }))
      throw postgres_error(
          target_,
          fmt::format("all {} connections were in use for longer than PostgresOffsetStoreOptions::timeout "
                      "({} ms) or the caller's deadline: raise max_connections to the number of workers",
                      options_.max_connections, options_.timeout.count()),
          StoreError::Retry::yes);
    ++in_use_;
  }
  try {
    if (auto connection = take_idle()) return connection;
    return std::make_unique<PostgresConnection>(target_, options_, wait);
  } catch (...) {
    give_up_place();
    throw;
  }
}

std::unique_ptr<PostgresConnection> PostgresPool::take_idle() {
  while (true) {
    std::unique_ptr<PostgresConnection> connection;
    {
      const std::lock_guard lock{mutex_};
      if (idle_.empty()) return nullptr;
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
    if (connection->is_quiet()) return connection;
  }
}

void PostgresPool::give_back(std::unique_ptr<PostgresConnection> connection) {
  if (!connection->is_broken() && connection->queued() == 0 && connection->is_idle()) {
    const std::lock_guard lock{mutex_};
    if (idle_.size() < options_.max_idle_connections) idle_.push_back(std::move(connection));
  }
  connection.reset();
  give_up_place();
}

void PostgresPool::give_up_place() {
  {
    const std::lock_guard lock{mutex_};
    --in_use_;
  }
  place_.notify_one();
}

}  // namespace tidemark::detail
