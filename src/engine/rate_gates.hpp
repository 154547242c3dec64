#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include <tidemark/rate_limit.hpp>
#include <tidemark/topic_partition.hpp>

#include "core/throttle.hpp"
#include "kafka/handles.hpp"
#include "kafka/lane.hpp"

namespace tidemark::engine {

/// Keeps each partition of a worker to a rate, without holding up the others: one that is too fast is taken off the lane, and what had
/// been read of it waits here. Then its own queue is read, as far as the rate allows, until there is nothing in it.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class RateGates {
 public:
  using TimePoint = core::Throttle::TimePoint;

  class Gate {
   public:
    /// Whether a record goes through at once. Otherwise hold() it.
    bool is_open(TimePoint now) { return !is_off_ && throttle_.is_open(now); }
    bool is_off() const { return is_off_; }
    void take(std::size_t bytes) { throttle_.take(bytes); }

   private:
    friend class RateGates;
    core::Throttle throttle_;
    std::deque<kafka::MessageHandle> held_;
    bool is_off_ = false;           // the lane
    std::size_t left_in_lane_ = 0;  // so many messages there may come before those in its own queue
  };

  explicit RateGates(kafka::Lane& lane) : lane_{lane} {}

  void set_limit(const RateLimit& limit, TimePoint now);

  /// nullptr where there is no limit. Its address holds until erase().
  Gate* of(const TopicPartition& partition, TimePoint now);
  /// Forgets the partition and what waits of it.
  void erase(const TopicPartition& partition);

  /// Whether it is too fast, so that its messages wait.
  bool is_held(const TopicPartition& partition) const {
    const auto found = gates_.find(partition);
    return found != gates_.end() && found->second.is_off_;
  }

  /// Calls `f(message)` for all that wait here.
  template <class F>
  void for_each_held(const F& f) const {
    for (const auto& [partition, gate] : gates_)
      for (const auto& message : gate.held_) f(message.get());
  }

  /// Takes over a message that came by the lane. Errors too, or they would overtake records.
  void hold(const TopicPartition& partition, Gate& gate, rd_kafka_message_t* message);

  /// So many were read from the lane, of whomever.
  void on_lane_read(std::size_t count);

  /// Hands over what may pass by now, read from the partitions' own queues only if `is_lane_seen_to`: nothing that was read of the
  /// lane waits elsewhere. `accept(message, gate)` leaves a message here by returning false, which ends it.
  template <class Accept>
  void pass(TimePoint now, bool is_lane_seen_to, const Accept& accept) {
    if (off_ == 0) return;
    for (auto& [partition, gate] : gates_) {
      while (has_next(partition, gate, now, is_lane_seen_to)) {
        if (!accept(gate.held_.front().get(), gate)) return;
        gate.held_.front().release();  // it belongs to who accepted it
        gate.held_.pop_front();
      }
    }
  }

  /// When the first of the partitions that are off the lane may go on; nullopt where there is none.
  std::optional<TimePoint> opens_at() const;

 private:
  bool has_next(const TopicPartition& partition, Gate& gate, TimePoint now, bool is_lane_seen_to);

  kafka::Lane& lane_;
  RateLimit limit_;
  std::map<TopicPartition, Gate> gates_;
  std::size_t off_ = 0;  // so many of them are off the lane
  std::vector<rd_kafka_message_t*> room_;
};

}  // namespace tidemark::engine
