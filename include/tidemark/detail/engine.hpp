#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tidemark/consumer_state.hpp>
#include <tidemark/detail/batch_handler.hpp>
#include <tidemark/export.hpp>
#include <tidemark/options.hpp>
#include <tidemark/progress.hpp>

namespace tidemark::detail {

/// The compiled engine behind MicroBatchConsumer, the same for every record type. See src/README.md.
class TIDEMARK_EXPORT Engine {
 public:
  Engine(ConsumerOptions options, OffsetStore& store, std::unique_ptr<BatchHandlerFactory> handlers);
  ~Engine();

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void run();
  /// Runs on a thread of its own and calls `done` there, at last, with the error that ended it, if any.
  void start(std::function<void(std::exception_ptr)> done);
  void stop() noexcept;
  void pause(bool paused);
  void limit_rate(const RateLimit& limit);
  void limit_partition_rate(const RateLimit& limit);
  void subscribe(std::vector<std::string> topics);
  std::vector<PartitionProgress> progress() const;
  ConsumerState state() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::detail
