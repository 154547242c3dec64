#include "lines/event_text.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "core/cut_text.hpp"

namespace tidemark::lines {
namespace {

// So many partitions or ranges are named in one line; of the others it gives the number.
constexpr std::size_t most_named = 5;

template <class... Arguments>
void put(Buffer& out, fmt::format_string<Arguments...> text, Arguments&&... arguments) {
  fmt::format_to(std::back_inserter(out), text, std::forward<Arguments>(arguments)...);
}

void say(Buffer& out, std::string_view text) { out.append(text); }

/// In the unit that reads best.
void put_time(Buffer& out, std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::duration<double>{time}.count();
  if (seconds >= 60)
    put(out, "{:.0f} s", seconds);
  else if (seconds >= 1)
    put(out, "{:.1f} s", seconds);
  else
    put(out, "{:.{}f} ms", seconds * 1e3, seconds >= 0.01 ? 0 : 1);
}

void put_count(Buffer& out, std::uint64_t count, std::string_view noun, std::string_view nouns) {
  put(out, "{} {}", count, count == 1 ? noun : nouns);
}
void put_records(Buffer& out, std::uint64_t count) { put_count(out, count, "record", "records"); }

void put_name(Buffer& out, const TopicPartition& partition) {
  put(out, "{} [{}]", partition.topic, partition.partition);
}

template <class Item, class Put>
void put_list(Buffer& out, std::span<const Item> items, const Put& put_one) {
  for (std::size_t i = 0; i < std::min(items.size(), most_named); ++i) {
    if (i > 0) say(out, ", ");
    put_one(items[i]);
  }
  if (items.size() > most_named) put(out, " and {} more", items.size() - most_named);
}

void put_range(Buffer& out, const OffsetRange& range) {
  put_name(out, range.partition);
  if (range.until == range.from + 1)
    put(out, " offset {}", range.from);
  else if (range.until > range.from)
    put(out, " offsets {} to {}", range.from, range.until - 1);
  else
    put(out, " back to offset {}", range.until);
}

void put_ranges(Buffer& out, std::span<const OffsetRange> ranges) {
  put_list(out, ranges, [&](const OffsetRange& range) { put_range(out, range); });
}

/// A text of somebody else's, as a part of a sentence: its own full stop is left out.
void put_text(Buffer& out, std::string_view text) {
  while (!text.empty() && (text.back() == '.' || text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  if (text.empty()) text = "no reason is given";
  const auto begin = out.size();
  put(out, "{}", core::cut_text(text));
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
}

struct Lag {
  std::int64_t records = 0;
  std::size_t unknown = 0;  // partitions
  std::size_t parked = 0;   // partitions
  std::chrono::milliseconds in_handler{};
};

Lag lag_of(std::span<const PartitionProgress> progress) {
  Lag sum;
  for (const auto& partition : progress) {
    sum.records += partition.lag().value_or(0);
    if (!partition.end) ++sum.unknown;
    if (partition.is_parked) ++sum.parked;
    if (partition.in_handler_for) sum.in_handler = std::max(sum.in_handler, *partition.in_handler_for);
  }
  return sum;
}

}  // namespace

bool is_all_handled(std::span<const PartitionProgress> progress) {
  return std::ranges::all_of(progress, [](const PartitionProgress& partition) { return partition.lag() == 0; });
}

void describe(Buffer& out, const ConsumerInfo& consumer) { put(out, "Connecting to {}.", consumer.brokers); }

void describe(Buffer& out, const BatchEvent& event) {
  say(out, "Handled ");
  put_records(out, event.records);
  put(out, " ({} bytes) in ", event.bytes);
  put_time(out, event.handler_time);
  if (event.attempt > 1) put(out, ", at attempt {}", event.attempt);
  say(out, ": ");
  put_ranges(out, event.ranges);
  say(out, ".");
}

void describe(Buffer& out, const RetryEvent& event) {
  put(out, "The handler failed at attempt {}: ", event.attempt);
  put_text(out, event.why);
  say(out, ". It is called again in ");
  put_time(out, event.delay);
  say(out, " with ");
  put_ranges(out, event.ranges);
  say(out, ".");
}

void describe(Buffer& out, const HandlerTimeoutEvent& event) {
  say(out, event.given_up ? "The handler did not return within " : "The handler has been busy for ");
  put_time(out, event.handler_time);
  say(out, " with ");
  put_ranges(out, event.ranges);
  if (event.given_up)
    say(out, ". Its partitions are given up without a commit, and the consumer ends.");
  else
    say(out, ", longer than handler_timeout. It is asked to finish.");
}

void describe(Buffer& out, const SkipEvent& event) {
  say(out, "The handler failed");
  if (event.attempts > 1) put(out, " at all {} attempts", event.attempts);
  say(out, ": ");
  put_text(out, event.why);
  say(out, ". Skipped ");
  put_records(out, event.records);
  say(out, ": ");
  put_ranges(out, event.ranges);
  say(out, ".");
}

void describe(Buffer& out, std::span<const DeadLetter> letters) {
  if (letters.empty()) return say(out, "Nothing was set aside.");
  const auto& first = letters.front();
  put_records(out, letters.size());
  put(out, " became {} {} [{}] offset {} ({}): ", letters.size() == 1 ? "a dead letter:" : "dead letters, the first is",
      first.record.topic(), first.record.partition(), first.record.offset(), name_of(first.reason));
  put_text(out, first.why);
  say(out, ".");
}

void describe(Buffer& out, const CommitEvent& event) {
  say(out, "Committed ");
  put_ranges(out, event.ranges);
  if (event.commit_time.count() > 0) {
    say(out, " in ");
    put_time(out, event.commit_time);
  }
  if (event.attempts > 1) put(out, ", at attempt {}", event.attempts);
  say(out, ".");
}

void describe(Buffer& out, const ConflictEvent& event) {
  const auto& [partition, stored] = event.conflict;
  const bool is_refused = event.refused.until != event.refused.from;
  if (is_refused) {
    say(out, "The commit of ");
    put_range(out, event.refused);
    say(out, " was refused, since somebody else has ");
  } else {
    say(out, "Somebody else has ");
  }
  say(out, stored ? "moved the stored offset" : "removed the stored offset");
  if (!is_refused) {
    say(out, " of ");
    put_name(out, partition);
  }
  if (stored)
    put(out, " to {}. The partition is read on from there.", *stored);
  else
    say(out, ". The partition is started anew.");
}

void describe(Buffer& out, const RebalanceEvent& event) {
  using Kind = RebalanceEvent::Kind;
  const auto& partitions = event.partitions;
  say(out, event.kind == Kind::assigned ? "Assigned " : event.kind == Kind::revoked ? "Gave up " : "Lost ");
  if (partitions.empty()) {
    say(out, "no partition");
  } else {
    put_count(out, partitions.size(), "partition: ", "partitions: ");
    put_list(out, partitions, [&](const TopicPartition& partition) { put_name(out, partition); });
  }
  if (event.kind == Kind::assigned && partitions.empty())
    say(out, ": the group's other members have them all, or there is none");
  if (event.kind == Kind::lost)
    say(out, ". The group has put this member out: what it has not committed, others handle again");
  say(out, ".");
}

void describe(Buffer& out, const OutOfRangeEvent& event) {
  if (event.truncated_to) {
    say(out, "Kafka has lost the records of ");
    put_name(out, event.partition);
    put(out, " from offset {} on, where this consumer was at {}.", *event.truncated_to, event.requested);
  } else {
    put(out, "Offset {} of ", event.requested);
    put_name(out, event.partition);
    if (event.earliest < event.end)
      put(out, " does not exist: Kafka has {} to {}.", event.earliest, event.end - 1);
    else
      put(out, " does not exist: Kafka has no record there, and goes on at {}.", event.end);
  }
  if (event.restarted_at)
    put(out, " Reading goes on at offset {}, as out_of_range says.", *event.restarted_at);
  else
    say(out, " The consumer ends, as out_of_range says.");
}

void describe(Buffer& out, const UnreadableEvent& event) {
  put(out, "Offset {} of ", event.offset);
  put_name(out, event.partition);
  say(out, " can't be read: ");
  put_text(out, event.why);
  if (!event.tried_again_in) return say(out, ". The consumer ends, as `unreadable` says.");
  say(out, ". The partition is passed over, and tried again in ");
  put_time(out, *event.tried_again_in);
  say(out, ".");
}

void describe(Buffer& out, const GapEvent& event) {
  say(out, "No record at ");
  put_range(out, event.first);
  put(out, ": {} offsets are missing in this batch, {} since the partition was assigned.", event.offsets, event.all);
}

void describe(Buffer& out, const Sums& sums, std::span<const PartitionProgress> progress) {
  const auto lag = lag_of(progress);
  if (sums.batches > 0) {
    say(out, "Handled ");
    put_records(out, sums.records);
    say(out, " in ");
    put_count(out, sums.batches, "batch", "batches");
    say(out, "; ");
  } else if (lag.records > 0) {
    say(out, "No batch was handled; ");
  }
  const bool begins = sums.batches == 0 && lag.records == 0;
  if (progress.empty()) return put(out, "{} partition is assigned any more.", begins ? "No" : "no");
  if (lag.records > 0) {
    put_records(out, static_cast<std::uint64_t>(lag.records));
    say(out, " behind in ");
  } else {
    put(out, "{} record is waiting in ", begins ? "No" : "no");
  }
  put_count(out, progress.size(), "partition", "partitions");
  if (lag.unknown > 0)
    put(out, ", of which {} {} not been fetched yet", lag.unknown, lag.unknown == 1 ? "has" : "have");
  if (lag.parked > 0) put(out, ", of which {} can't be read", lag.parked);
  if (lag.in_handler >= std::chrono::seconds{1}) {
    say(out, "; the handler has been at a batch for ");
    put_time(out, lag.in_handler);
  }
  if (sums.stalls > 0) {
    say(out, "; waited ");
    put_count(out, sums.stalls, "time", "times");
    say(out, ", ");
    put_time(out, sums.stalled);
    say(out, " in all, for records that Kafka had");
  }
  say(out, ".");
}

void describe(Buffer& out, std::string_view text) {
  put_text(out, text);
  say(out, ".");
}

}  // namespace tidemark::lines
