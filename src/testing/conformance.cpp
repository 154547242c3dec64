#include <tidemark/testing/conformance.hpp>

#include <algorithm>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <tidemark/error.hpp>
#include <tidemark/offset_catalog.hpp>

#include "testing/conformance_failure.hpp"
#include "testing/conformance_spec.hpp"

namespace tidemark::testing {

namespace {

std::vector<ConformanceSpec> all_specs() {
  std::vector<ConformanceSpec> all;
  for (const auto group : {value_checks, comparing_checks, name_checks, race_checks, durability_checks, process_checks,
                           catalog_checks, lock_checks, kill_checks, fault_checks})
    std::ranges::move(group(), std::back_inserter(all));
  return all;
}

std::optional<std::string> missing(Need need, const StoreUnderTest& store) {
  const auto& can = store.capabilities;
  switch (need) {
    case Need::comparing:
      if (!can.compares) return "the store does not compare (capabilities.compares)";
      break;
    case Need::reopening:
      if (!can.survives_reopening) return "the store's offsets end with the object (capabilities.survives_reopening)";
      break;
    case Need::another_process:
      if (can.processes == Processes::none) return "the storage ends with the process (capabilities.processes)";
      break;
    case Need::many_processes:
      if (can.processes != Processes::many) return "the storage is not open to many at once (capabilities.processes)";
      break;
    case Need::one_process:
      if (can.processes != Processes::one) return "the storage is not bound to one process (capabilities.processes)";
      break;
    case Need::catalog:
      if (dynamic_cast<OffsetCatalog*>(store.storage()().get()) == nullptr) return "the store is no OffsetCatalog";
      break;
    case Need::loads_together:
      if (!can.loads_together) return "the store reads partitions one by one (capabilities.loads_together)";
      break;
    case Need::no_consumer:
      if (store.consumer) return "a consumer does not outlive a fork";
      break;
    case Need::disconnect:
      if (!store.faults.disconnect) return "StoreFaults::disconnect is not given";
      break;
    case Need::refuse:
      if (!store.faults.refuse) return "StoreFaults::refuse is not given";
      break;
    case Need::lose_reply:
      if (!store.faults.lose_reply) return "StoreFaults::lose_reply is not given";
      break;
    case Need::freeze:
      if (!store.faults.freeze) return "StoreFaults::freeze is not given";
      break;
    case Need::restart:
      if (!store.faults.restart) return "StoreFaults::restart is not given";
      break;
  }
  return std::nullopt;
}

ConformanceResult run_spec(const ConformanceSpec& spec, const std::shared_ptr<const StoreUnderTest>& shared) {
  const auto& store = *shared;
  using Outcome = ConformanceResult::Outcome;
  if (const auto skipped = store.skip.find(std::string{spec.name}); skipped != store.skip.end())
    return {Outcome::skipped, skipped->second};
  return result_within(store.check_limit, [spec, shared]() -> ConformanceResult {
    std::optional<std::string> lacks;
    const auto result = result_of([&] {
      for (const auto need : spec.needs)
        if ((lacks = missing(need, *shared))) return;
      spec.run(*shared);
    });
    return lacks ? ConformanceResult{Outcome::skipped, *lacks} : result;
  });
}

}  // namespace

ConformanceResult result_of(const std::function<void()>& body) {
  using Outcome = ConformanceResult::Outcome;
  try {
    body();
    return {};
  } catch (const ConformanceFailure& failure) {
    return {Outcome::failed, failure.what()};
  } catch (const std::exception& error) {
    return {Outcome::failed, fmt::format("the store threw: {}", error.what())};
  } catch (...) {
    return {Outcome::failed, "the store threw something that is no std::exception"};
  }
}

ConformanceResult result_within(std::chrono::seconds limit, std::function<ConformanceResult()> check) {
  // A thread that hangs can't be ended: it keeps what it uses.
  std::packaged_task<ConformanceResult()> task{std::move(check)};
  auto result = task.get_future();
  std::thread thread{std::move(task)};
  if (result.wait_for(limit) == std::future_status::ready) {
    thread.join();
    return result.get();
  }
  thread.detach();
  return {ConformanceResult::Outcome::failed,
          fmt::format("the check did not end within {} s: a call to the store hangs, as it does where two threads lock "
                      "the same partitions in opposite orders. StoreUnderTest::check_limit sets the limit",
                      limit.count())};
}

std::vector<ConformanceCheck> conformance_checks(const StoreUnderTest& store) {
  if (!store.storage) throw ConfigError{"StoreUnderTest::storage is empty; give a function that makes clean storage"};
  const auto specs = all_specs();
  for (const auto& [name, why] : store.skip)
    if (std::ranges::find(specs, name, &ConformanceSpec::name) == specs.end())
      throw ConfigError{fmt::format("StoreUnderTest::skip names \"{}\", and there is no such check", name)};

  const auto shared = std::make_shared<const StoreUnderTest>(store);
  std::vector<ConformanceCheck> checks;
  for (const auto& spec : specs)
    checks.push_back({std::string{spec.name}, [spec, shared] { return run_spec(spec, shared); }});
  return checks;
}

}  // namespace tidemark::testing
