#include <tidemark/detail/record_run.hpp>

#include <optional>
#include <utility>

namespace tidemark::detail {

RecordRun::RecordRun(std::span<const Bytes> keys, std::size_t max_in_flight, std::function<void(std::size_t)> begin)
    : max_in_flight_{max_in_flight}, begin_{std::move(begin)}, chains_{keys}, succeeded_(keys.size()) {}

void RecordRun::run() {
  begin_more();
  std::unique_lock lock{mutex_};
  over_.wait(lock, [this] { return in_flight_ == 0 && beginning_ == 0 && (error_ || chains_.left() == 0); });
  if (error_) std::rethrow_exception(error_);
}

void RecordRun::finish(std::size_t record, std::exception_ptr error) {
  {
    const std::lock_guard lock{mutex_};
    if (error) {
      if (!error_) error_ = std::move(error);
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
  if (in_flight_ == 0 && beginning_ == 0) over_.notify_all();
}

void RecordRun::begin_more() {
  while (true) {
    std::optional<std::size_t> record;
    {
      const std::lock_guard lock{mutex_};
      if (error_ || in_flight_ >= max_in_flight_ || !(record = chains_.take())) return;
      ++in_flight_;
    }
    begin_(*record);
  }
}

}  // namespace tidemark::detail
