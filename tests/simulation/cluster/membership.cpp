// The part of Client that follows its group.

#include <utility>

#include "cluster/client.hpp"
#include "cluster/cluster.hpp"
#include "cluster/handles.hpp"

namespace simulation {

void Client::subscribe() {
  is_subscribed_ = true;
  rejoins_ = true;
  soon(&Client::go_on);
}

void Client::hear_of_rebalance() {
  if (process_.is_dead) return;
  rejoins_ = true;
  soon(&Client::go_on);
}

void Client::hear_of_expulsion() {
  if (process_.is_dead || is_closing_) return;
  generation_ = 0;
  is_out_ = true;
  assigned_next_.reset();
  scheduler_.after_in(process_, std::chrono::microseconds{scheduler_.random().between(100, 500'000)},
                      [this, alive = is_alive_] {
                        if (!*alive || process_.is_dead || is_closed_) return;
                        is_lost_ = waiting_ != Waiting::no || !has_.empty();
                        rejoins_ = true;
                        main_->yield();
                        go_on();
                      });
}

void Client::hear_of_assignment(int generation, const Partitions& partitions) {
  if (process_.is_dead) return;
  generation_ = generation;
  scheduler_.after_in(process_, std::chrono::microseconds{scheduler_.random().between(100, 100'000)},
                      [this, generation, partitions, alive = is_alive_] {
                        if (!*alive || generation != generation_ || is_closing_ || is_lost_) return;
                        assigned_next_ = partitions;
                        go_on();
                      });
}

/// The application has called what a rebalance event may wait for.
void Client::answered(Waiting by) {
  if (waiting_ == Waiting::no || waiting_ != by) return;
  is_answered_ = true;
  go_on();
}

/// The next step, if one can be made: there is one rebalance at a time, and it is over once all fetchers have stopped.
void Client::go_on() {
  if (is_closed_) return;
  for (const auto& [name, toppar] : toppars_)
    if (toppar.is_stopping) return;
  if (waiting_ != Waiting::no) {
    if (!std::exchange(is_answered_, false)) return;
    waiting_ = Waiting::no;
    fetch_soon();
  }
  if (is_closing_) {
    if (!has_.empty()) return ask(Waiting::for_unassign, has_);
    if (!process_.is_dead) cluster_.coordinator().leave(*this);
    is_closed_ = true;
    return main_->yield();
  }
  if (!is_subscribed_) return;
  if (is_lost_) {
    if (!has_.empty()) return ask(Waiting::for_unassign, has_);
    is_lost_ = false;
  }
  const bool is_cooperative = cluster_.coordinator().is_cooperative();
  if (assigned_next_) {
    Partitions more;
    Partitions less;
    for (const auto& partition : *assigned_next_)
      if (!has_.contains(partition)) more.insert(partition);
    if (is_cooperative)
      for (const auto& partition : has_)
        if (!assigned_next_->contains(partition)) less.insert(partition);
    if (!less.empty()) {
      rejoins_ = true;
      return ask(Waiting::for_unassign, less);
    }
    assigned_next_.reset();
    return ask(Waiting::for_assign, more);
  }
  if (!rejoins_ || (is_out_ && !has_.empty())) return;  // when out, it is about to learn that
  if (!is_cooperative && !has_.empty()) return ask(Waiting::for_unassign, has_);
  rejoin();
}

void Client::rejoin() {
  if (process_.is_dead || cluster_.is_down()) return soon(&Client::go_on);
  rejoins_ = false;
  is_out_ = false;
  generation_ = 0;  // an assignment that is still on its way is void
  cluster_.coordinator().join(*this);
}

void Client::ask(Waiting answer, Partitions partitions) {
  for (const auto& partition : partitions)
    answer == Waiting::for_assign ? void(has_.insert(partition)) : void(has_.erase(partition));
  hold_back();
  waiting_ = answer;
  is_answered_ = false;
  if (answer == Waiting::for_unassign) asked_at_ = scheduler_.now();
  scheduler_.tell("{} is asked to {} {} partitions{}", process_.number, answer == Waiting::for_assign ? "take" : "give",
                  partitions.size(), is_lost_ ? ", lost" : "");
  main_->push({nullptr, make_rebalance(answer == Waiting::for_assign, partitions), nullptr, 0});
}

void Client::close() {
  is_closing_ = true;
  assigned_next_.reset();
  scheduler_.after_in(process_, std::chrono::microseconds{scheduler_.random().between(100, 5'000)},
                      [this, alive = is_alive_] {
                        if (*alive) go_on();
                      });
}

void Client::report(rd_kafka_resp_err_t code, bool is_fatal) {
  scheduler_.after_in(process_, std::chrono::milliseconds{scheduler_.random().between(1, 200)},
                      [this, code, is_fatal, alive = is_alive_] {
                        if (!*alive) return;
                        is_fatal_ = is_fatal_ || is_fatal;
                        main_->push({nullptr, make_error_event(code, is_fatal), nullptr, 0});
                      });
}

}  // namespace simulation
