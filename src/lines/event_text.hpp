#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include <tidemark/observer.hpp>

namespace tidemark::lines {

/// Where the text of a line is put together: its memory serves all lines.
using Buffer = fmt::memory_buffer;

/// What happened since the last line about it.
struct Sums {
  std::uint64_t batches = 0;
  std::uint64_t records = 0;
  std::uint64_t stalls = 0;
  std::chrono::nanoseconds stalled{};
};

/// No record is waiting, as far as is known of every partition.
bool is_all_handled(std::span<const PartitionProgress> progress);

/// Each event in plain English. Texts from outside are cut, and have no line breaks.
void describe(Buffer& out, const ConsumerInfo& consumer);
void describe(Buffer& out, const BatchEvent& event);
void describe(Buffer& out, const RetryEvent& event);
void describe(Buffer& out, const HandlerTimeoutEvent& event);
void describe(Buffer& out, const SkipEvent& event);
void describe(Buffer& out, std::span<const DeadLetter> letters);
void describe(Buffer& out, const CommitEvent& event);
void describe(Buffer& out, const ConflictEvent& event);
void describe(Buffer& out, const RebalanceEvent& event);
void describe(Buffer& out, const OutOfRangeEvent& event);
void describe(Buffer& out, const UnreadableEvent& event);
void describe(Buffer& out, const GapEvent& event);
void describe(Buffer& out, const Sums& sums, std::span<const PartitionProgress> progress);
void describe(Buffer& out, std::string_view text);

}  // namespace tidemark::lines
