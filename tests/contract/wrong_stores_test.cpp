#include <algorithm>
#include <cstdio>

#include <tidemark/testing/catch2.hpp>

#include "contract/wrong_stores.hpp"

using namespace tidemark;
using namespace tidemark::testing;
using Outcome = ConformanceResult::Outcome;

namespace {

bool is_caught(const std::vector<ConformanceCheck>& checks, const std::string& by) {
  const auto check = std::ranges::find(checks, by, &ConformanceCheck::name);
  REQUIRE(check != checks.end());
  const auto result = check->run();
  INFO(by << ": " << result.why);
  CHECK(result.outcome == Outcome::failed);
  return result.outcome == Outcome::failed;
}

}  // namespace

TEST_CASE("each wrong store is caught by the check that names its fault", "[contract]") {
  int caught = 0;
  int all = 0;
  for (const auto& wrong : wrong_stores()) {
    INFO(wrong.mistake);
    ++all;
    caught += is_caught(conformance_checks(wrong.store), wrong.caught_by) ? 1 : 0;
  }
  {
    INFO("stores offsets and results in two steps");
    ++all;
    caught += is_caught(transactional_conformance_checks(two_steps()), detail::transactional_kill_check) ? 1 : 0;
  }
  // tests/run.sh wrong-stores looks for this line.
  std::printf("wrong-stores: %d of %d caught\n", caught, all);
  CHECK(all == 16);
}

TEST_CASE("a sound store with every hook passes", "[contract]") {
  check_conformance(remote(RemoteStore::Mistake::none));
}
