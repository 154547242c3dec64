#include <tidemark/detail/fork_join.hpp>

#include <exception>
#include <latch>
#include <mutex>
#include <optional>
#include <utility>  // Asio of Boost 1.74 uses std::exchange and does not say so
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <tidemark/error.hpp>

namespace tidemark::detail {

class ForkJoin::Impl {
 public:
  explicit Impl(std::size_t threads) : threads_{threads} {
    if (threads == 0) throw ConfigError{"by_key with 0 threads handles nothing; 1 or more are needed"};
  }

  std::size_t threads() const { return threads_; }

  boost::asio::thread_pool& pool() {
    std::call_once(started_, [this] { pool_.emplace(threads_); });
    return *pool_;
  }

 private:
  std::size_t threads_;
  std::once_flag started_;
  std::optional<boost::asio::thread_pool> pool_;
};

ForkJoin::ForkJoin(std::size_t threads) : impl_{std::make_unique<Impl>(threads)} {}
ForkJoin::~ForkJoin() = default;

std::size_t ForkJoin::threads() const { return impl_->threads(); }

void ForkJoin::run(std::size_t parts, const std::function<void(std::size_t)>& part) {
  std::vector<std::exception_ptr> errors(parts);
  std::latch left{static_cast<std::ptrdiff_t>(parts)};
  for (std::size_t i = 0; i < parts; ++i)
    boost::asio::post(impl_->pool(), [&, i] {
      try {
        part(i);
      } catch (...) {
        errors[i] = std::current_exception();
      }
      left.count_down();
    });
  left.wait();
  for (const auto& error : errors)
    if (error) std::rethrow_exception(error);
}

}  // namespace tidemark::detail
