#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tidemark/micro_batch_consumer.hpp>

#include "integration/journal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"

namespace tidemark::test {

/// A consumer that runs on a thread of its own and keeps a journal, which it prints when its test fails.
///
/// Thread safety: shared objects unsafe, except the journal.
class RunningConsumer {
 public:
  using Handler = std::function<void(const Batch<>&)>;

  /// `handler` is called before the batch counts as handled.
  template <class Store>
  RunningConsumer(ConsumerOptions options, Store& store, Handler handler = {}) : brokers_{options.brokers} {
    options.observer = journal_;
    consumer_ = std::make_unique<MicroBatchConsumer<>>(
        std::move(options), store, [journal = journal_, handler = std::move(handler)](const Batch<>& batch) {
          if (handler) handler(batch);
          journal->on_handled(batch);
        });
    consumer_->async_run([this](const std::exception_ptr& error) { on_end(error); });
  }
  ~RunningConsumer() {
    if (std::uncaught_exceptions() > exceptions_) std::clog << "a consumer of the failed test:\n" << journal_->text();
    abandon();
  }
  RunningConsumer(const RunningConsumer&) = delete;
  RunningConsumer& operator=(const RunningConsumer&) = delete;

  const Journal& journal() const { return *journal_; }
  std::vector<PartitionProgress> progress() const { return consumer_->progress(); }
  void request_stop() { consumer_->stop(); }
  void subscribe(std::vector<std::string> topics) { consumer_->subscribe(std::move(topics)); }

  /// Waits until `condition` holds; fails where the consumer ends before it does.
  void await(const std::string& what, const std::function<bool()>& condition,
             std::chrono::milliseconds timeout = std::chrono::seconds{30}) {
    const bool held = eventually([&] { return condition() || ended_; }, timeout) && condition();
    if (held) return;
    FAIL("waited for: " << what << (ended_ ? "; the consumer ended: " + error_ : ""));
  }
  void await_count(std::size_t records) {
    await(fmt::format("{} records handled", records), [&] { return journal_->count() >= records; });
  }
  void await_assignment() {
    await("an assignment", [&] { return journal_->count(RebalanceEvent::Kind::assigned) > 0; });
  }
  /// Everything that Kafka has is committed, and known to be.
  void await_no_lag(std::size_t partitions) {
    KafkaAdmin admin{brokers_};
    // What was written since the last fetch is no lag yet.
    const auto is_level = [&](const PartitionProgress& one) {
      return one.lag() == 0 && *one.end >= admin.end_offset(one.partition.topic, one.partition.partition);
    };
    await("no lag", [&] {
      const auto all = progress();
      return all.size() == partitions && std::ranges::all_of(all, is_level);
    });
  }

  /// Asks it to end and requires that it does so without an error.
  void stop() {
    request_stop();
    const auto error = error_at_end();
    REQUIRE(error.empty());
  }
  /// Waits for its end; empty where it ended without an error.
  std::string error_at_end() {
    REQUIRE(eventually([this] { return ended_.load(); }));
    return error_;
  }
  bool has_ended() const { return ended_; }

  /// Ends it as a crash would: nothing more is committed. Waits for a handler that is running.
  void abandon() {
    consumer_.reset();
    // The completion comes from one of Asio's threads.
    static_cast<void>(eventually([this] { return ended_.load(); }, std::chrono::minutes{2}));
  }

 private:
  void on_end(const std::exception_ptr& error) {
    try {
      if (error) std::rethrow_exception(error);
    } catch (const std::exception& caught) {
      error_ = caught.what();
    } catch (...) {
      error_ = "not a std::exception";
    }
    if (!error_.empty()) journal_->note("ended: " + error_);
    ended_ = true;
  }

  const int exceptions_ = std::uncaught_exceptions();
  std::string brokers_;
  std::shared_ptr<Journal> journal_ = std::make_shared<Journal>();
  std::unique_ptr<MicroBatchConsumer<>> consumer_;
  std::string error_;
  std::atomic<bool> ended_ = false;
};

}  // namespace tidemark::test
