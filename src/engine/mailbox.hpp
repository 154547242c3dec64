#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <tidemark/topic_partition.hpp>

#include "core/claim.hpp"
#include "core/obstacle.hpp"
#include "core/starts.hpp"
#include "engine/outside.hpp"

namespace tidemark::engine {

/// What other threads tell the control thread.
namespace message {

/// Brokers and topics are there: reading may begin.
struct Ready {};

struct Loaded {
  std::uint64_t ticket = 0;
  core::Starts starts;
};

struct Reloaded {
  std::uint64_t ticket = 0;
  core::Starts starts;
};

/// What the store holds for partitions that rested when it was asked: a list for each worker. Empty: it did not answer.
struct Looked {
  std::vector<std::vector<core::Claim>> resting;
  std::vector<std::optional<std::int64_t>> stored;  ///< In that order.
};

/// What was missing outside, and is there again.
struct Found {
  Outside::Found found;
};

/// Read these topics from now on.
struct Subscribe {
  std::vector<std::string> topics;
};

/// A worker has nothing of these partitions in hand any more.
struct Released {
  std::vector<TopicPartition> partitions;
};

/// A worker stopped reading the partition: because of a conflict, or of an obstacle.
struct Parked {
  TopicPartition partition;
  std::int64_t committed = 0;
  std::optional<core::Obstacle> obstacle;
};

/// A worker cannot go on.
struct Failed {
  std::exception_ptr error;
};

/// What was asked of the background thread cannot be done. Of no interest once we are stopping.
struct BackgroundFailed {
  std::exception_ptr error;
};

}  // namespace message

using Message =
    std::variant<message::Ready, message::Loaded, message::Reloaded, message::Looked, message::Found,
                 message::Subscribe, message::Released, message::Parked, message::Failed, message::BackgroundFailed>;

/// Messages to the control thread, which is woken for each.
///
/// Thread safety: shared objects safe.
class Mailbox {
 public:
  explicit Mailbox(std::function<void()> wake) : wake_{std::move(wake)} {}

  void post(Message message) {
    {
      const std::lock_guard lock{mutex_};
      messages_.push_back(std::move(message));
    }
    wake_();
  }

  std::vector<Message> take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(messages_, {});
  }

 private:
  std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<Message> messages_;
};

}  // namespace tidemark::engine
