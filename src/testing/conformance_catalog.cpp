#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "testing/conformance_failure.hpp"
#include "testing/conformance_spec.hpp"
#include "testing/conformance_subject.hpp"

namespace tidemark::testing {

namespace {

const TopicPartition flights0{"flights", 0};
const TopicPartition flights1{"flights", 1};

void list_is_ordered(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{{"flights", 7}, 0, 7}, {{"flights", 2}, 0, 2}, {{"airports", 5}, 0, 5}});
  subject.must_commit({{{"flights", 0}, 0, 0}, {{"Flights", 1}, 0, 1}});
  subject.must_commit({{{"flights", 7}, 7, 8}});
  subject.must_list(
      {{{"Flights", 1}, 1}, {{"airports", 5}, 5}, {{"flights", 0}, 0}, {{"flights", 2}, 2}, {{"flights", 7}, 8}});
}

void list_orders_numbers(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  for (const auto partition : {10, 9, 100, 2}) subject.must_commit({{{"wide", partition}, 0, partition}});
  subject.must_list({{{"wide", 2}, 2}, {{"wide", 9}, 9}, {{"wide", 10}, 10}, {{"wide", 100}, 100}});
}

void list_is_of_one_group(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_list({});
  subject.must_commit({{flights0, 0, 10}}, "billing");
  subject.must_commit({{flights1, 0, 20}}, "audit");
  subject.must_list({{flights0, 10}}, "billing");
  subject.must_list({{flights1, 20}}, "audit");
  subject.must_list({}, "bill");
}

void groups_are_those_with_offsets(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_name({});
  subject.must_commit({{flights0, 0, 10}}, "billing");
  subject.must_commit({{flights0, 0, 0}, {flights1, 0, 20}}, "audit");
  subject.must_commit({{flights1, 0, 5}}, "billing-2");
  subject.load({flights0}, "reads");
  subject.must_name({"audit", "billing", "billing-2"});
}

void group_without_offsets_is_gone(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}}, "billing");
  subject.must_commit({{flights0, 0, 10}}, "audit");
  subject.catalog().erase("billing", std::vector<TopicPartition>{flights0});
  subject.must_name({"audit"});
}

void odd_groups_are_named(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  const std::vector<std::string> odd{"a b",       "a/b",     "a:b",      "a%2Fb",
                                     "caf\u00e9", ".hidden", "orders:0", std::string(150, 'x')};
  std::vector<std::string> stored;
  for (const auto& group : odd) {
    try {
      subject.must_commit({{flights0, 0, 1}}, group);
      stored.push_back(group);
    } catch (const StoreError&) {
      if (!store.capabilities.refuses_odd_names) throw;
    }
  }
  std::ranges::sort(stored);
  subject.must_name(stored);
}

void overwrite_does_not_compare(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}, {{"flights", 2}, 0, 12}});
  subject.must_commit({{flights0, 0, 99}}, "audit");
  subject.announce(flights1);
  subject.catalog().overwrite(kit_group, std::vector<StoredOffset>{{flights0, 3}, {flights1, 0}});
  subject.must_list({{flights0, 3}, {flights1, 0}, {{"flights", 2}, 12}});
  subject.must_hold(flights0, 3);
  subject.must_hold(flights1, 0);
  subject.must_hold(flights0, 99, "audit");
}

void overwrite_refuses_negative(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  try {
    subject.catalog().overwrite(kit_group, std::vector<StoredOffset>{{flights0, 5}, {flights1, -1}});
  } catch (const std::exception&) {
    return subject.must_list({{flights0, 10}});
  }
  throw ConformanceFailure{"overwrite with the offset -1 was to throw, but returned"};
}

void erase_makes_absent(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.catalog().erase(kit_group, std::vector<TopicPartition>{flights0});
  subject.must_commit({{flights0, 0, 10}, {flights1, 0, 11}});
  subject.must_commit({{flights0, 0, 99}}, "audit");
  subject.catalog().erase(kit_group, std::vector<TopicPartition>{flights0, {"flights", 5}});
  subject.must_hold(flights0, std::nullopt);
  subject.must_list({{flights1, 11}});
  subject.must_hold(flights0, 99, "audit");
  subject.must_commit({{flights0, 500, 501}});
  subject.must_hold(flights0, 501);
}

void reset_is_a_conflict(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  subject.catalog().overwrite(kit_group, std::vector<StoredOffset>{{flights0, 2}});
  subject.must_conflict({{flights0, 10, 20}}, {flights0, 2});
  subject.must_hold(flights0, 2);
  subject.must_commit({{flights0, 2, 20}});
}

void changes_survive_reopening(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}, {flights1, 0, 11}});
  subject.catalog().overwrite(kit_group, std::vector<StoredOffset>{{flights0, 2}});
  subject.catalog().erase(kit_group, std::vector<TopicPartition>{flights1});
  subject.reopen();
  subject.must_list({{flights0, 2}});
  subject.must_hold(flights1, std::nullopt);
}

}  // namespace

std::vector<ConformanceSpec> catalog_checks() {
  const std::vector<Need> catalog{Need::catalog};
  return {
      {"the catalog lists by topic and partition", catalog, list_is_ordered},
      {"the catalog orders partitions as numbers", catalog, list_orders_numbers},
      {"the catalog lists one group, and nothing for one it does not know", catalog, list_is_of_one_group},
      {"the catalog names the groups that have offsets", catalog, groups_are_those_with_offsets},
      {"the catalog names no group whose offsets were erased", catalog, group_without_offsets_is_gone},
      {"the catalog names groups as they were named", catalog, odd_groups_are_named},
      {"overwrite sets what is named, whatever is stored", catalog, overwrite_does_not_compare},
      {"overwrite refuses negative offsets and changes nothing", catalog, overwrite_refuses_negative},
      {"erase makes absent what is named, and nothing else", catalog, erase_makes_absent},
      {"a consumer meets an overwritten offset as a conflict", {Need::catalog, Need::comparing}, reset_is_a_conflict},
      {"what the catalog changed survives reopening", {Need::catalog, Need::reopening}, changes_survive_reopening}};
}

}  // namespace tidemark::testing
