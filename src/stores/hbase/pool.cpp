#include "stores/hbase/pool.hpp"

#include <fmt/format.h>

#include <utility>

#include "stores/common/waiting.hpp"
#include "stores/hbase/failure.hpp"

namespace tidemark::detail {

std::unique_ptr<HBaseConnection> HBasePool::take() {
  {
    std::unique_lock lock{mutex_};
    idle_.reserve(options_.max_connections);  // so that giving back never fails
    const auto has_place = [&] { return in_use_ < options_.max_connections; };
    if (!stores::wait_until(place_, lock, stores::Deadline{options_.checkout_timeout}, has_place)) {
      stores::CallScope::check();
      throw StoreError{
          hbase_message(options_,
                        fmt::format("all {} connections were in use for longer than "
                                    "HBaseOffsetStoreOptions::checkout_timeout ({} ms): raise max_connections",
                                    options_.max_connections, options_.checkout_timeout.count())),
          StoreError::Retry::yes};
    }
    ++in_use_;
  }
  try {
    if (auto connection = take_idle()) return connection;
    return std::make_unique<HBaseConnection>(options_);
  } catch (...) {
    give_up_place();
    throw;
  }
}

std::unique_ptr<HBaseConnection> HBasePool::take_idle() {
  std::vector<Idle> dropped;  // closed without the lock
  const std::lock_guard lock{mutex_};
  while (!idle_.empty()) {
    auto idle = std::move(idle_.back());
    idle_.pop_back();
    if (Clock::now() - idle.since < options_.max_idle_time && idle.connection->is_quiet())
      return std::move(idle.connection);
    dropped.push_back(std::move(idle));
  }
  return nullptr;
}

void HBasePool::give_back(std::unique_ptr<HBaseConnection> connection) noexcept {
  if (connection->is_quiet()) {
    const std::lock_guard lock{mutex_};
    idle_.push_back({std::move(connection), Clock::now()});
  }
  connection.reset();
  give_up_place();
}

void HBasePool::give_up_place() noexcept {
  {
    const std::lock_guard lock{mutex_};
    --in_use_;
  }
  place_.notify_one();
}

}  // namespace tidemark::detail
