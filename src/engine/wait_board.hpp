#pragma once

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tidemark/consumer_state.hpp>

#include "core/waits.hpp"
#include "engine/notifier.hpp"
#include "engine/published_state.hpp"

namespace tidemark::engine {

/// What the consumer is doing and waits for, as the control thread finds it: published for state(), and told to the observer where it
/// lasts.
///
/// Thread safety: state() from any thread; the rest by the control thread.
class WaitBoard {
 public:
  using TimePoint = core::Waits::TimePoint;

  struct Wait {
    WaitKind kind = WaitKind::brokers;
    TimePoint since{};
    std::string place{};
    std::string reason{};
    std::string remedy{};
  };

  WaitBoard(const Notifier& notifier, TimePoint now) : notifier_{notifier}, phase_since_{now}, published_{now} {}

  void set_phase(ConsumerPhase phase, TimePoint now);
  ConsumerPhase phase() const { return phase_; }

  /// Whether a wait has lasted long enough to be put into words.
  static bool is_worth_telling(TimePoint since, TimePoint now) { return now - since >= std::chrono::seconds{1}; }
  /// All waits that are under way. Of several of one kind the longest counts.
  void look(std::vector<Wait> waits, std::map<TopicPartition, PublishedState::Trouble> troubles, TimePoint now);

  PublishedState::Content content() const { return published_.content(); }

 private:
  void tell(const core::Waits::Telling& telling, const Wait& wait) const;

  const Notifier& notifier_;
  ConsumerPhase phase_ = ConsumerPhase::connecting;
  TimePoint phase_since_;
  core::Waits waits_;
  std::array<Wait, core::Waits::kinds> last_;  // what was said of each kind, for the word that it is over
  bool is_empty_ = true;
  PublishedState published_;
};

}  // namespace tidemark::engine
