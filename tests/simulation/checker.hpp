#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tidemark/detail/batch_view.hpp>
#include <tidemark/observer.hpp>
#include <tidemark/offset_store.hpp>

#include "anomaly.hpp"
#include "cluster/cluster.hpp"
#include "cluster/handles.hpp"
#include "plan.hpp"
#include "run.hpp"

namespace simulation {

/// Watches what producers were told, what handlers were given and what the store was asked, and finds what must not be.
///
/// A record may be handled again as often as somebody was disturbed who had it in flight; that is counted here as well.
class Checker {
 public:
  using Ranges = std::span<const tidemark::OffsetRange>;

  /// A record that a handler was given.
  struct Given {
    tidemark::TopicPartition partition;
    Payload payload;
  };
  using Records = std::vector<Given>;

  /// A worker's handler, and the batches that it finished and that are not known to be in the store.
  struct Handler {
    explicit Handler(Run& its) : run{its} {}
    Run& run;
    std::vector<tidemark::OffsetRange> in_hand;
    std::deque<std::vector<tidemark::OffsetRange>> uncommitted;
    struct Call {
      std::vector<tidemark::OffsetRange> ranges;
      Time began{};
      bool is_found_late = false;
    };
    Call call{};
    Call last_call{};  ///< What is said of a call may come when it is over.
  };

  Checker(const Plan& plan, Scheduler& scheduler, Cluster& cluster,
          const std::map<tidemark::TopicPartition, std::int64_t>& stored)
      : plan_{plan}, scheduler_{scheduler}, cluster_{cluster}, stored_{stored} {}

  static Given given(const tidemark::Record<>& record);
  static Records records_of(const tidemark::detail::BatchView& batch);

  void add(Run& run) { runs_.push_back(&run); }
  Run& run_of(const Process& process);
  Handler& add_handler(Run& run);

  // ---- what happens

  void on_session(Run& run, const tidemark::GroupSession& session);
  void on_batch(Handler& handler, const tidemark::detail::BatchView& batch);
  void on_batch_end(Handler& handler, const tidemark::detail::BatchView& batch, bool is_handled);
  void on_handled(Run& run, const Records& records);

  void on_dead_letters(const Records& records);
  void on_skip(Run& run, Ranges ranges);

  void on_loaded(Run& run, std::span<const tidemark::TopicPartition> partitions,
                 const std::vector<std::optional<std::int64_t>>& stored);
  void on_commit_asked(Run& run, Ranges ranges);
  void on_committed(Run& run, const tidemark::OffsetRange& range, std::optional<std::int64_t> before);

  void on_rebalance(Run& run, const tidemark::RebalanceEvent& event);
  void on_conflict(Run& run, const tidemark::ConflictEvent& event);
  void on_wait(const Run& run, const tidemark::WaitEvent& event);
  void on_handler_timeout(Run& run, const tidemark::HandlerTimeoutEvent& event);
  void on_out_of_range(Run& run, const tidemark::OutOfRangeEvent& event);
  void on_unreadable(Run& run, const tidemark::UnreadableEvent& event);
  void on_gap(Run& run, const tidemark::GapEvent& event);
  /// It was told that the log was cut off, having fetched up to `position`.
  void on_truncated(Run& run, const tidemark::TopicPartition& partition, std::int64_t end, std::int64_t position);

  /// What the consumer has in flight may be handled again, by whomever.
  void on_disturbed(Run& run);
  void on_disturbed(const Client& client);
  void on_reset(const tidemark::TopicPartition& partition, std::int64_t to);

  /// Nothing more will come.
  void check_end();

  void report(const std::string& kind, const std::string& text);
  template <class... Args>
  void tell(fmt::format_string<Args...> format, Args&&... args) const {
    scheduler_.tell(format, std::forward<Args>(args)...);
  }

  const Anomalies& anomalies() const { return anomalies_; }
  std::size_t dead() const { return dead_; }
  /// Records that were handled at least once.
  std::size_t handled() const { return handled_; }
  std::size_t repeated() const { return repeated_; }

 private:
  void check_time(const Handler& handler);
  void check_chain(Run::View& view, const tidemark::OffsetRange& range, int attempt);
  void check_inside(Log& log, const tidemark::OffsetRange& range, const Records& records);
  void check_covered(Log& log, std::int64_t from, std::int64_t until);
  void check_first_start(Run& run, Log& log, const tidemark::OffsetRange& range);
  bool begins_as_a_whole(const Run& run, const std::string& topic) const;
  void on_disturbed(Run& run, const tidemark::TopicPartition& partition);
  void allow_repeats(Log& log, std::int64_t from, std::int64_t until);
  void allow_repeats(const Records& records, const tidemark::TopicPartition& of);
  void settle(Run& run, const tidemark::TopicPartition& partition, std::int64_t until);
  std::size_t unsettled(const Handler& handler) const;
  bool is_zombie(const Run& run, const tidemark::TopicPartition& partition);

  const Plan& plan_;
  Scheduler& scheduler_;
  Cluster& cluster_;
  const std::map<tidemark::TopicPartition, std::int64_t>& stored_;
  std::vector<Run*> runs_;
  std::deque<Handler> handlers_;
  std::map<tidemark::TopicPartition, const Run*> movers_;  ///< Who moved what is stored; nobody: the operator.
  std::map<std::string, Time> known_since_;                ///< When the store first held something of a topic.
  Anomalies anomalies_;
  std::size_t handled_ = 0;
  std::size_t repeated_ = 0;
  std::size_t dead_ = 0;
};

}  // namespace simulation
