#pragma once

#include <tidemark/offset_store.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <stop_token>
#include <thread>

#include "support/store_error.hpp"

namespace tidemark::test {

/// How a call of a store ended that its caller did not wait for.
struct EndedCall {
  std::optional<StoreError> error{};
  std::chrono::milliseconds took{};  ///< From when the caller stopped waiting.
};

/// `call` with a deadline in 300 ms, and with a stop token that is set after as long.
class CallerLimits {
 public:
  using Call = std::function<void(const GroupSession&)>;

  explicit CallerLimits(GroupSession session) : session_{session} {}

  EndedCall at_deadline(const Call& call) const {
    auto session = session_;
    const auto end = Clock::now() + patience;
    session.deadline = end;
    return outcome(call, session, [&] { return end; });
  }
  EndedCall at_stop(const Call& call) const {
    std::stop_source stop;
    auto session = session_;
    session.stop = stop.get_token();
    Clock::time_point end;
    std::promise<void> has_ended;
    std::jthread stopping{[&, call_end = has_ended.get_future()] {
      call_end.wait_for(patience);
      end = Clock::now();
      stop.request_stop();
    }};
    return outcome(call, session, [&] {
      has_ended.set_value();
      stopping.join();
      return end;
    });
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds patience{300};

  template <class End>
  static EndedCall outcome(const Call& call, const GroupSession& session, End end) {
    EndedCall ended;
    ended.error = store_error_of([&] { call(session); });
    const auto now = Clock::now();
    ended.took = std::chrono::duration_cast<std::chrono::milliseconds>(now - end());
    return ended;
  }

  GroupSession session_;
};

}  // namespace tidemark::test
