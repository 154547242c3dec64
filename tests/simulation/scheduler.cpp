#include "scheduler.hpp"

#include <algorithm>
#include <utility>

namespace simulation {
namespace {

// A run takes some ten thousand. With this many, somebody is spinning.
constexpr std::uint64_t most_steps = 3'000'000;

}  // namespace

Scheduler::Scheduler(std::uint64_t seed, std::size_t preemption) : random_{seed}, preemption_{preemption} {
  current_ = this;
}

Scheduler::~Scheduler() { current_ = nullptr; }

void Scheduler::at(Time time, std::function<void()> event) {
  events_.push({std::max(time, now_), ++event_numbers_, std::move(event)});
}

void Scheduler::after_in(Process& process, Time delay, std::function<void()> event) {
  after(delay, [&process, event = std::move(event)]() mutable {
    if (process.is_frozen)
      process.deferred.push_back(std::move(event));
    else
      event();
  });
}

Thread& Scheduler::spawn(Process& process, std::function<void()> body) {
  threads_.push_back(std::make_unique<Thread>(++thread_numbers_, process, std::move(body)));
  ready_.push_back(threads_.back().get());
  return *threads_.back();
}

void Scheduler::thaw(Process& process) {
  process.is_frozen = false;
  for (auto* thread : std::exchange(process.held, {})) ready_.push_back(thread);
  for (auto& event : std::exchange(process.deferred, {})) at(now_, std::move(event));
}

void Scheduler::give_way() {
  if (thread_ == nullptr || preemption_ == 0 || !random_.one_in(preemption_)) return;
  ready_.push_back(thread_);
  Fiber::suspend();
}

void Scheduler::pass(Time time) { wait(nullptr, now_ + time); }

bool Scheduler::wait(const void* on, std::optional<Time> until) {
  auto* self = thread_;
  self->waits_on = on;
  self->timed_out = false;
  const auto wait = self->waits = ++wait_numbers_;
  waiting_.push_back(self);
  if (until)
    at(*until, [self, wait] {
      auto& scheduler = *current_;
      const auto found = std::ranges::find(scheduler.waiting_, self);
      if (found == scheduler.waiting_.end() || self->waits != wait) return;
      self->timed_out = true;
      scheduler.make_ready(*self);
    });
  Fiber::suspend();
  return !self->timed_out;
}

void Scheduler::make_ready(Thread& thread) {
  std::erase(waiting_, &thread);
  ready_.push_back(&thread);
}

void Scheduler::wake_one(const void* on) {
  const auto count = static_cast<std::size_t>(std::ranges::count(waiting_, on, &Thread::waits_on));
  if (count == 0) return;
  auto skip = count == 1 ? 0 : random_.below(count);
  for (auto* thread : waiting_)
    if (thread->waits_on == on && skip-- == 0) return make_ready(*thread);
}

void Scheduler::wake_all(const void* on) {
  std::vector<Thread*> woken;
  for (auto* thread : waiting_)
    if (thread->waits_on == on) woken.push_back(thread);
  for (auto* thread : woken) make_ready(*thread);
}

bool Scheduler::is_running(std::uint64_t thread) const {
  return std::ranges::any_of(threads_, [&](const auto& one) { return one->number == thread; });
}

void Scheduler::run(std::size_t ready) {
  auto* thread = ready_[ready];
  ready_[ready] = ready_.back();
  ready_.pop_back();
  if (thread->process.is_frozen) {
    thread->process.held.push_back(thread);
    return;
  }
  now_ += Time{random_.between(500, 5'000)};
  note(thread->number);
  thread_ = thread;
  thread->fiber.resume();
  thread_ = nullptr;
  if (!thread->fiber.is_done()) return;
  wake_all(end_of(thread->number));
  std::erase_if(threads_, [&](const auto& one) { return one.get() == thread; });
}

void Scheduler::fire() {
  auto event = std::move(const_cast<Event&>(events_.top()));
  events_.pop();
  now_ = std::max(now_, event.time);
  note(event.number << 8);
  event.call();
}

bool Scheduler::run_until(const std::function<bool()>& done, Time limit) {
  while (!done()) {
    if (is_halted_ || now_ >= limit || ++steps_ > most_steps) return false;
    if (!events_.empty() && events_.top().time <= now_)
      fire();
    else if (!ready_.empty())
      run(ready_.size() == 1 ? 0 : random_.below(ready_.size()));
    else if (!events_.empty())
      fire();
    else
      return false;
  }
  return true;
}

}  // namespace simulation
