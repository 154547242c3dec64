#include <fmt/format.h>

#include "testing/conformance_failure.hpp"
#include "testing/conformance_spec.hpp"
#include "testing/conformance_subject.hpp"
#include "testing/random_kills.hpp"

namespace tidemark::testing {

namespace {

constexpr std::int32_t partitions_together = 50;

std::vector<TopicPartition> wide() {
  std::vector<TopicPartition> partitions;
  for (std::int32_t i = 0; i < partitions_together; ++i) partitions.push_back({"wide", i});
  return partitions;
}

void killed_inside_commit(const StoreUnderTest& store) {
  const auto open = store.storage();
  if (store.make_topic) store.make_topic("wide", partitions_together);
  const GroupSession session{kit_group};
  const auto partitions = wide();
  const auto work = [&](LineChannel& parent) {
    const auto opened = open();
    for (;;) {
      const auto next = opened->load(session, partitions).front().value_or(0);
      std::vector<OffsetRange> ranges;
      for (const auto& partition : partitions) ranges.push_back({partition, next, next + 1});
      if (!opened->commit(session, ranges)) parent.send(fmt::to_string(next + 1));
    }
  };
  kill_at_random(work, [&](std::int64_t acknowledged) {
    const auto stored = open()->load(session, partitions);
    for (std::size_t i = 0; i < stored.size(); ++i) {
      if (stored[i] != stored.front())
        throw ConformanceFailure{
            fmt::format("a process was killed while it moved {} partitions together; now {} stands at {}, and {} at {}",
                        partitions.size(), text_of(partitions.front()), text_of(stored.front()), text_of(partitions[i]),
                        text_of(stored[i]))};
      if (stored[i].value_or(0) < acknowledged)
        throw ConformanceFailure{
            fmt::format("a process was killed after its commit of {} had been acknowledged; the "
                        "next one loads {}",
                        acknowledged, text_of(stored[i]))};
    }
  });
}

}  // namespace

std::vector<ConformanceSpec> kill_checks() {
  return {{"a process that is killed inside a commit leaves all of it, or nothing",
           {Need::reopening, Need::another_process, Need::no_consumer},
           killed_inside_commit}};
}

}  // namespace tidemark::testing
