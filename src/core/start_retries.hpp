#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <tidemark/topic_partition.hpp>

namespace tidemark::core {

/// When Kafka is asked again for the starts that it could not tell: each partition by its own clock, after pauses that grow.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class StartRetries {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds first_pause{500};
  static constexpr std::chrono::milliseconds longest_pause{10'000};

  struct Question {
    std::uint64_t ticket = 0;  ///< Of the load or reload that it belongs to.
    TopicPartition partition;

    auto operator<=>(const Question&) const = default;
  };

  /// Kafka could not answer at `now`. Returns the pause before it is asked again.
  std::chrono::milliseconds on_open(const Question& question, TimePoint now);
  /// Answered, or of no interest any more.
  void on_closed(const Question& question) { waiting_.erase(question); }

  /// Those to ask again at `now`; each is returned once, until on_open() is told of it again.
  std::vector<Question> take_due(TimePoint now);

  /// When the next one is due; nullopt where none waits.
  std::optional<TimePoint> due() const;

 private:
  struct Pause {
    std::chrono::milliseconds length{};
    std::optional<TimePoint> ends;  ///< nullopt: it is being asked.
  };

  std::map<Question, Pause> waiting_;
};

}  // namespace tidemark::core
