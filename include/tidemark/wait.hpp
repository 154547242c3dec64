#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <tidemark/export.hpp>

namespace tidemark {

/// What a consumer can wait for.
enum class WaitKind {
  brokers,       ///< No broker answers.
  coordinator,   ///< Brokers answer, but the group's coordinator does not.
  leader,        ///< Brokers answer, but no leader of the explicit partitions does.
  topic,         ///< A subscribed topic does not exist.
  dead_letters,  ///< The dead-letter sink is not ready, or does not take letters.
  group,         ///< The group has not given this member an assignment yet.
  starts,        ///< Kafka cannot tell where partitions start.
  store,         ///< The offset store does not answer, or fails and is tried again.
  right,         ///< The brokers' access rules do not let this user read a topic.
  unreadable,    ///< The next batch of a partition cannot be read.
  records,       ///< Kafka has records of a partition, but sends none.
  handler,       ///< The handler has not returned.
  retry,         ///< The handler has failed, and is called again after a pause.
  pause,         ///< pause() was called.
  rate_limit,    ///< A rate limit holds partitions back.
  drain,         ///< A revoke waits for the batch in hand.
  stop,          ///< stop() waits for the batch in hand.
};

/// The name of the enumerator.
TIDEMARK_EXPORT std::string_view to_string(WaitKind kind) noexcept;

/// A consumer has waited for something for more than 10 s. Told again while the wait lasts, each time after twice as long, at least every
/// 10 minutes; and once when the wait is over.
struct WaitEvent {
  WaitKind kind = WaitKind::brokers;
  std::chrono::milliseconds lasted{};
  bool is_over = false;
  std::string_view place;   ///< Where: a group, partitions, addresses. Empty where the kind says all.
  std::string_view reason;  ///< What is known of the cause, such as librdkafka's last error.
  std::string_view remedy;  ///< What to do about it.
};

/// The same for people, in one line: "has waited 12 s for the offset store: …; …".
TIDEMARK_EXPORT std::string to_string(const WaitEvent& event);

}  // namespace tidemark
