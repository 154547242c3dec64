#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>

#include <tidemark/testing/conformance.hpp>

namespace tidemark::testing {

/// Ends a check: the store broke the contract.
class ConformanceFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Runs a check's body and turns what it throws into a result.
ConformanceResult result_of(const std::function<void()>& body);

/// Runs a check on a thread of its own; where it does not end in time, that is its result.
ConformanceResult result_within(std::chrono::seconds limit, std::function<ConformanceResult()> check);

}  // namespace tidemark::testing
