#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include <tidemark/offset_store.hpp>

namespace tidemark::test {

/// A member of a consumer group without tidemark's engine: a thread of its own keeps the membership and answers rebalances.
///
/// Thread safety: shared objects safe.
/// Errors:        std::runtime_error.
class PlainMember {
 public:
  /// Without a `topic` it joins no group, and can be given explicit partitions.
  PlainMember(const std::string& brokers, std::string group, const std::string& topic,
              std::map<std::string, std::string> properties = {});
  ~PlainMember();
  PlainMember(const PlainMember&) = delete;
  PlainMember& operator=(const PlainMember&) = delete;

  GroupSession session() const { return {group_, client_}; }

  void assign(const TopicPartition& partition);

  std::set<TopicPartition> partitions() const;

  /// While it is held no partition comes or goes, as while an engine drains.
  std::unique_lock<std::mutex> hold() const {
    const std::lock_guard turn{turn_};  // or one who holds again and again would leave the others no gap
    return std::unique_lock{mutex_};
  }
  /// For whoever holds.
  const std::set<TopicPartition>& held_partitions() const { return partitions_; }

  /// From now on the group waits for it in vain, as for a consumer that is stuck in its handler.
  void leave_rebalances_unanswered() { answers_ = false; }

 private:
  void poll();
  void take(const std::set<TopicPartition>& added);
  void give_up(const std::set<TopicPartition>& removed);
  bool is_cooperative() const;

  std::string group_;
  rd_kafka_s* client_ = nullptr;
  std::atomic<bool> answers_ = true;
  bool owes_answer_ = false;  // of the thread that polls
  mutable std::mutex turn_;
  mutable std::mutex mutex_;
  std::set<TopicPartition> partitions_;
  std::jthread poller_;
};

}  // namespace tidemark::test
