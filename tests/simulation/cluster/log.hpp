#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <tidemark/topic_partition.hpp>

#include "scheduler.hpp"

namespace simulation {

/// A record that was acknowledged to its producer, and what the checker knows of it.
struct Entry {
  std::int64_t offset = 0;
  Time time{};
  bool is_gone = false;     ///< Compacted away, or deleted: nobody can read it any more, unless it was fetched before.
  bool is_excused = false;  ///< Need not be handled: somebody decided to skip it, and that was told.
  std::uint32_t handled = 0;
  bool is_dead = false;  ///< It is with the dead letters.
  std::uint32_t repeats_allowed = 0;
};

/// A partition in the cluster. Offsets are sparse: markers, aborted records and compaction leave gaps.
class Log {
 public:
  explicit Log(tidemark::TopicPartition its_name) : name{std::move(its_name)} {}

  using Entries = std::vector<Entry>;

  /// The first entry at `offset` or after it, gone or not.
  Entries::iterator at(std::int64_t offset) { return std::ranges::lower_bound(entries, offset, {}, &Entry::offset); }

  /// Where all was deleted before anybody began, there is nothing to store.
  bool is_worth_storing() { return readable(start, end) != entries.end(); }

  /// The first one there is to read in [from, until); end() where there is none.
  Entries::iterator readable(std::int64_t from, std::int64_t until) {
    for (auto entry = at(from); entry != entries.end() && entry->offset < until; ++entry)
      if (!entry->is_gone) return entry;
    return entries.end();
  }

  /// nullptr where no such record was ever written.
  Entry* find(int of_incarnation, std::int64_t offset) {
    auto& all = of_incarnation == incarnation ? entries : earlier.at(static_cast<std::size_t>(of_incarnation));
    const auto found = std::ranges::lower_bound(all, offset, {}, &Entry::offset);
    return found != all.end() && found->offset == offset ? &*found : nullptr;
  }

  void append(Time now, std::int64_t gap_before) {
    end += gap_before;
    entries.push_back({end, now});
    ++end;
  }

  /// Nobody can read these until they are repaired.
  struct Damage {
    std::int64_t from = 0;
    std::int64_t until = 0;
    /// What librdkafka makes of it.
    enum class Kind {
      reads_on,     ///< It tells of it, and goes on behind it.
      invents,      ///< It tells of it, and goes on at an offset that it makes up.
      is_astray,    ///< It goes on at an offset that it makes up.
      is_swallowed  ///< It goes on behind it and says nothing, as with all but the first member of a gzip stream.
    } kind = Kind::reads_on;

    bool holds(std::int64_t offset) const { return from <= offset && offset < until; }
  };

  void delete_until(std::int64_t offset) {
    start = std::clamp(offset, start, end);
    for (auto& entry : entries)
      if (entry.offset < start) entry.is_gone = true;
  }

  /// The topic is deleted and made again under the same name.
  void recreate() {
    for (auto& entry : entries) entry.is_gone = true;
    earlier.push_back(std::move(entries));
    entries.clear();
    ++incarnation;
    start = 0;
    end = 0;
  }

  tidemark::TopicPartition name;
  int incarnation = 0;
  bool has_leader = true;  ///< Without one nothing of the partition can be read or asked, though the brokers answer.
  std::optional<Time> lost_leader_at;  ///< The last time.
  std::int64_t start = 0;
  std::int64_t end = 0;  ///< Where the next record goes; markers lie before it.
  Entries entries;
  std::vector<Entries> earlier;  // of the incarnations before
  std::optional<Damage> damage;
  bool was_damaged = false;
  bool was_truncated = false;  ///< Or so a client was told.
};

}  // namespace simulation
