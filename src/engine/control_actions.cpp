// The part of Control that does what Session decides.
#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <span>
#include <utility>

#include "core/invariant.hpp"
#include "engine/batch_reader_visit.hpp"
#include "engine/control.hpp"

namespace tidemark::engine {
namespace {

// Leaving the group gets this long even where draining has used up the stop time-out.
constexpr std::chrono::milliseconds least_leave_time{1000};

/// While it lives no worker reads: partitions are taken off under it. What librdkafka gives is noted as our position (rktp_app_pos) only
/// later in the call that gives it. Were the fetcher stopped in between, which forgets the position, it would be noted for the partition's
/// next assignment, and a rebalance that comes before anything was read of that would go on there (invariant 33).
class ReadersAtRest {
 public:
  explicit ReadersAtRest(std::span<const std::unique_ptr<Worker>> workers) {
    for (const auto& worker : workers) visits_.emplace_back(worker->reader());
  }

 private:
  std::deque<BatchReader::Visit> visits_;
};

}  // namespace

void Control::perform(core::Session::Actions actions) {
  actions_.insert(actions_.end(), std::make_move_iterator(actions.begin()), std::make_move_iterator(actions.end()));
  if (std::exchange(performing_, true)) return;  // an action's own consequences follow those that were decided before
  struct Done {
    bool& performing;
    ~Done() { performing = false; }
  } done{performing_};
  while (!actions_.empty()) {
    auto action = std::move(actions_.front());
    actions_.pop_front();
    std::visit([this](auto& one) { perform_one(one); }, action);
  }
}

void Control::perform_one(core::action::Load& action) {
  background_.post([this, action] { mailbox_.post(message::Loaded{action.ticket, starts_.load(action.partitions)}); });
}

void Control::perform_one(core::action::Accept&) { client_.assign({}); }

bool Control::is_owned(std::span<const core::PartitionStart> starts) {
  return std::ranges::all_of(starts, [this](const core::PartitionStart& start) {
    auto& worker = *workers_[places_.place(start.partition)];
    return worker.reader().owns(start.partition) || worker.has_failed();
  });
}

void Control::assign(std::span<const core::PartitionStart> starts) {
  TIDEMARK_INVARIANT(4, is_owned(starts));
  client_.assign(starts);
}

void Control::perform_one(core::action::Assign& action) {
  std::vector<TopicPartition> partitions;
  for (const auto& start : action.starts) {
    unreadable_.forget(start.partition);
    workers_[places_.place(start.partition)]->own(start);
    partitions.push_back(start.partition);
  }
  assign(action.starts);
  // By increments, a rebalance that gives this member nothing new is answered with nothing: that is no event.
  if (!partitions.empty() || !client_.is_incremental())
    notifier_->on_rebalance({RebalanceEvent::Kind::assigned, partitions});
}

void Control::perform_one(core::action::Drain& action) {
  for (const auto& [worker, partitions] : by_worker(action.partitions))
    for (const auto& drained : workers_[worker]->drain(partitions)) perform(session_.on_drained(drained));
}

void Control::perform_one(core::action::Abandon& action) {
  for (const auto& [worker, partitions] : by_worker(action.partitions)) {
    const auto released = workers_[worker]->abandon(partitions);
    if (released.empty()) still_in_hand_.insert(partitions.begin(), partitions.end());
  }
}

void Control::perform_one(core::action::Unassign& action) {
  TIDEMARK_INVARIANT(8, std::ranges::none_of(action.partitions, [this](const TopicPartition& partition) {
                       return workers_[places_.place(partition)]->reader().owns(partition);
                     }));
  {
    const ReadersAtRest rest{workers_};
    client_.unassign(action.partitions);
  }
  for (auto& worker : workers_) worker->reader().retire(action.partitions);
  published_.remove(action.partitions);
  for (const auto& partition : action.partitions) {
    unreadable_.forget(partition);
    parked_.erase(partition);
    open_starts_.erase(partition);
    if (!still_in_hand_.contains(partition)) release(partition);
  }
  notifier_->on_rebalance(
      {action.lost ? RebalanceEvent::Kind::lost : RebalanceEvent::Kind::revoked, action.partitions});
}

void Control::perform_one(core::action::Add& action) {
  if (!put(action.starts)) return perform(session_.on_add_overtaken(action.starts));
  std::vector<TopicPartition> partitions;
  for (const auto& start : action.starts) partitions.push_back(start.partition);
  notifier_->on_rebalance({RebalanceEvent::Kind::assigned, partitions});
}

void Control::perform_one(core::action::Reload& action) {
  const auto parked = parked_.at(action.partition);
  background_.post([this, action, parked] {
    auto starts = parked.obstacle ? starts_.go_on(parked.partition, parked.committed, *parked.obstacle)
                                  : starts_.load({&parked.partition, 1});
    mailbox_.post(message::Reloaded{action.ticket, std::move(starts)});
  });
}

void Control::perform_one(core::action::Reposition& action) {
  if (!put({&action.start, 1})) perform(session_.on_reposition_overtaken(action.start));
}

/// Puts partitions where they are to be read, without a rebalance. Where assignments change as a whole, the others are put back with them.
/// False, with nothing done, where a rebalance has begun.
bool Control::put(std::span<const core::PartitionStart> starts) {
  {
    const ReadersAtRest rest{workers_};
    // That may have taken a while. A rebalance that began meanwhile would take what follows for its answer (invariant 7).
    const auto rebalances = rebalances_;
    while (client_.has_event())
      std::visit([this](const auto& event) { on_event(event); }, client_.poll(std::chrono::milliseconds{0}));
    if (rebalances_ != rebalances || !session_.is_steady()) return false;
    client_.take_off(starts);
  }
  for (const auto& start : starts) workers_[places_.place(start.partition)]->own(start);
  std::vector<core::PartitionStart> all{starts.begin(), starts.end()};
  if (!client_.is_incremental()) {
    for (auto& worker : workers_) {
      const auto others = worker->forward_all_but(starts);
      all.insert(all.end(), others.begin(), others.end());
    }
  }
  TIDEMARK_INVARIANT(4, is_owned(all));
  client_.put_back(starts, all);
  return true;
}

void Control::perform_one(core::action::Leave&) {
  leaving_ = true;
  // What was drained is committed. A call that still waits for the store is about partitions that were given up; and one that went on
  // to send a commit to Kafka's group could abort the process: librdkafka asserts that none comes while its consumer closes.
  store_stop_.request_stop();
  stop_deadline_ = std::max(stop_deadline_, std::chrono::steady_clock::now() + least_leave_time);
  try {
    client_.begin_close();
  } catch (...) {
    stop_deadline_ = {};  // after a fatal error nothing can be left in order: there is nothing to wait for
    throw;
  }
}

bool Control::has_let_go_of(const TopicPartition& partition) {
  auto& worker = *workers_[places_.place(partition)];
  return worker.has_failed() || worker.reader().has_let_go_of(partition);
}

void Control::release(const TopicPartition& partition) {
  TIDEMARK_INVARIANT(9, has_let_go_of(partition));
  places_.release(partition);
}

std::map<std::size_t, std::vector<TopicPartition>> Control::by_worker(std::span<const TopicPartition> partitions) {
  std::map<std::size_t, std::vector<TopicPartition>> groups;
  for (const auto& partition : partitions) groups[places_.place(partition)].push_back(partition);
  return groups;
}

}  // namespace tidemark::engine
