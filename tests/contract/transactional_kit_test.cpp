#include <set>
#include <string>

#include <tidemark/error.hpp>
#include <tidemark/testing/catch2.hpp>

#include "contract/memory_transactions.hpp"

using namespace tidemark;
using namespace tidemark::testing;
using Outcome = ConformanceResult::Outcome;

namespace {

struct Caught {
  Mistake mistake;
  std::string by;
};

const Caught expected[] = {
    {Mistake::forgets_results, "results and offsets are applied together"},
    {Mistake::forgets_when_closed, "results and offsets survive reopening"},
    {Mistake::writes_at_once, "results are not seen before commit"},
    {Mistake::writes_at_once, "a transaction that is destroyed without commit is rolled back"},
    {Mistake::keeps_results_of_conflicts, "a transaction that meets a conflict is rolled back"},
    {Mistake::applies_twice, "results of ranges that were applied before are discarded"},
    {Mistake::applies_in_part, "a transaction that was applied in part is a conflict"},
    {Mistake::keeps_offsets_of_its_own, "transactions and plain commits see each other"},
    {Mistake::keeps_results_of_conflicts, "of concurrent transactions exactly one applies each range"}};

}  // namespace

TEST_CASE("a sound store passes the checks of transactions", "[contract]") {
  check_transactional_conformance(memory_transactions());
}

TEST_CASE("the kit catches each mistake with transactions", "[contract]") {
  for (const auto& [mistake, by] : expected) {
    DYNAMIC_SECTION(by) {
      for (const auto& check : transactional_conformance_checks(memory_transactions(mistake))) {
        if (check.name != by) continue;
        const auto result = check.run();
        INFO(result.why);
        CHECK(result.outcome == Outcome::failed);
      }
    }
  }
}

TEST_CASE("every check of transactions has a mistake that it catches", "[contract]") {
  std::set<std::string> caught;
  for (const auto& some : expected) caught.insert(some.by);
  caught.insert(detail::transactional_kill_check);  // in wrong_stores_test.cpp
  for (const auto& check : transactional_conformance_checks(memory_transactions())) {
    INFO(check.name);
    CHECK(caught.contains(check.name));
  }
}

TEST_CASE("a check of transactions that is left out is reported, and must exist", "[contract]") {
  auto store = memory_transactions();
  store.skip["results are not seen before commit"] = "for this test";
  int skipped = 0;
  for (const auto& check : transactional_conformance_checks(store)) {
    if (check.name != "results are not seen before commit") continue;
    ++skipped;
    CHECK(check.run().outcome == Outcome::skipped);
    CHECK(check.run().why == "for this test");
  }
  CHECK(skipped == 1);
  store.skip["no such check"] = "why";
  CHECK_THROWS_AS(transactional_conformance_checks(store), ConfigError);
}
