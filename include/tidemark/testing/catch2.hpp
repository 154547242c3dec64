#pragma once

// Catch2 2 and 3 name their header differently.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <tidemark/testing/conformance.hpp>
#include <tidemark/testing/transactional_conformance.hpp>

namespace tidemark::testing {

/// Runs each check as a section of the test case it is called from. What is skipped is a warning with its name and the reason.
inline void run_sections(const std::vector<ConformanceCheck>& checks) {
  for (const auto& check : checks) {
    DYNAMIC_SECTION(check.name) {
      const auto result = check.run();
      if (result.outcome == ConformanceResult::Outcome::failed) FAIL_CHECK(check.name << ": " << result.why);
      if (result.outcome == ConformanceResult::Outcome::skipped) WARN("skipped: " << check.name << ": " << result.why);
      if (result.outcome == ConformanceResult::Outcome::passed) SUCCEED();
    }
  }
}

/// The conformance kit as sections:
///
///     TEST_CASE("MyStore keeps the contract", "[contract]") { check_conformance({.storage = …}); }
inline void check_conformance(const StoreUnderTest& store) { run_sections(conformance_checks(store)); }

/// The checks of transactions as sections.
template <class Store>
void check_transactional_conformance(const TransactionalStoreUnderTest<Store>& store) {
  run_sections(transactional_conformance_checks(store));
}

}  // namespace tidemark::testing
