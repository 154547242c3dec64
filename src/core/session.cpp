#include "core/session.hpp"

#include <utility>

namespace tidemark::core {

Session::Actions Session::on_assigned(std::span<const TopicPartition> partitions) {
  if (state_ == State::stopping || state_ == State::stopped) return {action::Assign{}};
  auto actions = end_overtaken_drain();
  state_ = State::loading;
  loading_ticket_ = ++tickets_;
  if (!partitions.empty()) {
    actions.push_back(action::Load{loading_ticket_, {partitions.begin(), partitions.end()}});
    return actions;
  }
  for (auto& action : on_loaded(loading_ticket_, {})) actions.push_back(std::move(action));
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
  if (state_ != State::loading || ticket != loading_ticket_) return {};
  for (const auto& start : starts) owned_.insert(start.partition);
  Actions actions{action::Assign{std::move(starts)}};
  for (auto& action : steady()) actions.push_back(std::move(action));
  return actions;
}

Session::Actions Session::on_revoked(std::span<const TopicPartition> partitions, TimePoint now) {
  if (state_ == State::stopped) return {action::Unassign{{partitions.begin(), partitions.end()}}};
  auto actions = end_overtaken_drain();
  answer_owed_ = true;
  if (state_ == State::stopping) return {};  // they are being drained already
  for (auto& action : begin_drain(partitions, State::draining, now + limits_.drain_timeout))
    actions.push_back(std::move(action));
  return actions;
}

Session::Actions Session::on_lost(std::span<const TopicPartition> partitions) {
  std::vector<TopicPartition> lost{partitions.begin(), partitions.end()};
  disown(lost);
  Actions actions{action::Abandon{lost}, action::Unassign{lost, true}};
  if (state_ == State::stopping) {
    for (const auto& partition : lost)
      for (auto& action : on_drained(partition)) actions.push_back(std::move(action));
  } else if (state_ != State::stopped) {
    for (auto& action : steady()) actions.push_back(std::move(action));
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
  for (auto& action : steady()) actions.push_back(std::move(action));
  return actions;
}

Session::Actions Session::on_parked(const TopicPartition& partition) {
  if (!owned_.contains(partition)) return {};
  const auto ticket = ++tickets_;
  reloading_.emplace(ticket, partition);
  return {action::Reload{ticket, partition}};
}

Session::Actions Session::on_reloaded(std::uint64_t ticket, const PartitionStart& start) {
  const auto found = reloading_.find(ticket);
  if (found == reloading_.end()) return {};
  reloading_.erase(found);
  waiting_repositions_.insert_or_assign(start.partition, start);
  return state_ == State::steady ? steady() : Actions{};
}

Session::Actions Session::on_stop(TimePoint now) {
  if (state_ == State::stopping || state_ == State::stopped) return {};
  Actions actions;
  if (state_ == State::loading) actions.push_back(action::Assign{});  // Kafka still waits for that answer
  const std::vector<TopicPartition> all{owned_.begin(), owned_.end()};
  for (auto& action : begin_drain(all, State::stopping, now + limits_.stop_timeout))
    actions.push_back(std::move(action));
  return actions;
}

Session::Actions Session::on_time(TimePoint now) {
  if (!deadline_ || now < *deadline_) return {};
  return give_up_drain();
}

Session::Actions Session::on_membership_lost() { return deadline_ ? give_up_drain() : Actions{}; }

Session::Actions Session::give_up_drain() {
  Actions actions{action::Abandon{{undrained_.begin(), undrained_.end()}}};
  undrained_.clear();
  for (auto& action : end_drain()) actions.push_back(std::move(action));
  return actions;
}

Session::Actions Session::steady() {
  state_ = State::steady;
  deadline_.reset();
  undrained_.clear();
  Actions actions;
  for (auto& [partition, start] : std::exchange(waiting_repositions_, {}))
    if (owned_.contains(partition)) actions.push_back(action::Reposition{start});
  return actions;
}

void Session::disown(std::span<const TopicPartition> partitions) {
  for (const auto& partition : partitions) {
    owned_.erase(partition);
    waiting_repositions_.erase(partition);
    std::erase_if(reloading_, [&](const auto& entry) { return entry.second == partition; });
  }
}

}  // namespace tidemark::core
