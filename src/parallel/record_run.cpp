#include <tidemark/detail/record_run.hpp>

#include <optional>
#include <random>
#include <utility>

#include "core/invariant.hpp"
#include "parallel/failed_calls.hpp"

namespace tidemark::detail {

RecordRun::RecordRun(std::span<const Bytes> keys, std::size_t max_in_flight, Calls calls, RecordRetry* retry,
                     std::stop_token stop)
    : max_in_flight_{max_in_flight},
      calls_{std::move(calls)},
      retry_{retry},
      stop_{std::move(stop)},
      chains_{keys},
      succeeded_(keys.size()) {}

RecordRun::~RecordRun() = default;

void RecordRun::remember(std::size_t record, std::shared_ptr<FailedCalls> failed) {
  failed_.insert_or_assign(record, std::move(failed));
}

void RecordRun::run() {
  const std::stop_callback on_stop{stop_, [this] {
                                     const std::lock_guard lock{mutex_};
                                     is_stopping_ = true;
                                     changed_.notify_all();
                                   }};
  begin_more();
  Lock lock{mutex_};
  while (true) {
    judge(lock);
    if (is_stopping_) give_up_waiting();
    if (is_over()) break;
    if (wake_due()) {
      lock.unlock();
      begin_more();
      lock.lock();
    } else if (waiting_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, waiting_.top().first);
    }
  }
  TIDEMARK_INVARIANT(22, in_flight_ == 0 && beginning_ == 0 && judging_ == 0);
  if (error_) std::rethrow_exception(error_);
}

void RecordRun::finish(std::size_t record, std::exception_ptr error) {
  {
    const std::lock_guard lock{mutex_};
    TIDEMARK_EXPECTS(in_flight_ > 0 && !succeeded_[record]);
    if (error) {
      failures_.emplace_back(record, std::move(error));
    } else {
      succeeded_[record] = true;
      chains_.finish(record);
    }
    --in_flight_;
    ++beginning_;
  }
  begin_more();
  const std::lock_guard lock{mutex_};
  --beginning_;
  // Under the lock: once run() has seen it, we may be gone.
  if (!failures_.empty() || (in_flight_ == 0 && beginning_ == 0)) changed_.notify_all();
}

void RecordRun::begin_more() {
  while (true) {
    std::optional<std::size_t> record;
    int attempt = 1;
    {
      const std::lock_guard lock{mutex_};
      if (error_ || !failures_.empty() || in_flight_ >= max_in_flight_) return;
      if (!due_.empty()) {
        record = due_.front();
        due_.pop_front();
      } else if (in_flight_ + waiting_.size() + judging_ < max_in_flight_) {
        // A record between its calls keeps its place. Where all wait, what they need is away: more calls would only keep it down.
        record = chains_.take();
      }
      if (!record) return;
      if (const auto found = failed_.find(*record); found != failed_.end()) attempt = found->second->count + 1;
      ++in_flight_;
      TIDEMARK_ENSURES(in_flight_ <= max_in_flight_ && !succeeded_[*record]);
    }
    calls_.begin(*record, attempt);
  }
}

/// On the worker's thread, as ErrorFilter promises. Returns with nothing left to judge.
void RecordRun::judge(Lock& lock) {
  while (!failures_.empty()) {
    while (!failures_.empty()) {
      const auto failure = std::move(failures_.back());
      failures_.pop_back();
      if (!error_) judge(failure.first, failure.second, lock);
    }
    lock.unlock();
    begin_more();
    lock.lock();
  }
}

void RecordRun::judge(std::size_t record, const std::exception_ptr& error, Lock& lock) {
  if (retry_ == nullptr) return fail(error);
  auto& failed = failed_[record];
  if (!failed) failed = std::make_shared<FailedCalls>(retry_->policy());
  ++failed->count;
  failed->last = error;
  const auto now = std::chrono::steady_clock::now();
  const auto& view = calls_.view(record);
  ++judging_;
  lock.unlock();  // what follows may take its time: filters and observers are the user's
  core::RetryPlan::Decision decision;
  bool is_set_aside = false;
  std::exception_ptr end = error;
  try {
    decision = failed->plan.after(error, now, std::random_device{}());
    if (decision.next == core::RetryPlan::Next::again)
      retry_->on_retry(view, failed->count, decision.delay, error);
    else if (decision.next == core::RetryPlan::Next::exhausted)
      is_set_aside = retry_->set_aside(view, failed->count, error);
  } catch (...) {
    end = std::current_exception();
    decision.next = core::RetryPlan::Next::fatal;
  }
  lock.lock();
  --judging_;
  if (is_set_aside) {
    succeeded_[record] = true;
    chains_.finish(record);
  } else if (decision.next == core::RetryPlan::Next::again) {
    waiting_.emplace(now + decision.delay, record);
  } else {
    retry_->give_up();
    fail(end);
  }
}

void RecordRun::fail(std::exception_ptr error) {
  error_ = std::move(error);
  waiting_ = {};
  due_.clear();
}

/// The batch is to come to its end, which a record that waits would hold up.
void RecordRun::give_up_waiting() {
  if (error_ || (waiting_.empty() && due_.empty())) return;
  TIDEMARK_EXPECTS(retry_ != nullptr);  // without one nothing waits
  retry_->interrupt();
  fail(failed_.at(due_.empty() ? waiting_.top().second : due_.front())->last);
}

bool RecordRun::wake_due() {
  const auto now = std::chrono::steady_clock::now();
  bool woke = false;
  for (; !waiting_.empty() && waiting_.top().first <= now; waiting_.pop()) {
    due_.push_back(waiting_.top().second);
    woke = true;
  }
  return woke;
}

bool RecordRun::is_over() const {
  if (in_flight_ > 0 || beginning_ > 0) return false;
  return error_ || (chains_.left() == 0 && waiting_.empty() && due_.empty());
}

}  // namespace tidemark::detail
