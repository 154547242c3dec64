#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <tidemark/offset_range.hpp>

#include "stores/postgres/connection.hpp"

namespace tidemark::detail {

/// What is stored for each of the ranges, as the store has just told.
using Stored = std::vector<std::optional<std::int64_t>>;

/// Whether a statement failed because a partition stood elsewhere than at its `from`.
inline bool is_comparison_failure(const PostgresReply& reply) {
  return postgres_report(reply.result.get()).sqlstate == sqlstate::division_by_zero;
}

inline bool all_done(std::span<const OffsetRange> ranges, const Stored& stored) {
  return std::ranges::equal(ranges, stored, [](const auto& range, const auto& next) { return next == range.until; });
}

/// The first range that stands neither at its `from` nor at its `until`.
inline std::optional<Conflict> conflict_in(std::span<const OffsetRange> ranges, const Stored& stored) {
  for (std::size_t i = 0; i < ranges.size(); ++i)
    if (stored[i] && *stored[i] != ranges[i].from && *stored[i] != ranges[i].until)
      return Conflict{ranges[i].partition, stored[i]};
  return std::nullopt;
}

/// The first range that somebody has moved already.
inline std::optional<Conflict> repeated_in(std::span<const OffsetRange> ranges, const Stored& stored) {
  for (std::size_t i = 0; i < ranges.size(); ++i)
    if (ranges[i].from != ranges[i].until && stored[i] == ranges[i].until)
      return Conflict{ranges[i].partition, stored[i]};
  return std::nullopt;
}

/// After a change that the server says is done: it may be on no standby, when the wait for one was cut short.
inline void refuse_standby_warning(PostgresConnection& connection) {
  if (!connection.take_standby_warning()) return;
  connection.give_up();
  throw postgres_error(
      connection.target(),
      "the server stopped waiting for its synchronous standby (a cancelled query, or a shutdown): the change "
      "is committed on this server, and maybe not on the standby, so its outcome is unknown; it is looked up "
      "by the next attempt",
      StoreError::Retry::yes);
}

}  // namespace tidemark::detail
