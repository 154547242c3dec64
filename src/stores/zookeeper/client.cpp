#include "stores/zookeeper/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"
#include "stores/zookeeper/failure.hpp"
#include "stores/zookeeper/options_check.hpp"
#include "stores/zookeeper/stored.hpp"
#include "stores/zookeeper/text.hpp"

namespace tidemark::detail {

ZooKeeperClient::ZooKeeperClient(ZooKeeperOffsetStoreOptions options)
    : options_{checked(std::move(options))}, layout_{options_.chroot}, session_{options_} {
  session_.connected(session_.deadline());
}

std::vector<std::optional<std::int64_t>> ZooKeeperClient::load(std::string_view group,
                                                               std::span<const TopicPartition> partitions) {
  const ZooKeeperPaths paths{layout_, group, partitions, std::identity{}};
  const auto nodes = session_.read(paths.all(), session_.deadline());
  versions_.remember(paths.all(), nodes);
  std::vector<std::optional<std::int64_t>> offsets;
  offsets.reserve(partitions.size());
  for (std::size_t i = 0; i < partitions.size(); ++i)
    offsets.push_back(zookeeper_stored(options_, paths.all()[i], nodes[i]));
  return offsets;
}

std::optional<Conflict> ZooKeeperClient::commit(std::string_view group, std::span<const OffsetRange> ranges) {
  if (ranges.empty()) return std::nullopt;
  std::vector<ZooKeeperTarget> targets;
  targets.reserve(ranges.size());
  for (const auto& range : ranges) {
    refuse_negative(group, range.partition, range.from);
    refuse_negative(group, range.partition, range.until);
    targets.push_back({.from = range.from, .until = range.until});
  }
  const ZooKeeperPaths paths{layout_, group, ranges, &OffsetRange::partition};
  const auto obstacle = ZooKeeperTransition{session_, versions_, paths, targets}.run();
  if (!obstacle) return std::nullopt;
  return Conflict{ranges[obstacle->target].partition, obstacle->stored};
}

std::vector<std::string> ZooKeeperClient::groups() {
  const auto deadline = session_.deadline();
  const auto names = session_.children(std::vector{layout_.root()}, deadline).front();
  std::vector<std::string> paths;
  for (const auto& group : names) paths.push_back(layout_.group(group));
  const auto topics = session_.children(paths, deadline);

  std::vector<std::string> topic_paths;
  std::vector<std::size_t> groups_of_topics;
  for (std::size_t i = 0; i < names.size(); ++i)
    for (const auto& topic : topics[i]) {
      topic_paths.push_back(layout_.topic(names[i], topic));
      groups_of_topics.push_back(i);
    }
  const auto partitions = session_.children(topic_paths, deadline);
  std::set<std::string> found;
  for (std::size_t i = 0; i < partitions.size(); ++i)
    if (!partitions[i].empty()) found.insert(names[groups_of_topics[i]]);
  return {found.begin(), found.end()};
}

std::vector<StoredOffset> ZooKeeperClient::list(std::string_view group) {
  const auto deadline = session_.deadline();
  const auto group_path = layout_.group(group);
  const auto topics = session_.children(std::vector{group_path}, deadline).front();
  std::vector<std::string> paths;
  for (const auto& topic : topics) paths.push_back(layout_.topic(group, topic));
  const auto children = session_.children(paths, deadline);

  std::vector<StoredOffset> offsets;
  std::vector<std::string> partition_paths;
  for (std::size_t i = 0; i < topics.size(); ++i)
    for (const auto& name : children[i]) {
      const auto number = stores::partition_in(name);
      if (!number)
        throw StoreError{
            zookeeper_message(
                options_,
                fmt::format("the znode {}/{} is named for no partition; delete it, or move it away", paths[i], name)),
            StoreError::Retry::no};
      offsets.push_back({{topics[i], *number}, 0});
      partition_paths.push_back(ZooKeeperLayout::partition(paths[i], *number));
    }

  const auto nodes = session_.read(partition_paths, deadline);
  std::size_t kept = 0;  // what was deleted meanwhile falls out
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (const auto next = zookeeper_stored(options_, partition_paths[i], nodes[i]))
      offsets[kept++] = {offsets[i].partition, *next};
  offsets.resize(kept);
  std::ranges::sort(offsets, {}, &StoredOffset::partition);
  return offsets;
}

void ZooKeeperClient::overwrite(std::string_view group, std::span<const StoredOffset> offsets) {
  std::map<TopicPartition, ZooKeeperTarget> last;
  for (const auto& offset : offsets) {
    refuse_negative(group, offset.partition, offset.next);
    last[offset.partition] = {.from = std::nullopt, .until = offset.next};
  }
  force(group, last);
}

void ZooKeeperClient::erase(std::string_view group, std::span<const TopicPartition> partitions) {
  std::map<TopicPartition, ZooKeeperTarget> each;
  for (const auto& partition : partitions) each[partition] = {};
  force(group, each);
}

void ZooKeeperClient::force(std::string_view group, const std::map<TopicPartition, ZooKeeperTarget>& wanted) {
  if (wanted.empty()) return;
  std::vector<TopicPartition> partitions;
  std::vector<ZooKeeperTarget> targets;
  for (const auto& [partition, target] : wanted) {
    partitions.push_back(partition);
    targets.push_back(target);
  }
  const ZooKeeperPaths paths{layout_, group, std::span<const TopicPartition>{partitions}, std::identity{}};
  const auto obstacle = ZooKeeperTransition{session_, versions_, paths, targets}.run();
  if (obstacle)
    throw StoreError{
        zookeeper_message(options_,
                          fmt::format("the reply to a change was lost, and somebody else has written {} since; "
                                      "list the group, and say again what it is to be",
                                      paths.all()[obstacle->target])),
        StoreError::Retry::no};
}

void ZooKeeperClient::refuse_negative(std::string_view group, const TopicPartition& partition,
                                      std::int64_t offset) const {
  if (offset >= 0) return;
  throw StoreError{
      zookeeper_message(
          options_,
          fmt::format("{} is no offset to store for group {}, topic {}, partition {}: it is negative; nothing was "
                      "changed",
                      offset, zookeeper_shown(group), zookeeper_shown(partition.topic), partition.partition)),
      StoreError::Retry::no};
}

}  // namespace tidemark::detail
