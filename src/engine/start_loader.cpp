#include "engine/start_loader.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "core/invariant.hpp"
#include "engine/store_call.hpp"
#include "engine/stored_offsets.hpp"

namespace tidemark::engine {
namespace {

// What is not answered by then is asked again. Until then the other questions wait.
constexpr std::chrono::milliseconds query_timeout{2'000};

std::string name_of(const TopicPartition& partition) {
  return fmt::format("{} [{}]", partition.topic, partition.partition);
}

bool is_told(const core::Starts& starts, const TopicPartition& partition) {
  return std::ranges::find(starts.known, partition, &core::PartitionStart::partition) != starts.known.end() ||
         std::ranges::find(starts.open, partition, &core::OpenStart::partition) != starts.open.end();
}

}  // namespace

core::Starts StartLoader::load(std::span<const TopicPartition> partitions) {
  core::Starts starts;
  Partitions absent;
  const auto stored = load_stored(partitions);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (stored[i])
      starts.known.push_back({partitions[i], *stored[i], *stored[i]});
    else
      absent.push_back(partitions[i]);
  }
  if (!absent.empty()) ask_apart();
  resolve(absent, starts);
  may_fetch_ = true;
  TIDEMARK_INVARIANT(40, starts.known.size() + starts.open.size() == partitions.size());
  TIDEMARK_INVARIANT(40, std::ranges::all_of(partitions, [&](const auto& one) { return is_told(starts, one); }));
  return starts;
}

/// From now on questions go through a client of their own, once this one fetches.
void StartLoader::ask_apart() {
  if (!may_fetch_) return;
  if (auto* client = asking_.handle()) queries_ = kafka::BrokerQueries{client};
}

GroupSession StartLoader::session() const { return session_until(options_, client_, store_stop_); }

StartLoader::Stored StartLoader::load_stored(std::span<const TopicPartition> partitions) {
  StoreCall call{options_.store_retry, notifier_, &watch_};
  const CallWatch::Call watched{watch_};
  while (true) {
    try {
      return load_checked(store_, session(), partitions);
    } catch (...) {
      call.wait_or_rethrow("the stored offsets could not be loaded", interrupt_);
    }
  }
}

void StartLoader::resolve(std::span<const TopicPartition> absent, core::Starts& starts) {
  std::map<std::string, Partitions> topics;
  for (const auto& partition : absent) topics[partition.topic].push_back(partition);

  ByPoint to_ask;
  for (const auto& [topic, partitions] : topics) {
    try {
      resolve_topic(topic, partitions, to_ask, starts);
    } catch (const KafkaError& error) {
      if (!kafka::may_heal(error.code())) throw;
      for (const auto& partition : partitions)
        if (!is_told(starts, partition)) starts.open.push_back({partition, error.what()});
    }
  }
  for (const auto& [point, partitions] : to_ask) {
    TIDEMARK_INVARIANT(11, point != core::StartPoint::end && point != core::StartPoint::timestamp);
    const auto answers = offsets_of(point, partitions);
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      if (answers[i].code == 0)
        starts.known.push_back({partitions[i], answers[i].offset, answers[i].offset});
      else
        starts.open.push_back({partitions[i], kafka::text_of(answers[i].code)});
    }
  }
}

