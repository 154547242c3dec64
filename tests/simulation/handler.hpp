#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <tidemark/detail/batch_handler.hpp>

#include "checker.hpp"
#include "plan.hpp"
#include "run.hpp"
#include "store.hpp"

namespace simulation {

/// A worker's handler: takes its time, throws when it is due, stops early when asked to if it is of that kind.
class Handler final : public tidemark::detail::BatchHandler {
 public:
  Handler(const Plan& plan, Scheduler& scheduler, Checker& checker, Store& store, Run& run)
      : plan_{plan},
        scheduler_{scheduler},
        checker_{checker},
        store_{store},
        run_{run},
        watched_{checker.add_handler(run)} {}

  std::optional<tidemark::Conflict> handle(const tidemark::GroupSession& session,
                                           const tidemark::detail::BatchView& batch) override;
  bool commits() const override { return plan_.is_transactional; }

 private:
  void take_time(const tidemark::detail::BatchView& batch);
  void throw_if_due(const tidemark::detail::BatchView& batch);
  /// Rejects what can't be handled. What is left, which lives until the next call.
  tidemark::detail::BatchView reject(const tidemark::detail::BatchView& batch);

  const Plan& plan_;
  Scheduler& scheduler_;
  Checker& checker_;
  Store& store_;
  Run& run_;
  Checker::Handler& watched_;
  std::vector<tidemark::detail::RecordView> kept_;
};

class HandlerFactory final : public tidemark::detail::BatchHandlerFactory {
 public:
  HandlerFactory(const Plan& plan, Scheduler& scheduler, Checker& checker, Store& store, Run& run)
      : plan_{plan}, scheduler_{scheduler}, checker_{checker}, store_{store}, run_{run} {}

  std::unique_ptr<tidemark::detail::BatchHandler> make() override {
    return std::make_unique<Handler>(plan_, scheduler_, checker_, store_, run_);
  }

 private:
  const Plan& plan_;
  Scheduler& scheduler_;
  Checker& checker_;
  Store& store_;
  Run& run_;
};

}  // namespace simulation
