#include "core/session.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <tidemark/detail/deadline.hpp>

#include "core/invariant.hpp"

namespace tidemark::core {
namespace {

void append(Session::Actions& actions, Session::Actions more) {
  actions.insert(actions.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Session::Actions Session::on_assigned(std::span<const TopicPartition> partitions, bool is_incremental) {
  if (state_ == State::stopping || state_ == State::stopped) return {action::Assign{}};
  auto actions = end_overtaken_drain();
  TIDEMARK_INVARIANT(7, !answer_owed_);
  is_incremental_ = is_incremental;
  const auto ticket = ++tickets_;
  for (const auto& partition : partitions) loading_.insert_or_assign(partition, ticket);
  action::Load load{ticket, {partitions.begin(), partitions.end()}};
  if (partitions.empty()) {
    actions.push_back(action::Assign{});
    append(actions, steady());
  } else if (is_incremental) {
    actions.push_back(action::Accept{});
    actions.push_back(std::move(load));
    append(actions, steady());
  } else {
    state_ = State::loading;
    awaited_load_ = ticket;
    actions.push_back(std::move(load));
  }
  return actions;
}

/// Kafka goes on though we have not answered: a reposition's call came between its question and our hearing of it, and was taken for the
/// answer. What it took back may be somebody else's by now.
Session::Actions Session::end_overtaken_drain() {
  if (state_ != State::draining) return {};
  Actions actions{action::Abandon{{undrained_.begin(), undrained_.end()}}};
  undrained_.clear();
  deadline_.reset();
  answer_owed_ = false;
  const auto revoked = std::exchange(revoked_, {});
  disown(revoked);
  actions.push_back(action::Unassign{revoked});
  return actions;
}

Session::Actions Session::on_loaded(std::uint64_t ticket, std::vector<PartitionStart> starts) {
  for (auto& start : starts) {
    if (!is_loading(ticket, start.partition)) continue;
    loading_.erase(start.partition);
    arrived_.push_back(std::move(start));
  }
  Actions actions;
  if (state_ == State::loading && ticket == awaited_load_) {
    actions.push_back(action::Assign{own_arrived()});
    state_ = State::steady;
  }
  if (state_ == State::steady) append(actions, steady());
  return actions;
}

std::vector<PartitionStart> Session::own_arrived() {
  // It is revoked or lost, or loaded again: then this start is not the one that counts.
  for (const auto& start : arrived_) TIDEMARK_INVARIANT(28, !loading_.contains(start.partition));
  for (const auto& start : arrived_) owned_.insert(start.partition);
  return std::exchange(arrived_, {});
}

std::vector<TopicPartition> Session::loading() const {
  std::vector<TopicPartition> partitions;
  for (const auto& [partition, ticket] : loading_) partitions.push_back(partition);
  return partitions;
}

bool Session::is_loading(std::uint64_t ticket, const TopicPartition& partition) const {
  const auto found = loading_.find(partition);
  return found != loading_.end() && found->second == ticket;
}

bool Session::is_reloading(std::uint64_t ticket, const TopicPartition& partition) const {
  const auto found = reloading_.find(partition);
  return found != reloading_.end() && found->second == ticket;
}

Session::Actions Session::on_revoked(std::span<const TopicPartition> partitions, TimePoint now) {
  if (state_ == State::stopped) return {action::Unassign{{partitions.begin(), partitions.end()}}};
  auto actions = end_overtaken_drain();
  TIDEMARK_INVARIANT(7, !answer_owed_);
  answer_owed_ = true;
  if (state_ == State::stopping) return {};  // they are being drained already
  append(actions, begin_drain(partitions, State::draining, detail::later(now, limits_.drain_timeout)));
  return actions;
}

Session::Actions Session::on_lost(std::span<const TopicPartition> partitions) {
  std::vector<TopicPartition> lost{partitions.begin(), partitions.end()};
  disown(lost);
  loading_.clear();
  arrived_.clear();
  Actions actions{action::Abandon{lost}, action::Unassign{lost, true}};
  if (state_ == State::stopping) {
    for (const auto& partition : lost) append(actions, on_drained(partition));
  } else if (state_ != State::stopped) {
    append(actions, steady());
  }
  return actions;
}

Session::Actions Session::begin_drain(std::span<const TopicPartition> partitions, State state, TimePoint deadline) {
  state_ = state;
  revoked_.assign(partitions.begin(), partitions.end());
  undrained_.clear();
  for (const auto& partition : partitions)
    if (owned_.contains(partition)) undrained_.insert(partition);
  if (undrained_.empty()) return end_drain();
  deadline_ = deadline;
  return {action::Drain{{undrained_.begin(), undrained_.end()}}};
}

Session::Actions Session::on_drained(const TopicPartition& partition) {
  if (undrained_.erase(partition) == 0 || !undrained_.empty()) return {};
  return end_drain();
}

Session::Actions Session::end_drain() {
  TIDEMARK_INVARIANT(8, undrained_.empty());
  deadline_.reset();
  const auto revoked = std::exchange(revoked_, {});
  disown(revoked);
  Actions actions;
  if (std::exchange(answer_owed_, false)) actions.push_back(action::Unassign{revoked});
  if (state_ == State::stopping) {
    state_ = State::stopped;
    actions.push_back(action::Leave{});
    return actions;
  }
  append(actions, steady());
  return actions;
}

Session::Actions Session::on_parked(const TopicPartition& partition) {
  if (!owned_.contains(partition)) return {};
  waiting_repositions_.erase(partition);  // what was found out before is old
  const auto ticket = ++tickets_;
  reloading_.insert_or_assign(partition, ticket);
  return {action::Reload{ticket, partition}};
}

Session::Actions Session::on_reloaded(std::uint64_t ticket, const PartitionStart& start) {
  if (!is_reloading(ticket, start.partition)) return {};
  TIDEMARK_INVARIANT(30, owned_.contains(start.partition));
  reloading_.erase(start.partition);
  waiting_repositions_.insert_or_assign(start.partition, start);
  return state_ == State::steady ? steady() : Actions{};
}

Session::Actions Session::on_reposition_overtaken(const PartitionStart& start) {
  if (!owned_.contains(start.partition) || reloading_.contains(start.partition)) return {};
  waiting_repositions_.insert_or_assign(start.partition, start);
  return state_ == State::steady ? steady() : Actions{};
}

Session::Actions Session::on_add_overtaken(std::span<const PartitionStart> starts) {
  for (const auto& start : starts)
    if (owned_.erase(start.partition) > 0) arrived_.push_back(start);
  return state_ == State::steady ? steady() : Actions{};
}

Session::Actions Session::on_stop(TimePoint now) {
  if (state_ == State::stopping || state_ == State::stopped) return {};
  Actions actions;
  if (state_ == State::loading) actions.push_back(action::Assign{});  // Kafka still waits for that answer
  loading_.clear();
  arrived_.clear();
  const std::vector<TopicPartition> all{owned_.begin(), owned_.end()};
  append(actions, begin_drain(all, State::stopping, detail::later(now, limits_.stop_timeout)));
  return actions;
}

Session::Actions Session::on_time(TimePoint now) {
  if (!deadline_ || now < *deadline_) return {};
  return give_up_drain();
}

Session::Actions Session::on_membership_lost() { return deadline_ ? give_up_drain() : Actions{}; }

Session::Actions Session::give_up_drain() {
  TIDEMARK_EXPECTS(state_ == State::draining || state_ == State::stopping);
  Actions actions{action::Abandon{{undrained_.begin(), undrained_.end()}}};
  undrained_.clear();
  append(actions, end_drain());
  return actions;
}

Session::Actions Session::steady() {
  state_ = State::steady;
  deadline_.reset();
  undrained_.clear();
  Actions actions;
  auto starts = own_arrived();
  if (!starts.empty() && is_incremental_)
    actions.push_back(action::Assign{std::move(starts)});
  else if (!starts.empty())
    actions.push_back(action::Add{std::move(starts)});
  for (auto& [partition, start] : std::exchange(waiting_repositions_, {}))
    if (owned_.contains(partition)) actions.push_back(action::Reposition{start});
  return actions;
}

void Session::disown(std::span<const TopicPartition> partitions) {
  for (const auto& partition : partitions) {
    owned_.erase(partition);
    loading_.erase(partition);
    waiting_repositions_.erase(partition);
    std::erase_if(arrived_, [&](const auto& start) { return start.partition == partition; });
    reloading_.erase(partition);
    TIDEMARK_INVARIANT(28, !loading_.contains(partition) &&
                               std::ranges::find(arrived_, partition, &PartitionStart::partition) == arrived_.end());
  }
}

}  // namespace tidemark::core
