#include <set>

#include <tidemark/testing/catch2.hpp>

#include "contract/broken_stores.hpp"
#include "contract/wrong_stores.hpp"

using namespace tidemark;
using namespace tidemark::testing;
using Outcome = ConformanceResult::Outcome;

namespace {

ConformanceResult run_named(const StoreUnderTest& store, const std::string& name) {
  for (const auto& check : conformance_checks(store))
    if (check.name == name) return check.run();
  return {Outcome::skipped, "there is no check of that name"};
}

}  // namespace

TEST_CASE("the kit catches each mistake by the check that is there for it", "[contract]") {
  for (const auto& broken : broken_stores()) {
    DYNAMIC_SECTION(broken.mistake << ": " << broken.caught_by) {
      const auto result = run_named(broken.store, broken.caught_by);
      INFO(result.why);
      CHECK(result.outcome == Outcome::failed);
      CHECK_FALSE(result.why.empty());
    }
  }
}

TEST_CASE("every check of the kit has a mistake that it catches", "[contract]") {
  std::set<std::string> caught;
  for (const auto& broken : broken_stores()) caught.insert(broken.caught_by);
  for (const auto& wrong : wrong_stores()) caught.insert(wrong.caught_by);
  for (const auto& check : conformance_checks(tweaked({}))) {
    INFO(check.name);
    CHECK(caught.contains(check.name));
  }
}

TEST_CASE("a sound store that is opened again on the same storage passes", "[contract]") {
  check_conformance(tweaked({}));
}

TEST_CASE("a check that is left out by name is reported with the reason", "[contract]") {
  auto store = tweaked({});
  store.skip["load answers in the order asked"] = "for this test";
  const auto result = run_named(store, "load answers in the order asked");
  CHECK(result.outcome == Outcome::skipped);
  CHECK(result.why == "for this test");
  CHECK(conformance_checks(store).size() == conformance_checks(tweaked({})).size());
}

TEST_CASE("leaving out a check that does not exist is an error", "[contract]") {
  auto store = tweaked({});
  store.skip["load answers in any order"] = "a name of long ago";
  CHECK_THROWS_AS(conformance_checks(store), ConfigError);
  CHECK_THROWS_AS(conformance_checks(StoreUnderTest{}), ConfigError);
}

TEST_CASE("what a store declares that it can't do is reported, check by check", "[contract]") {
  const auto store = tweaked({}, {.compares = false, .survives_reopening = false, .processes = Processes::none});
  for (const auto* name : {"a range that begins below the stored offset is a conflict", "offsets survive reopening",
                           "of two processes exactly one moves each range"}) {
    INFO(name);
    const auto result = run_named(store, name);
    CHECK(result.outcome == Outcome::skipped);
    CHECK(result.why.find("capabilities.") != std::string::npos);
  }
}

TEST_CASE("a store that refuses odd names must say so and must not keep them", "[contract]") {
  const Tweaks refusing{.commit = [](auto& inner, const auto& session, auto ranges) {
    for (const auto& range : ranges)
      if (range.partition.topic.find_first_of("/\n") != std::string::npos)
        throw StoreError{"a topic cannot be named so", StoreError::Retry::no};
    return inner.commit(session, ranges);
  }};
  const std::string check = "odd topic names are told apart";
  CHECK(run_named(tweaked(refusing, {.processes = Processes::none, .refuses_odd_names = true}), check).outcome ==
        Outcome::passed);
  CHECK(run_named(tweaked(refusing), check).outcome == Outcome::failed);

  auto keeping = refusing;
  keeping.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
    inner.commit(session, ranges);
    throw StoreError{"a topic cannot be named so", StoreError::Retry::no};
  };
  CHECK(run_named(tweaked(keeping, {.processes = Processes::none, .refuses_odd_names = true}), check).outcome ==
        Outcome::failed);
}

TEST_CASE("what a store throws fails the check with the store's own words", "[contract]") {
  const auto words =
      run_named(tweaked({.load = [](auto&, const auto&, auto) -> Loaded { throw std::runtime_error{"disk on fire"}; }}),
                "a stored 0 is 0, not absent");
  CHECK(words.outcome == Outcome::failed);
  CHECK(words.why.find("disk on fire") != std::string::npos);
  const auto other =
      run_named(tweaked({.load = [](auto&, const auto&, auto) -> Loaded { throw 42; }}), "a stored 0 is 0, not absent");
  CHECK(other.outcome == Outcome::failed);
}

TEST_CASE("topics are announced before they are used", "[contract]") {
  auto store = tweaked({});
  std::vector<std::pair<std::string, std::int32_t>> announced;
  store.make_topic = [&](const std::string& topic, std::int32_t partitions) {
    announced.push_back({topic, partitions});
  };
  CHECK(run_named(store, "10,000 partitions go through one commit and one load").outcome == Outcome::passed);
  CHECK(announced == std::vector<std::pair<std::string, std::int32_t>>{{"wide", 10'000}});
}
