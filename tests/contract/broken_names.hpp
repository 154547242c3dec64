#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/broken_store.hpp"

namespace tidemark::testing {

namespace broken {

/// A store that keeps each offset under a name made of group, topic and partition.
inline Tweaks renaming(const std::function<std::string(std::string_view, const TopicPartition&)>& rename) {
  return {.load =
              [rename](auto& inner, const auto& session, auto partitions) {
                std::vector<TopicPartition> renamed;
                for (const auto& partition : partitions) renamed.push_back({rename(session.group, partition), 0});
                return inner.load({"all"}, renamed);
              },
          .commit = [rename](auto& inner, const auto& session, auto ranges) -> Committed {
            std::vector<OffsetRange> renamed;
            for (const auto& range : ranges)
              renamed.push_back({{rename(session.group, range.partition), 0}, range.from, range.until});
            const auto conflict = inner.commit({"all"}, renamed);
            if (!conflict) return std::nullopt;
            for (std::size_t i = 0; i < ranges.size(); ++i)
              if (renamed[i].partition == conflict->partition) return Conflict{ranges[i].partition, conflict->stored};
            return conflict;
          }};
}

inline std::string joined(std::string_view group, const TopicPartition& partition, std::string_view separator) {
  return std::string{group}.append(separator).append(partition.topic).append("\n") +
         std::to_string(partition.partition);
}

}  // namespace broken

inline std::vector<BrokenStore> broken_names() {
  using namespace broken;
  return {
      {"ignores the topic", "topics and partitions do not see each other's offsets",
       tweaked(renaming([](auto group, const auto& partition) {
         return joined(group, {"", partition.partition}, "\n");
       }))},
      {"joins topic and partition", "topics and partitions do not see each other's offsets",
       tweaked(renaming([](auto group, const auto& partition) {
         return joined(group, {partition.topic + std::to_string(partition.partition), 0}, "\n");
       }))},
      {"ignores the group", "groups do not see each other's offsets",
       tweaked(renaming([](auto, const auto& partition) { return joined("", partition, "\n"); }))},
      {"joins names with a dash", "names that look alike when joined are told apart",
       tweaked(renaming([](auto group, const auto& partition) { return joined(group, partition, "-"); }))},
      {"joins names with a colon", "odd names that look alike when joined are told apart",
       tweaked(renaming([](auto group, const auto& partition) { return joined(group, partition, ":"); }))},
      {"16 bits for a partition", "partition numbers up to 2^31-1 are told apart",
       tweaked(renaming([](auto group, const auto& partition) {
         return joined(group, {partition.topic, partition.partition & 0xffff}, "\n\n");
       }))},
      {"does not tell A from a", "every topic name that Kafka allows is taken",
       tweaked(renaming([](auto group, const auto& partition) {
         auto topic = partition.topic;
         for (auto& c : topic)
           if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
         return joined(group, {topic, partition.partition}, "\n\n");
       }))},
      {"cuts topics at NUL", "odd topic names are told apart", tweaked(renaming([](auto group, const auto& partition) {
         return joined(group, {partition.topic.c_str(), partition.partition}, "\n\n");
       }))},
      {"cuts groups at 255 bytes", "odd group names are told apart",
       tweaked(renaming(
           [](auto group, const auto& partition) { return joined(group.substr(0, 255), partition, "\n\n"); }))},
  };
}

}  // namespace tidemark::testing
