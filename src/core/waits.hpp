#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include <tidemark/wait.hpp>

namespace tidemark::core {

/// Decides when a wait is spoken of: after 10 s, again each time it has lasted twice as long, at least every 10 minutes, and when it is over.
/// Knows no causes.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class Waits {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kinds = static_cast<std::size_t>(WaitKind::stop) + 1;
  static constexpr std::chrono::seconds first_told{10};
  static constexpr std::chrono::minutes longest_silence{10};

  /// Since when each kind of thing is waited for; nullopt: it is not. Another time than before is another wait.
  struct Since {
    std::array<std::optional<TimePoint>, kinds> of_kind{};

    std::optional<TimePoint>& operator[](WaitKind kind) { return of_kind[static_cast<std::size_t>(kind)]; }
    const std::optional<TimePoint>& operator[](WaitKind kind) const { return of_kind[static_cast<std::size_t>(kind)]; }
    /// The longest wait of a kind counts.
    void note(WaitKind kind, TimePoint since) {
      auto& one = (*this)[kind];
      if (!one || since < *one) one = since;
    }
  };

  struct Telling {
    WaitKind kind = WaitKind::brokers;
    std::chrono::milliseconds lasted{};
    bool is_over = false;
  };

  /// What is to be told, given all waits that are under way. Allocates nothing where there is nothing to tell.
  std::vector<Telling> look(const Since& since, TimePoint now);

 private:
  struct Wait {
    std::optional<TimePoint> since;
    std::chrono::milliseconds next_told{};
    bool is_told = false;
  };

  static std::chrono::milliseconds lasted(TimePoint since, TimePoint now);

  std::array<Wait, kinds> waits_{};
};

}  // namespace tidemark::core
