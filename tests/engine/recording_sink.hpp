#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/dead_letter.hpp>

#include "engine/running.hpp"
#include "support/eventually.hpp"

namespace tidemark::test {

/// Keeps the dead letters it is given, for other threads to look at.
class RecordingSink final : public DeadLetterSink {
 public:
  struct Letter {
    TopicPartition partition;
    std::int64_t offset = 0;
    std::string value;
    std::string group;
    DeadLetterReason reason;
    std::string why;
    int attempts = 0;
  };

  /// Before anything is kept; what it throws is the sink's error.
  std::function<void()> on_write = [] {};

  void write(std::span<const DeadLetter> letters) override {
    on_write();
    const std::lock_guard lock{mutex_};
    for (const auto& [record, group, reason, why, attempts] : letters)
      letters_.push_back({{record.topic(), record.partition()},
                          record.offset(),
                          std::string{record.value()},
                          std::string{group},
                          reason,
                          std::string{why},
                          attempts});
  }

  std::vector<Letter> letters() const {
    const std::lock_guard lock{mutex_};
    return letters_;
  }

  std::vector<std::int64_t> offsets() const {
    std::vector<std::int64_t> all;
    for (const auto& letter : letters()) all.push_back(letter.offset);
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Letter> letters_;
};

}  // namespace tidemark::test
