#pragma once

#include <exception>

#include <tidemark/detail/record_run.hpp>

#include "core/retry_plan.hpp"

namespace tidemark::detail {

class FailedCalls {
 public:
  explicit FailedCalls(const HandlerRetry& policy) : plan{policy} {}

  core::RetryPlan plan;
  int count = 0;
  std::exception_ptr last;
};

}  // namespace tidemark::detail
