#include "stores/redis/servers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include <tidemark/error.hpp>

#include "core/backoff.hpp"

namespace tidemark::detail {

namespace {

StoreRetry schedule(const RedisOffsetStoreOptions& options) {
  using namespace std::chrono_literals;
  return {.first_delay = 20ms, .max_delay = 1'000ms, .give_up_after = options.checkout_timeout};
}

}  // namespace

template <class Choose>
RedisLease RedisServers::lease_with_patience(Choose choose) {
  const stores::Deadline deadline{options_.checkout_timeout};
  core::Backoff backoff{schedule(options_)};
  while (true) {
    std::optional<RedisAddress> chosen;
    try {
      chosen = choose();
      return RedisLease{pool(*chosen), deadline};
    } catch (const StoreError& error) {
      chosen ? mark_wrong(*chosen) : forget_layout();
      if (!error.is_retryable()) throw;
      const auto delay = backoff.next(stores::Deadline::Clock::now(), std::random_device{}());
      if (!delay || *delay >= deadline.left()) throw;
      std::this_thread::sleep_for(*delay);
    }
  }
}

RedisLease RedisServers::lease(std::uint16_t slot) {
  return lease_with_patience([&] {
    if (const auto* master = layout()->master_of(slot)) return *master;
    throw StoreError{fmt::format("Redis store: nobody in the cluster serves slot {}: see CLUSTER INFO", slot),
                     StoreError::Retry::yes};
  });
}

RedisLease RedisServers::lease_at(const RedisAddress& address) {
  return RedisLease{pool(address), stores::Deadline{options_.checkout_timeout}};
}

RedisAddress RedisServers::master_of(std::uint16_t slot) {
  const auto* master = layout()->master_of(slot);
  return master ? *master : RedisAddress{};
}

std::vector<RedisAddress> RedisServers::masters() { return layout()->masters; }

std::shared_ptr<const RedisLayout> RedisServers::layout() {
  const auto known = [this] {
    const std::lock_guard lock{mutex_};
    return layout_;
  };
  if (auto layout = known()) return layout;
  const std::lock_guard discovering{discovering_};
  if (auto layout = known()) return layout;  // somebody else has asked meanwhile
  auto found = std::make_shared<const RedisLayout>(discovery_.discover());
  const std::lock_guard lock{mutex_};
  std::erase_if(pools_, [&](const auto& entry) {
    return std::ranges::find(found->masters, entry.first) == found->masters.end();
  });
  layout_ = found;
  return found;
}

std::shared_ptr<RedisPool> RedisServers::pool(const RedisAddress& address) {
  const std::lock_guard lock{mutex_};
  auto& pool = pools_[address];
  if (!pool) pool = std::make_shared<RedisPool>(address, options_);
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
