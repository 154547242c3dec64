#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <tidemark/consumer_state.hpp>

namespace tidemark::engine {

/// What the control thread knows of the consumer's state, where any thread can look it up.
///
/// Thread safety: shared objects safe.
class PublishedState {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Trouble {
    PartitionPhase phase = PartitionPhase::parked;
    std::string why;
  };

  struct Content {
    ConsumerPhase phase = ConsumerPhase::connecting;
    TimePoint since{};
    std::vector<ConsumerWait> waits;
    std::map<TopicPartition, Trouble> troubles;  // partitions that are not simply read
  };

  explicit PublishedState(TimePoint now) { content_.since = now; }

  void set_phase(ConsumerPhase phase, TimePoint since) {
    const std::lock_guard lock{mutex_};
    content_.phase = phase;
    content_.since = since;
  }
  void set(std::vector<ConsumerWait> waits, std::map<TopicPartition, Trouble> troubles) {
    const std::lock_guard lock{mutex_};
    content_.waits = std::move(waits);
    content_.troubles = std::move(troubles);
  }

  Content content() const {
    const std::lock_guard lock{mutex_};
    return content_;
  }

 private:
  mutable std::mutex mutex_;
  Content content_;
};

}  // namespace tidemark::engine
