#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "core/session.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::core;
using namespace std::chrono_literals;

namespace {

using Partitions = std::vector<TopicPartition>;

/// Plays librdkafka, workers and operator against a Session, at random but by their rules: Kafka raises one rebalance at a time
/// and waits for the answer; workers and loads answer late, in any order.
class Walk {
 public:
  Walk(std::uint32_t seed, bool is_cooperative) : random_{seed}, is_cooperative_{is_cooperative} {}

  void step() {
    now_ += std::chrono::seconds{below(5)};
    switch (below(10)) {
      case 0:
      case 1:
        return raise_rebalance();
      case 2:
      case 3:
        return finish_load();
      case 4:
      case 5:
        return finish_drain();
      case 6:
        return park();
      case 7:
        return finish_reload();
      case 8:
        perform(session_.on_time(now_));
        return;
      default:
        if (below(20) == 0) return stop();
        if (below(10) == 0) return lose_membership();
    }
  }

  /// Lets everything come to its end; then every question must have been answered.
  void finish(bool stopping) {
    if (stopping) stop();
    for (int i = 0; i < 1'000 && !is_quiet(); ++i) {
      finish_load();
      finish_drain();
      finish_reload();
    }
    REQUIRE(is_quiet());
    REQUIRE_FALSE(session_.deadline());
    if (stopped_) {
      REQUIRE(leaves_ == 1);
      close();
      perform(session_.on_stop(now_));
      REQUIRE(leaves_ == 1);
    } else {
      REQUIRE(leaves_ == 0);
      REQUIRE(session_.owned() == assigned_);
      REQUIRE(taken_.empty());
    }
  }

  std::map<std::string, int> counts() const { return counts_; }

