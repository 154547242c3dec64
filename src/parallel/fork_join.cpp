#include <tidemark/detail/fork_join.hpp>

#include <condition_variable>
#include <deque>
#include <exception>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

#include <tidemark/error.hpp>

namespace tidemark::detail {

class ForkJoin::Impl {
 public:
  explicit Impl(std::size_t threads) : size_{threads} {
    if (threads == 0) throw ConfigError{"by_key with 0 threads handles nothing; 1 or more are needed"};
  }
  ~Impl() {
    {
      const std::lock_guard lock{mutex_};
      closed_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::size_t size() const { return size_; }

  void post(std::vector<std::function<void()>> tasks) {
    {
      const std::lock_guard lock{mutex_};
      while (threads_.size() < size_) threads_.emplace_back([this] { work(); });
      tasks_.insert(tasks_.end(), tasks.begin(), tasks.end());
    }
    changed_.notify_all();
  }

 private:
  void work() {
    std::unique_lock lock{mutex_};
    while (true) {
      changed_.wait(lock, [this] { return closed_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  const std::size_t size_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

ForkJoin::ForkJoin(std::size_t threads) : impl_{std::make_unique<Impl>(threads)} {}
ForkJoin::~ForkJoin() = default;

std::size_t ForkJoin::threads() const { return impl_->size(); }

void ForkJoin::run(std::size_t parts, const std::function<void(std::size_t)>& part) {
  std::vector<std::exception_ptr> errors(parts);
  std::latch left{static_cast<std::ptrdiff_t>(parts)};
  std::vector<std::function<void()>> tasks;
  for (std::size_t i = 0; i < parts; ++i)
    tasks.emplace_back([&, i] {
      try {
        part(i);
      } catch (...) {
        errors[i] = std::current_exception();
      }
      left.count_down();
    });
  impl_->post(std::move(tasks));
  left.wait();
  for (const auto& error : errors)
    if (error) std::rethrow_exception(error);
}

}  // namespace tidemark::detail
