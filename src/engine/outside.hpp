#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::engine {

/// What a running consumer misses outside: brokers, its coordinator, topics. librdkafka says when they go, and not when they come back. So while
/// something is missing it has to be looked for.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class Outside {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds first_timeout{100};

  struct Missing {
    TimePoint since{};
    std::string why;
  };

  /// What to look for, and how long. Asked with a time-out that grows, since a stop waits for the answer.
  struct Search {
    bool coordinator = false;
    std::vector<std::string> topics;
    std::chrono::milliseconds timeout{};
  };
  struct Found {
    bool brokers = false;
    bool coordinator = false;
    std::vector<std::string> topics;
  };

  /// `has_group`: a coordinator is needed. librdkafka looks for one anyway.
  explicit Outside(bool has_group) : has_group_{has_group} {}

  /// An error of librdkafka's.
  void on_trouble(int code, std::string_view text, TimePoint now);
  /// The group has spoken: whoever it takes for that is there.
  void on_sign_of_life();
  void forget_topics() { topics_.clear(); }

  /// nullopt where nothing is missing, or while an answer is waited for.
  std::optional<Search> search(TimePoint now);
  void on_found(const Found& found);

  const std::optional<Missing>& brokers() const { return brokers_; }
  const std::optional<Missing>& coordinator() const { return coordinator_; }
  const std::map<std::string, Missing>& topics() const { return topics_; }

 private:
  bool is_complete() const { return !brokers_ && !coordinator_ && topics_.empty(); }

  bool has_group_;
  std::optional<Missing> brokers_;
  std::optional<Missing> coordinator_;
  std::map<std::string, Missing> topics_;
  std::string last_trouble_;
  bool is_searching_ = false;
  TimePoint next_search_{};
  std::chrono::milliseconds timeout_ = first_timeout;
};

}  // namespace tidemark::engine
