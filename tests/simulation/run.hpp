#pragma once

#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <tidemark/detail/engine.hpp>
#include <tidemark/options.hpp>

#include "process.hpp"
#include "scheduler.hpp"

namespace simulation {

class Client;

/// One life of a member: a process with a consumer in it, and what the checker knows of it.
struct Run {
  /// What this consumer does with a partition.
  struct View {
    std::optional<std::int64_t> position;  ///< Where the last batch that was handed over ended.
    std::optional<tidemark::OffsetRange> last;
    std::optional<tidemark::OffsetRange> put_back;  ///< What was not handled, and may come again or be set aside.
    std::set<std::int64_t> may_start_at;            ///< What it was told since by the store, or has told itself.
    bool may_start_anywhere = false;                ///< The store had nothing.
    std::vector<Time> found_absent;  ///< When the store had nothing: three times before a start is asked for again.
    bool is_handled_now = false;
    bool is_refused = false;  ///< What it has in flight is void, since the store refused a commit.
    std::optional<Time> given_up;
    Time assigned{};
    Time commit_asked{};
    std::optional<std::int64_t> fetched_before_truncation;  ///< Until it says that it has noticed.
  };

  explicit Run(int number) { process.number = number; }

  Process process;
  std::unique_ptr<tidemark::detail::Engine> engine;
  Client* client = nullptr;  // once known
  int stoppers = 0;
  bool is_to_be_destroyed = false;
  bool is_ended = false;
  bool is_over = false;  // and all of it is gone
  std::exception_ptr error;
  std::optional<Time> stop_asked;
  tidemark::ConsumerOptions options;

  // What was done to it.
  int throws_due = 0;
  Time slow_until{};
  Time thawed{};
  bool had_throw = false;
  bool had_store_trouble = false;
  bool had_fatal = false;
  bool had_conflict = false;
  bool was_stuck = false;  ///< Its handler was asked to finish, and did not.

  std::map<tidemark::TopicPartition, View> views;
};

}  // namespace simulation
