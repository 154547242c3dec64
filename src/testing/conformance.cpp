#include <tidemark/testing/conformance.hpp>

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <tidemark/error.hpp>
#include <tidemark/offset_catalog.hpp>

#include "testing/conformance_failure.hpp"
#include "testing/conformance_spec.hpp"

namespace tidemark::testing {

namespace {

std::vector<ConformanceSpec> all_specs() {
  std::vector<ConformanceSpec> all;
  for (const auto group :
       {value_checks, comparing_checks, name_checks, race_checks, durability_checks, process_checks, catalog_checks})
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
  }
  return std::nullopt;
}

ConformanceResult run_spec(const ConformanceSpec& spec, const StoreUnderTest& store) {
  using Outcome = ConformanceResult::Outcome;
  if (const auto skipped = store.skip.find(std::string{spec.name}); skipped != store.skip.end())
    return {Outcome::skipped, skipped->second};
  std::optional<std::string> lacks;
  const auto result = result_of([&] {
    for (const auto need : spec.needs)
      if ((lacks = missing(need, store))) return;
    spec.run(store);
  });
  return lacks ? ConformanceResult{Outcome::skipped, *lacks} : result;
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

std::vector<ConformanceCheck> conformance_checks(const StoreUnderTest& store) {
  if (!store.storage) throw ConfigError{"StoreUnderTest::storage is empty; give a function that makes clean storage"};
  const auto specs = all_specs();
  for (const auto& [name, why] : store.skip)
    if (std::ranges::find(specs, name, &ConformanceSpec::name) == specs.end())
      throw ConfigError{fmt::format("StoreUnderTest::skip names \"{}\", and there is no such check", name)};

  const auto shared = std::make_shared<const StoreUnderTest>(store);
  std::vector<ConformanceCheck> checks;
  for (const auto& spec : specs)
    checks.push_back({std::string{spec.name}, [spec, shared] { return run_spec(spec, *shared); }});
  return checks;
}

}  // namespace tidemark::testing
