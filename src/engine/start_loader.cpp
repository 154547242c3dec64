#include "engine/start_loader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "engine/store_call.hpp"
#include "engine/stored_offsets.hpp"

namespace tidemark::engine {
namespace {

constexpr std::chrono::milliseconds query_timeout{5'000};
constexpr std::chrono::milliseconds pause_after_outage{500};

std::string name_of(const TopicPartition& partition) {
  return fmt::format("{} [{}]", partition.topic, partition.partition);
}

}  // namespace

/// A broker's outage is waited out, as it is while records are read.
template <class Question>
auto StartLoader::ask(const Question& question) {
  while (true) {
    try {
      return question();
    } catch (const KafkaError& error) {
      if (!kafka::is_outage(error.code())) throw;
      notifier_->on_error(fmt::format("{}; asking again", error.what()));
      if (!interrupt_.wait_for(pause_after_outage)) throw;
    }
  }
}

std::vector<core::PartitionStart> StartLoader::load(std::span<const TopicPartition> partitions) {
  std::vector<core::PartitionStart> starts;
  std::vector<TopicPartition> absent;
  const auto stored = load_stored(partitions);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (stored[i])
      starts.push_back({partitions[i], *stored[i], *stored[i]});
    else
      absent.push_back(partitions[i]);
  }
  if (absent.empty()) return starts;
  auto resolved = resolve(absent);
  starts.insert(starts.end(), resolved.begin(), resolved.end());
  return starts;
}

StartLoader::Stored StartLoader::load_stored(std::span<const TopicPartition> partitions) {
  StoreCall call{options_.store_retry, notifier_};
  while (true) {
    try {
      return load_checked(store_, session_, partitions);
    } catch (...) {
      call.wait_or_rethrow("the stored offsets could not be loaded", interrupt_);
    }
  }
}

std::vector<core::PartitionStart> StartLoader::resolve(std::span<const TopicPartition> absent) {
  std::map<std::string, std::vector<TopicPartition>> topics;
  for (const auto& partition : absent) topics[partition.topic].push_back(partition);

  std::map<core::StartPoint, std::vector<TopicPartition>> points;
  std::vector<core::PartitionStart> starts;
  for (const auto& [topic, partitions] : topics) {
    const bool known = core::asks_for_other_partitions(options_.start) && is_known(topic);
    if (known && load_stored(partitions) != Stored(partitions.size())) {
      // Another member has stored the starts of the whole topic since we looked: these partitions are not new at all.
      const auto late = load(partitions);
      starts.insert(starts.end(), late.begin(), late.end());
      continue;
    }
    const auto point = core::start_point(options_.start, partitions.front(), known);
    if (core::is_stored_at_once(point)) {
      store_at_once(partitions, point);
      const auto stored = load_stored(partitions);
      for (std::size_t i = 0; i < partitions.size(); ++i) {
        if (!stored[i])
          throw StoreError{
              fmt::format("the start of {} was stored, but the store does not have it", name_of(partitions[i])),
              StoreError::Retry::no};
        starts.push_back({partitions[i], *stored[i], *stored[i]});
      }
      continue;
    }
    for (const auto& partition : partitions)
      points[core::start_point(options_.start, partition, known)].push_back(partition);
  }

  for (const auto& [point, partitions] : points) {
    const auto offsets = offsets_of(point, partitions);
    for (std::size_t i = 0; i < partitions.size(); ++i) starts.push_back({partitions[i], offsets[i], offsets[i]});
  }
  return starts;
}

std::vector<std::int64_t> StartLoader::offsets_of(core::StartPoint point, std::span<const TopicPartition> partitions) {
  switch (point) {
    case core::StartPoint::beginning:
      return ask([&] { return queries_.beginnings(partitions, query_timeout); });
    case core::StartPoint::end:
      return ask([&] { return queries_.ends(partitions, query_timeout); });
    case core::StartPoint::timestamp:
      return ask([&] {
        return queries_.offsets_at(partitions, std::get<start::Timestamp>(options_.start).at, query_timeout);
      });
    case core::StartPoint::given: {
      std::vector<std::int64_t> offsets;
      for (const auto& partition : partitions)
        offsets.push_back(std::get<start::Offsets>(options_.start).next.at(partition));
      return offsets;
    }
    case core::StartPoint::nowhere:
      break;
  }
  throw OffsetError{
      partitions.front(),
      fmt::format("nothing is stored for group \"{}\" in {}, and ConsumerOptions::start does not say where to begin; "
                  "store an offset, or choose another start policy",
                  options_.group, name_of(partitions.front()))};
}

bool StartLoader::is_known(const std::string& topic) {
  const auto stored = load_stored(all_partitions(topic));
  return std::ranges::any_of(stored, [](const auto& offset) { return offset.has_value(); });
}

std::vector<TopicPartition> StartLoader::all_partitions(const std::string& topic) {
  std::vector<TopicPartition> all;
  const auto count = ask([&] { return queries_.partition_count(topic, query_timeout); });
  for (std::int32_t partition = 0; partition < count; ++partition) all.push_back({topic, partition});
  return all;
}

/// Stores the starts of all partitions of a topic together, those of other members too: were only ours stored, the others would
/// find the topic known and take theirs for partitions that were added later.
void StartLoader::store_at_once(std::span<const TopicPartition> absent, core::StartPoint point) {
  const auto all = all_partitions(absent.front().topic);
  const auto offsets = offsets_of(point, all);
  std::vector<OffsetRange> ranges;
  for (std::size_t i = 0; i < all.size(); ++i) ranges.push_back({all[i], offsets[i], offsets[i]});
  StoreCall call{options_.store_retry, notifier_};
  while (true) {
    try {
      // A conflict means that another member was first. Either way, what is stored now is what holds.
      store_.commit(session_, ranges);
      return;
    } catch (...) {
      call.wait_or_rethrow("the start offsets could not be stored", interrupt_);
    }
  }
}

StartLoader::Stored StartLoader::look(std::span<const TopicPartition> partitions) {
  try {
    return load_checked(store_, session_, partitions);
  } catch (...) {
    notifier_->on_error(
        fmt::format("could not look whether the stored offsets were changed: {}", current_error_text()));
    return {};
  }
}

core::PartitionStart StartLoader::go_on(const TopicPartition& partition, std::int64_t committed,
                                        std::int64_t requested) {
  const auto earliest = offsets_of(core::StartPoint::beginning, {&partition, 1}).front();
  const auto end = offsets_of(core::StartPoint::end, {&partition, 1}).front();
  if (earliest <= requested && requested <= end) return {partition, committed, requested};

  std::optional<std::int64_t> restart;
  if (options_.out_of_range == OutOfRangePolicy::earliest) restart = earliest;
  if (options_.out_of_range == OutOfRangePolicy::latest) restart = end;
  notifier_->on_out_of_range({partition, requested, earliest, end, restart});
  if (!restart)
    throw OffsetError{
        partition,
        fmt::format("offset {} of {}, where group \"{}\" was to go on, does not exist: Kafka holds {} to {}; records "
                    "were deleted, or the topic was made anew. Set the stored offset, or choose where to go on with "
                    "ConsumerOptions::out_of_range",
                    requested, name_of(partition), options_.group, earliest, end)};
  return {partition, committed, *restart};
}

}  // namespace tidemark::engine
