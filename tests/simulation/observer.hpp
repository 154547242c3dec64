#pragma once

#include <tidemark/observer.hpp>

#include "checker.hpp"
#include "run.hpp"

namespace simulation {

/// Tells the checker what a consumer says.
class Observer final : public tidemark::Observer {
 public:
  Observer(Checker& checker, Run& run) : checker_{checker}, run_{run} {}

  void on_rebalance(const tidemark::RebalanceEvent& event) noexcept override { checker_.on_rebalance(run_, event); }
  void on_conflict(const tidemark::ConflictEvent& event) noexcept override { checker_.on_conflict(run_, event); }
  void on_out_of_range(const tidemark::OutOfRangeEvent& event) noexcept override {
    checker_.on_out_of_range(run_, event);
  }
  void on_unreadable(const tidemark::UnreadableEvent& event) noexcept override { checker_.on_unreadable(run_, event); }
  void on_gap(const tidemark::GapEvent& event) noexcept override { checker_.on_gap(run_, event); }
  void on_skip(const tidemark::SkipEvent& event) noexcept override { checker_.on_skip(run_, event.ranges); }
  void on_handler_timeout(const tidemark::HandlerTimeoutEvent& event) noexcept override {
    checker_.on_handler_timeout(run_, event);
  }
  void on_wait(const tidemark::WaitEvent& event) noexcept override { checker_.on_wait(run_, event); }
  void on_error(std::string_view text) noexcept override { checker_.tell("{}: {}", run_.process.number, text); }

 private:
  Checker& checker_;
  Run& run_;
};

}  // namespace simulation
