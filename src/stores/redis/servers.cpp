#include "stores/redis/servers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <random>
#include <utility>

#include <tidemark/error.hpp>

#include "core/backoff.hpp"
#include "stores/common/waiting.hpp"

namespace tidemark::detail {

namespace {

StoreRetry schedule(const RedisOffsetStoreOptions& options) {
  using namespace std::chrono_literals;
  return {.first_delay = 20ms, .max_delay = 1'000ms, .give_up_after = options.checkout_timeout};
}

}  // namespace

template <class Choose>
RedisLease RedisServers::lease_with_patience(const RedisPatience& patience, Choose choose) {
  core::Backoff backoff{schedule(options_)};
  while (true) {
    std::optional<RedisAddress> chosen;
    try {
      chosen = choose();
      return RedisLease{pool(*chosen), patience};
    } catch (const StoreError& error) {
      chosen ? mark_wrong(*chosen) : forget_layout();
      if (!error.is_retryable()) throw;
      const auto delay = backoff.next(stores::Deadline::Clock::now(), std::random_device{}());
      if (!delay || *delay >= patience.waiting().left()) throw;
      stores::sleep_for(*delay);
    }
  }
}

RedisLease RedisServers::lease(std::uint16_t slot, const RedisPatience& patience) {
  return lease_with_patience(patience, [&] {
    if (const auto* master = layout(patience)->master_of(slot)) return *master;
    throw StoreError{fmt::format("Redis store: nobody in the cluster serves slot {}: see CLUSTER INFO", slot),
                     StoreError::Retry::yes};
  });
}

RedisLease RedisServers::lease_at(const RedisAddress& address, const RedisPatience& patience) {
  return RedisLease{pool(address), patience};
}

RedisAddress RedisServers::master_of(std::uint16_t slot, const RedisPatience& patience) {
  const auto* master = layout(patience)->master_of(slot);
  return master ? *master : RedisAddress{};
}

std::vector<RedisAddress> RedisServers::masters(const RedisPatience& patience) { return layout(patience)->masters; }

RedisServers::LayoutPointer RedisServers::layout(const RedisPatience& patience) {
  std::promise<LayoutPointer> asked;
  {
    std::unique_lock lock{mutex_};
    if (layout_) return layout_;
    if (const auto others = found_; others.valid()) {
      lock.unlock();
      do {
        if (others.wait_for(patience.until_next_look()) == std::future_status::ready) return others.get();
      } while (patience.has_attempts());
      stores::CallScope::check();
      throw StoreError{fmt::format("Redis store: who is the master was not found out within "
                                   "RedisOffsetStoreOptions::checkout_timeout ({} ms)",
                                   options_.checkout_timeout.count()),
                       StoreError::Retry::yes};
    }
    found_ = asked.get_future().share();
  }
  try {
    auto found = discover(patience);
    asked.set_value(found);
    return found;
  } catch (...) {
    {
      const std::lock_guard lock{mutex_};
      found_ = {};
    }
    asked.set_exception(std::current_exception());
    throw;
  }
}

RedisServers::LayoutPointer RedisServers::discover(const RedisPatience& patience) {
  auto found = std::make_shared<const RedisLayout>(discovery_.discover(patience));
  const std::lock_guard lock{mutex_};
  std::erase_if(pools_, [&](const auto& entry) {
    return std::ranges::find(found->masters, entry.first) == found->masters.end();
  });
  layout_ = found;
  found_ = {};
  return found;
}

std::shared_ptr<RedisPool> RedisServers::pool(const RedisAddress& address) {
  const std::lock_guard lock{mutex_};
  auto& pool = pools_[address];
  if (!pool) pool = std::make_shared<RedisPool>(address, options_, tls_);
  return pool;
}

void RedisServers::forget_layout() {
  const std::lock_guard lock{mutex_};
  layout_.reset();
}

void RedisServers::mark_wrong(const RedisAddress& server) {
  const std::lock_guard lock{mutex_};
  layout_.reset();
  if (const auto found = pools_.find(server); found != pools_.end()) found->second->drop_idle();
}

}  // namespace tidemark::detail
