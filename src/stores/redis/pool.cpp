#include "stores/redis/pool.hpp"

#include <fmt/format.h>

#include <utility>

#include "stores/common/text.hpp"
#include "stores/common/waiting.hpp"
#include "stores/redis/arguments.hpp"

namespace tidemark::detail {

std::unique_ptr<RedisConnection> RedisPool::take(const RedisPatience& patience) {
  {
    std::unique_lock lock{mutex_};
    const auto has_place = [&] { return in_use_ < options_.max_connections; };
    if (!stores::wait_until(place_, lock, patience.waiting(), has_place)) {
      stores::CallScope::check();
      throw StoreError{fmt::format("Redis store ({}): all {} connections were in use for longer than "
                                   "RedisOffsetStoreOptions::checkout_timeout ({} ms): raise max_connections",
                                   stores::host_and_port(address_.host, address_.port), options_.max_connections,
                                   options_.checkout_timeout.count()),
                       StoreError::Retry::yes};
    }
    ++in_use_;
  }
  try {
    if (auto connection = take_idle(patience)) return connection;
    return connect(patience);
  } catch (...) {
    give_up_place();
    throw;
  }
}

std::unique_ptr<RedisConnection> RedisPool::take_idle(const RedisPatience& patience) {
  while (true) {
    Idle idle;
    {
      const std::lock_guard lock{mutex_};
      if (idle_.empty()) return nullptr;
      idle = std::move(idle_.back());
      idle_.pop_back();
    }
    if (works(idle, patience)) return std::move(idle.connection);
  }
}

bool RedisPool::works(Idle& idle, const RedisPatience& patience) const {
  if (!idle.connection->is_quiet()) return false;
  if (Clock::now() - idle.since < options_.idle_check_after) return true;
  try {
    return !idle.connection->exchange(redis_command("PING"), 1, patience.attempt()).front().is_error();
  } catch (const StoreError&) {
    return false;  // a new one will show what is wrong
  }
}

std::unique_ptr<RedisConnection> RedisPool::connect(const RedisPatience& patience) const {
  auto connection = std::make_unique<RedisConnection>(
      address_, options_, tls_,
      RedisGreeting{options_.user, options_.password, options_.database, options_.topology == RedisTopology::sentinel},
      patience.attempt());
  if (!options_.require_durable) return connection;
  const auto durability = redis_durability(*connection, patience.attempt());
  if (!durability.is_durable())
    throw StoreError{fmt::format("Redis store ({}): refused, since RedisOffsetStoreOptions::require_durable is set: {}",
                                 connection->server(), durability.text()),
                     StoreError::Retry::no};
  return connection;
}

void RedisPool::give_back(std::unique_ptr<RedisConnection> connection) {
  if (!connection->is_broken()) {
    const std::lock_guard lock{mutex_};
    if (idle_.size() < options_.max_idle_connections) idle_.push_back({std::move(connection), Clock::now()});
  }
  connection.reset();
  give_up_place();
}

void RedisPool::give_up_place() {
  {
    const std::lock_guard lock{mutex_};
    --in_use_;
  }
  place_.notify_one();
}

void RedisPool::drop_idle() {
  std::vector<Idle> dropped;
  const std::lock_guard lock{mutex_};
  dropped.swap(idle_);
}

}  // namespace tidemark::detail
