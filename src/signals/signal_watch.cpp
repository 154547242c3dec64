#include <tidemark/detail/signal_watch.hpp>

#include <csignal>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "signals/signal_pipe.hpp"

namespace tidemark::detail {
namespace {

/// All signals are blocked in threads that are started meanwhile.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

/// The watches of the process. Signals are the process's, so this is, too; it holds nothing while nobody watches.
class Watches {
 public:
  using Entry = std::list<std::function<void()>>::iterator;

  static Watches& instance() {
    static auto& watches = *new Watches;  // for good: consumers may still run while the process exits
    return watches;
  }

  Entry add(std::function<void()> on_signal) {
    const std::lock_guard turn{turns_};
    if (SignalPipe::has_fired()) end();  // for the others the signal has come; for this one it is the next that counts
    Entry entry;
    {
      const std::lock_guard lock{mutex_};
      entry = entries_.insert(entries_.end(), std::move(on_signal));
    }
    try {
      if (!pipe_) begin();
    } catch (...) {
      const std::lock_guard lock{mutex_};
      entries_.erase(entry);
      throw;
    }
    return entry;
  }

  void remove(Entry entry) {
    const std::lock_guard turn{turns_};
    bool is_last = false;
    {
      const std::lock_guard lock{mutex_};
      entries_.erase(entry);
      is_last = entries_.empty();
    }
    if (is_last) end();
  }

 private:
  void begin() {
    pipe_.emplace();
    try {
      const SignalsBlocked blocked;
      thread_ = std::thread{[this] {
        if (!pipe_->wait()) return;
        const std::lock_guard lock{mutex_};
        for (const auto& on_signal : entries_) on_signal();
      }};
    } catch (...) {
      pipe_.reset();
      throw;
    }
  }

  void end() {
    if (!pipe_) return;
    pipe_->cancel();
    thread_.join();
    pipe_.reset();
  }

  std::mutex turns_;  // of add() and remove(): they wait for the thread, which takes the other mutex
  std::mutex mutex_;  // of the entries
  std::list<std::function<void()>> entries_;
  std::optional<SignalPipe> pipe_;
  std::thread thread_;
};

}  // namespace

SignalWatch::SignalWatch(std::function<void()> on_signal) : entry_{Watches::instance().add(std::move(on_signal))} {}

SignalWatch::~SignalWatch() { Watches::instance().remove(entry_); }

}  // namespace tidemark::detail