void StartLoader::resolve_topic(const std::string& topic, const Partitions& partitions, ByPoint& to_ask,
                                core::Starts& starts) {
  if (!core::asks_for_other_partitions(options_.start)) {
    for (const auto& partition : partitions)
      to_ask[core::start_point(options_.start, partition, false)].push_back(partition);
    return;
  }
  Partitions undecided;
  for (const auto& partition : partitions) {
    const std::span one{&partition, 1};
    if (const auto found = decided_.find(partition); found != decided_.end())
      store_at_once(one, queries_.offsets_at(one, found->second, query_timeout), one, found->second, starts);
    else
      undecided.push_back(partition);
  }
  if (undecided.empty()) return;

  const auto all = all_partitions(topic);
  const auto stored = load_stored(all);
  const bool known = std::ranges::any_of(stored, [](const auto& offset) { return offset.has_value(); });
  Partitions still_absent;
  for (const auto& partition : undecided) {
    const auto found = std::ranges::find(all, partition);
    if (found == all.end())
      starts.open.push_back({partition, all.empty() ? "the topic does not exist" : "the partition does not exist"});
    else if (const auto& offset = stored[static_cast<std::size_t>(found - all.begin())])
      // Another member has stored the starts of the whole topic since we looked: this partition is not new at all.
      starts.known.push_back({partition, *offset, *offset});
    else
      still_absent.push_back(partition);
  }
  if (const auto begun = begun_.find(topic); begun != begun_.end() && !known) {
    for (const auto& partition : still_absent) {
      if (static_cast<std::size_t>(partition.partition) >= begun->second.partitions) {
        to_ask[core::start_point(options_.start, partition, true)].push_back(partition);
        continue;
      }
      const std::span one{&partition, 1};
      store_at_once(one, queries_.offsets_at(one, begun->second.at, query_timeout), one, begun->second.at, starts);
    }
    return;
  }
  if (still_absent.empty()) return;
  const auto point = core::start_point(options_.start, still_absent.front(), known);
  if (core::is_stored_at_once(point)) {
    const auto* timestamp = std::get_if<start::Timestamp>(&options_.start);
    const auto time = timestamp != nullptr ? timestamp->at : std::chrono::system_clock::now();
    return store_at_once(all, offsets_of(point, all), still_absent, time, starts);
  }
  for (const auto& partition : still_absent)
    to_ask[core::start_point(options_.start, partition, known)].push_back(partition);
}

