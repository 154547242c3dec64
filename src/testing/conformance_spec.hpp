#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <tidemark/testing/conformance.hpp>

namespace tidemark::testing {

/// What a store must offer for a check to apply.
enum class Need {
  comparing,
  reopening,
  another_process,
  many_processes,
  one_process,
  catalog,
  loads_together,
  no_consumer,
  disconnect,
  refuse,
  lose_reply,
  freeze,
  restart
};

struct ConformanceSpec {
  std::string_view name;
  std::vector<Need> needs;
  void (*run)(const StoreUnderTest&);
};

std::vector<ConformanceSpec> value_checks();
std::vector<ConformanceSpec> comparing_checks();
std::vector<ConformanceSpec> name_checks();
std::vector<ConformanceSpec> race_checks();
std::vector<ConformanceSpec> durability_checks();
std::vector<ConformanceSpec> process_checks();
std::vector<ConformanceSpec> catalog_checks();
std::vector<ConformanceSpec> lock_checks();
std::vector<ConformanceSpec> kill_checks();
std::vector<ConformanceSpec> fault_checks();

}  // namespace tidemark::testing