 private:
  enum class Rebalance { none, assigned, revoked, lost };

  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_); }

  template <class Range>
  Partitions some_of(const Range& all) {
    Partitions some;
    for (const auto& one : all)
      if (below(2) == 0) some.push_back(one);
    return some;
  }

  static Partitions everything() {
    Partitions all;
    for (std::int32_t i = 0; i < 4; ++i) all.push_back({"orders", i});
    return all;
  }

  Partitions unassigned() const {
    auto all = everything();
    std::erase_if(
        all, [this](const auto& partition) { return assigned_.contains(partition) || taken_.contains(partition); });
    return all;
  }

  /// What the group has given us, assigned by now or not.
  std::set<TopicPartition> given() const {
    auto all = assigned_;
    all.insert(taken_.begin(), taken_.end());
    return all;
  }

  // ---- Kafka

  void raise_rebalance() {
    if (pending_ != Rebalance::none || leaves_ > 0) return;
    const auto given = this->given();
    if (!given.empty() && below(4) == 0) return raise(Rebalance::lost, {given.begin(), given.end()});
    if (is_cooperative_) {
      if (below(2) == 0) return raise(Rebalance::assigned, some_of(unassigned()));
      return raise(Rebalance::revoked, some_of(given));
    }
    if (given.empty()) return raise(Rebalance::assigned, some_of(everything()));
    raise(Rebalance::revoked, {given.begin(), given.end()});
  }

  void raise(Rebalance rebalance, const Partitions& partitions) {
    pending_ = rebalance;
    asked_ = partitions;
    may_give_up_ = false;
    if (rebalance == Rebalance::assigned) {
      ++counts_["assigned"];
      perform(session_.on_assigned(partitions, is_cooperative_));
    } else if (rebalance == Rebalance::revoked) {
      ++counts_["revoked"];
      deadline_ = stopped_ ? deadline_ : now_ + limits_.drain_timeout;
      perform(session_.on_revoked(partitions, now_));
    } else {
      ++counts_["lost"];
      may_give_up_ = true;
      perform(session_.on_lost(partitions));
    }
  }

  void lose_membership() {
    if (pending_ != Rebalance::revoked || !session_.draining()) return;
    ++counts_["membership lost"];
    may_give_up_ = true;
    perform(session_.on_membership_lost());
    REQUIRE(pending_ == Rebalance::none);
  }

  /// After Leave, Kafka takes back what is left.
  void close() {
    REQUIRE(pending_ == Rebalance::none);
    const auto given = this->given();
    if (!given.empty()) raise(Rebalance::revoked, {given.begin(), given.end()});
    REQUIRE(pending_ == Rebalance::none);
    REQUIRE(this->given().empty());
  }

  // ---- the user, the background thread, the workers

  void stop() {
    if (!stopped_) deadline_ = now_ + limits_.stop_timeout;
    stopped_ = true;
    ++counts_["stop"];
    perform(session_.on_stop(now_));
  }

  void finish_load() {
    if (loads_.empty()) return;
    const auto index = below(loads_.size());
    const auto load = loads_[index];
    loads_.erase(loads_.begin() + static_cast<std::ptrdiff_t>(index));
    std::vector<PartitionStart> starts;
    auto open = load;
    open.partitions.clear();
    for (const auto& partition : load.partitions) {
      if (below(4) == 0)
        open.partitions.push_back(partition);
      else
        starts.push_back({partition, 1, 1});
    }
    std::erase_if(open.partitions, [&](const auto& partition) { return !session_.is_loading(load.ticket, partition); });
    if (!open.partitions.empty()) loads_.push_back(open);
    perform(session_.on_loaded(load.ticket, starts));
  }

  void finish_drain() {
    const auto some = some_of(in_hand_);
    if (some.empty()) return;
    in_hand_.erase(some.front());
    perform(session_.on_drained(some.front()));
  }

  void park() {
    const auto partition = everything()[below(4)];
    if (in_hand_.contains(partition)) return;  // its worker reads no more of it
    perform(session_.on_parked(partition));
  }

  void finish_reload() {
    if (reloads_.empty()) return;
    const auto index = below(reloads_.size());
    const auto reload = reloads_[index];
    reloads_.erase(reloads_.begin() + static_cast<std::ptrdiff_t>(index));
    perform(session_.on_reloaded(reload.ticket, {reload.partition, 2, 2}));
  }

  // ---- what Session wants

  void perform(const Session::Actions& actions) {
    for (const auto& action : actions) std::visit([this](const auto& one) { perform_one(one); }, action);
  }

  void perform_one(const action::Accept&) {
    REQUIRE(is_cooperative_);
    REQUIRE(pending_ == Rebalance::assigned);  // exactly one answer
    REQUIRE_FALSE(stopped_);
    taken_.insert(asked_.begin(), asked_.end());
    pending_ = Rebalance::none;
    ++counts_["assign"];
  }

  void perform_one(const action::Load& action) {
    REQUIRE(pending_ == (is_cooperative_ ? Rebalance::none : Rebalance::assigned));
    REQUIRE_FALSE(stopped_);
    REQUIRE(action.partitions == asked_);
    loads_.push_back(action);
  }

  void perform_one(const action::Assign& action) {
    Partitions answer;
    for (const auto& start : action.starts) answer.push_back(start.partition);
    if (is_cooperative_ && !answer.empty()) {
      REQUIRE(pending_ == Rebalance::none);
      REQUIRE_FALSE(stopped_);
      for (const auto& partition : answer)
        REQUIRE(taken_.erase(partition) == 1);  // it is ours still, and was not read yet
      assigned_.insert(answer.begin(), answer.end());
      ++counts_["late assign"];
      return;
    }
    REQUIRE(pending_ == Rebalance::assigned);  // exactly one answer
    for (const auto& partition : answer) REQUIRE(std::ranges::count(asked_, partition) == 1);
    REQUIRE((!stopped_ || answer.empty()));
    // What is lacking comes later.
    for (const auto& partition : asked_)
      if (!stopped_ && !is_cooperative_ && std::ranges::count(answer, partition) == 0) taken_.insert(partition);
    assigned_.insert(answer.begin(), answer.end());
    pending_ = Rebalance::none;
    ++counts_["assign"];
  }

  void perform_one(const action::Add& action) {
    REQUIRE_FALSE(is_cooperative_);
    REQUIRE(pending_ == Rebalance::none);
    REQUIRE_FALSE(stopped_);
    REQUIRE(in_hand_.empty());
    REQUIRE_FALSE(action.starts.empty());
    for (const auto& start : action.starts) {
      REQUIRE(taken_.erase(start.partition) == 1);
      REQUIRE(session_.owned().contains(start.partition));
      assigned_.insert(start.partition);
    }
    ++counts_["add"];
  }

  void perform_one(const action::Drain& action) {
    REQUIRE((stopped_ || pending_ == Rebalance::revoked));
    REQUIRE_FALSE(action.partitions.empty());
    for (const auto& partition : action.partitions) {
      REQUIRE(assigned_.contains(partition));
      in_hand_.insert(partition);
    }
  }

  void perform_one(const action::Abandon& action) {
    REQUIRE((may_give_up_ || now_ >= deadline_));
    for (const auto& partition : action.partitions) in_hand_.erase(partition);
    ++counts_["abandon"];
  }

  void perform_one(const action::Unassign& action) {
    REQUIRE((pending_ == Rebalance::revoked || pending_ == Rebalance::lost));  // exactly one answer
    REQUIRE(action.lost == (pending_ == Rebalance::lost));
    // While stopping, all that we have may go with what Kafka takes back.
    if (!stopped_) REQUIRE(action.partitions == asked_);
    for (const auto& partition : asked_) {
      const bool was_only_taken = taken_.erase(partition) == 1;  // then there is nothing to be done for it
      REQUIRE((was_only_taken || std::ranges::count(action.partitions, partition) == 1));
    }
    for (const auto& partition : action.partitions) {
      REQUIRE_FALSE(in_hand_.contains(partition));  // drained first, or abandoned
      REQUIRE_FALSE(session_.owned().contains(partition));
      assigned_.erase(partition);
    }
    pending_ = Rebalance::none;
    ++counts_["unassign"];
  }

  void perform_one(const action::Reload& action) { reloads_.push_back(action); }

  void perform_one(const action::Reposition& action) {
    REQUIRE(pending_ == Rebalance::none);
    REQUIRE_FALSE(stopped_);
    REQUIRE(in_hand_.empty());
    REQUIRE(assigned_.contains(action.start.partition));
    REQUIRE(session_.owned().contains(action.start.partition));
    ++counts_["reposition"];
  }

  void perform_one(const action::Leave&) {
    REQUIRE(stopped_);
    REQUIRE(in_hand_.empty());
    REQUIRE(pending_ == Rebalance::none);  // Kafka closes only once it has its answer
    ++leaves_;
  }

  bool is_quiet() const {
    return pending_ == Rebalance::none && loads_.empty() && in_hand_.empty() && reloads_.empty() &&
           (!stopped_ || leaves_ > 0);
  }

  const Session::Limits limits_{.drain_timeout = 60s, .stop_timeout = 30s};
  std::mt19937 random_;
  const bool is_cooperative_;
  Session session_{limits_};
  Session::TimePoint now_{};
  Session::TimePoint deadline_{};

  Rebalance pending_ = Rebalance::none;  // waits for the answer
  Partitions asked_;
  bool may_give_up_ = false;
  std::set<TopicPartition> assigned_;  // as Kafka has it
  std::set<TopicPartition> taken_;     // given to us, and not assigned yet
  std::vector<action::Load> loads_;
  std::vector<action::Reload> reloads_;
  std::set<TopicPartition> in_hand_;  // to be drained
  bool stopped_ = false;
  int leaves_ = 0;
  std::map<std::string, int> counts_;
};

}  // namespace

TEST_CASE("whatever Kafka, workers and stop() do, each rebalance gets its one answer in time", "[unit]") {
  std::map<std::string, int> counts;
  for (std::uint32_t seed = 0; seed < 2'000; ++seed) {
    INFO("seed " << seed);
    Walk walk{seed, seed % 2 == 0};
    for (int i = 0; i < 300; ++i) walk.step();
    walk.finish(seed % 3 != 0);
    for (const auto& [what, count] : walk.counts()) counts[what] += count;
  }
  // Else the walk did not go where it was to go.
  for (const auto* what :
       {"assigned", "revoked", "lost", "membership lost", "stop", "abandon", "reposition", "late assign", "add"}) {
    INFO(what);
    CHECK(counts[what] > 100);
  }
  CHECK(counts["assign"] == counts["assigned"]);
  CHECK(counts["unassign"] == counts["revoked"] + counts["lost"]);
}