std::vector<kafka::OffsetAnswer> StartLoader::offsets_of(core::StartPoint point,
                                                         std::span<const TopicPartition> partitions) {
  switch (point) {
    case core::StartPoint::beginning:
      return queries_.beginnings(partitions, query_timeout);
    case core::StartPoint::end:
      return queries_.ends(partitions, query_timeout);
    case core::StartPoint::timestamp:
      return queries_.offsets_at(partitions, std::get<start::Timestamp>(options_.start).at, query_timeout);
    case core::StartPoint::given: {
      std::vector<kafka::OffsetAnswer> offsets;
      for (const auto& partition : partitions)
        offsets.push_back({std::get<start::Offsets>(options_.start).next.at(partition)});
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

StartLoader::Partitions StartLoader::all_partitions(const std::string& topic) {
  Partitions all;
  const auto count = queries_.partition_count(topic, query_timeout);
  for (std::int32_t partition = 0; partition < count; ++partition) all.push_back({topic, partition});
  return all;
}

/// For a start that would come out differently the next time. It is stored for all partitions of the topic that Kafka can tell it of: another
/// member that loads meanwhile would find the topic known, and take its own partitions for ones that were added later.
void StartLoader::store_at_once(std::span<const TopicPartition> all, std::span<const kafka::OffsetAnswer> answers,
                                std::span<const TopicPartition> wanted, std::chrono::system_clock::time_point time,
                                core::Starts& starts) {
  std::vector<OffsetRange> ranges;
  std::map<TopicPartition, std::string> open;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (answers[i].code == 0)
      ranges.push_back({all[i], answers[i].offset, answers[i].offset});
    else
      open.emplace(all[i], kafka::text_of(answers[i].code));
  }
  const auto commit = [&]() -> std::optional<Conflict> {
    StoreCall call{options_.store_retry, notifier_, &watch_};
    const CallWatch::Call watched{watch_};
    while (true) {
      try {
        // A conflict means that another member was first. Either way, what is stored now is what holds.
        return store_.commit(session(), ranges);
      } catch (...) {
        call.wait_or_rethrow("the start offsets could not be stored", interrupt_);
      }
    }
  };
  const auto conflict = ranges.empty() ? std::nullopt : commit();
  const auto stored = load_stored(wanted);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (stored[i]) {
      decided_.erase(wanted[i]);
      starts.known.push_back({wanted[i], *stored[i], *stored[i]});
    } else if (const auto found = open.find(wanted[i]); found != open.end() || conflict) {
      decided_.try_emplace(wanted[i], time);
      begun_.try_emplace(wanted[i].topic, Begun{time, all.size()});
      TIDEMARK_INVARIANT(41, decided_.contains(wanted[i]) && decided_.at(wanted[i]) == time);
      starts.open.push_back(
          {wanted[i], found != open.end() ? found->second : "another member stored the starts of its topic meanwhile"});
    } else {
      throw StoreError{fmt::format("the start of {} was stored, but the store does not have it", name_of(wanted[i])),
                       StoreError::Retry::no};
    }
  }
}

StartLoader::Stored StartLoader::look(std::span<const TopicPartition> partitions) {
  const CallWatch::Call watched{watch_};
  try {
    return load_checked(store_, session(), partitions);
  } catch (...) {
    notifier_->on_error(
        fmt::format("could not look whether the stored offsets were changed: {}", current_error_text()));
    return {};
  }
}

std::string StartLoader::strategy() const { return queries_.strategy_of(options_.group, query_timeout); }

core::Starts StartLoader::go_on(const TopicPartition& partition, std::int64_t committed,
                                const core::Obstacle& obstacle) {
  ask_apart();
  const auto first = offsets_of(core::StartPoint::beginning, {&partition, 1}).front();
  const auto last = offsets_of(core::StartPoint::end, {&partition, 1}).front();
  if (first.code != 0 || last.code != 0)
    return {{}, {{partition, kafka::text_of(first.code != 0 ? first.code : last.code)}}};
  const auto requested = obstacle.position;
  const auto earliest = first.offset;
  const auto end = last.offset;
  // Of a log that was cut off above our position nothing is lost that was handled.
  const bool is_truncated =
      obstacle.kind == core::Obstacle::Kind::truncated && requested > obstacle.end.value_or(requested - 1);
  if (!is_truncated && earliest <= requested && requested <= end) return {{{partition, committed, requested}}, {}};

  std::optional<std::int64_t> restart;
  if (options_.out_of_range == OutOfRangePolicy::earliest)
    restart = is_truncated && obstacle.end ? std::clamp(*obstacle.end, earliest, end) : earliest;
  if (options_.out_of_range == OutOfRangePolicy::latest) restart = end;
  OutOfRangeEvent event{partition, requested, earliest, end, restart};
  if (is_truncated) event.truncated_to = obstacle.end.value_or(end);
  notifier_->on_out_of_range(event);
  TIDEMARK_INVARIANT(10, !restart || (earliest <= *restart && *restart <= end));
  if (restart) return {{{partition, committed, *restart}}, {}};
  throw OffsetError{partition, why_not_at(partition, event)};
}

std::string StartLoader::why_not_at(const TopicPartition& partition, const OutOfRangeEvent& event) const {
  constexpr std::string_view advice =
      "Set the stored offset, or choose where to go on with ConsumerOptions::out_of_range";
  if (event.truncated_to)
    return fmt::format(
        "the log of {} was truncated to offset {}, below offset {}, where group \"{}\" was to go on: Kafka has lost "
        "records that were handled, most likely by an unclean leader election, and may hold others in their place. {}",
        name_of(partition), *event.truncated_to, event.requested, options_.group, advice);
  return fmt::format(
      "offset {} of {}, where group \"{}\" was to go on, does not exist: Kafka holds {} to {}; records "
      "were deleted, or the topic was made anew. {}",
      event.requested, name_of(partition), options_.group, event.earliest, event.end, advice);
}

}  // namespace tidemark::engine
