#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <tidemark/micro_batch_consumer.hpp>

#include "engine/gate.hpp"
#include "engine/recording_observer.hpp"
#include "engine/scripted_store.hpp"

namespace tidemark::test {

/// A consumer that is brought into some state, and then ended by stop() or by its destructor.
///
/// What must not last when the end has begun can wait for is_ending().
class Subject {
 public:
  explicit Subject(ConsumerOptions its_options) : options{std::move(its_options)} { options.observer = observer; }
  ~Subject() { is_ending_ = true; }
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  void start() {
    consumer_ = std::make_unique<MicroBatchConsumer<>>(options, store, [this](const Batch<>& batch) {
      handler(batch);
      for (const auto& range : batch.ranges())
        if (range.partition.partition == 0) handled_until = range.until;
    });
    consumer_->async_run([this](std::exception_ptr error) { ended_.set_value(std::move(error)); });
  }

  MicroBatchConsumer<>& consumer() { return *consumer_; }
  bool is_ending() const { return is_ending_; }
  void wait_until_ending() const {
    if (!eventually([this] { return is_ending(); }, patience)) throw std::runtime_error{"nobody ended it"};
  }

  /// Throws where that takes longer than it may; returns what run() ended with.
  std::exception_ptr stop() {
    is_ending_ = true;
    consumer_->stop();
    auto error = wait();
    consumer_.reset();
    return error;
  }
  std::exception_ptr destroy() {
    is_ending_ = true;
    const auto began = std::chrono::steady_clock::now();
    consumer_.reset();
    if (std::chrono::steady_clock::now() - began > deadline) throw std::runtime_error{"destruction takes too long"};
    return wait();
  }

  ConsumerOptions options;
  testing::MemoryOffsetStore stored;
  ScriptedStore store{stored};
  std::shared_ptr<RecordingObserver> observer = std::make_shared<RecordingObserver>();
  std::function<void(const Batch<>&)> handler = [](const Batch<>&) {};
  std::atomic<std::int64_t> handled_until = 0;  ///< Of partition 0.

 private:
  static constexpr std::chrono::seconds deadline{10};

  std::exception_ptr wait() {
    auto future = ended_.get_future();
    if (future.wait_for(deadline) != std::future_status::ready) throw std::runtime_error{"run() does not end"};
    return future.get();
  }

  std::atomic<bool> is_ending_ = false;
  std::promise<std::exception_ptr> ended_;
  std::unique_ptr<MicroBatchConsumer<>> consumer_;
};

}  // namespace tidemark::test
