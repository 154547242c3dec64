#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <tidemark/detail/batch_handler.hpp>
#include <tidemark/options.hpp>

#include "core/parked_partitions.hpp"
#include "core/session.hpp"
#include "core/start_retries.hpp"
#include "core/starts.hpp"
#include "core/worker_map.hpp"
#include "engine/background.hpp"
#include "engine/interrupt.hpp"
#include "engine/mailbox.hpp"
#include "engine/notifier.hpp"
#include "engine/outside.hpp"
#include "engine/published_progress.hpp"
#include "engine/start_loader.hpp"
#include "engine/startup_check.hpp"
#include "engine/wait_board.hpp"
#include "engine/worker.hpp"
#include "kafka/client.hpp"

namespace tidemark::engine {

/// The control thread's part: polls librdkafka's main queue, asks Session what to do, and does it.
///
/// Thread safety: stop(), subscribe() and look_at_flow() from any thread; the rest by the control thread.
class Control {
 public:
  Control(const ConsumerOptions& options, OffsetStore& store, detail::BatchHandlerFactory& handlers,
          kafka::Client& client, const Notifier& notifier, PublishedProgress& published, Flow& flow);
  ~Control();

  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  /// Until stop(), or until something fails: then throws that.
  void run();

  /// From any thread.
  void subscribe(std::vector<std::string> topics);

  /// From any thread.
  ConsumerState state() const;

  /// `abandon`: nothing more is committed.
  void stop(bool abandon);
  /// The flow has changed: the control thread tells the workers, as it alone may wait for them.
  void look_at_flow();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  void step();
  void begin_stop();
  void subscribe_now();
  void fail(std::exception_ptr error);
  std::chrono::milliseconds poll_time(TimePoint now) const;

  void on_event(kafka::event::Nothing) {}
  void on_event(const kafka::event::Assigned& event);
  void on_event(const kafka::event::Revoked& event);
  void on_event(const kafka::event::Trouble& event);
  void on_event(const kafka::event::Fatal& event);
  void on_event(const kafka::event::Log& event);
  void on_event(const kafka::event::Statistics& event) { notifier_->on_statistics(event.json); }

  void on_message(message::Ready);
  void on_message(message::Loaded& message);
  void on_message(message::Reloaded& message);
  void on_message(message::Looked& message);
  void on_message(message::Found& message);
  void on_message(message::Subscribe& message);
  void on_message(message::Released& message);
  void on_message(message::Parked& message);
  void on_message(message::Failed& message);
  void on_message(message::BackgroundFailed& message);

  void perform(core::Session::Actions actions);
  void perform_one(core::action::Load& action);
  void perform_one(core::action::Accept& action);
  void perform_one(core::action::Assign& action);
  void perform_one(core::action::Add& action);
  void perform_one(core::action::Drain& action);
  void perform_one(core::action::Abandon& action);
  void perform_one(core::action::Unassign& action);
  void perform_one(core::action::Reload& action);
  void perform_one(core::action::Reposition& action);
  void perform_one(core::action::Leave&);
  bool put(std::span<const core::PartitionStart> starts);
  void assign(std::span<const core::PartitionStart> starts);
  /// Whether each has its worker, and whether a worker is done with one; for assertions.
  bool is_owned(std::span<const core::PartitionStart> starts);
  bool has_let_go_of(const TopicPartition& partition);
  void release(const TopicPartition& partition);

  void on_starts(std::uint64_t ticket, const core::Starts& starts, TimePoint now);
  void ask_again(TimePoint now);

  void on_unreadable(const message::Parked& parked);
  void on_forbidden(const message::Parked& parked);
  void look_at_unreadable(TimePoint now);
  void tell_of(const TopicPartition& partition, const core::ParkedPartitions::Parked& parked) const;

  ConsumerPhase phase() const;
  void look_at_waits(TimePoint now);
  void search_outside(TimePoint now);
  std::string what_holds() const;
  template <class Add>
  void find_outside(const Add& add);
  template <class Add>
  void find_work(const Add& add, TimePoint now);
  template <class Add>
  void find_partitions(const Add& add, std::map<TopicPartition, PublishedState::Trouble>& troubles, TimePoint now);
  template <class Add>
  void find_lagging(const Add& add, std::map<TopicPartition, PublishedState::Trouble>& troubles, TimePoint now);

  void look_at_handlers(TimePoint now);
  void look_at_store(TimePoint now);
  bool looks_at_store() const { return options_.store_poll_interval.count() > 0 && !stopping_ && !is_looking_; }
  std::map<std::size_t, std::vector<TopicPartition>> by_worker(std::span<const TopicPartition> partitions);
  void report_lag(TimePoint now);
  void tell_lag(std::span<const PartitionProgress> report);

  const ConsumerOptions& options_;
  kafka::Client& client_;
  const Notifier& notifier_;
  PublishedProgress& published_;
  const Flow& flow_;
  Mailbox mailbox_;
  core::Session session_;
  core::StartRetries start_retries_;
  core::WorkerMap places_;
  core::ParkedPartitions unreadable_;
  Interrupt interrupt_;
  std::stop_source store_stop_;
  StartupCheck startup_;
  StartLoader starts_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Background background_;

  // What is waited for.
  struct Lag {
    std::int64_t next = 0;
    TimePoint since{};
  };
  WaitBoard board_;
  Outside outside_;
  std::optional<TimePoint> joining_since_;
  std::optional<TimePoint> loading_since_;
  std::optional<TimePoint> paused_since_;
  TimePoint phase_since_{};
  TimePoint next_wait_look_{};
  std::string join_trouble_;                           // since we are joining
  std::map<TopicPartition, std::string> open_starts_;  // why Kafka can't tell them
  std::map<TopicPartition, Lag> lags_;                 // of those that nobody works on

  std::vector<std::string> topics_;
  bool is_ready_ = false;
  std::deque<core::Action> actions_;
  bool performing_ = false;
  std::set<TopicPartition> still_in_hand_;  // given up, but a worker has yet to let go of them
  std::map<TopicPartition, message::Parked> parked_;
  std::exception_ptr error_;
  std::atomic<bool> stop_requested_ = false;
  std::atomic<bool> abandon_ = false;
  std::atomic<bool> flow_changed_ = false;
  bool stopping_ = false;
  bool leaving_ = false;
  std::size_t rebalances_ = 0;  // events of these so far
  TimePoint stop_deadline_{};
  TimePoint next_lag_report_{};
  bool has_told_lag_ = false;  // of at least one partition, the last time
  TimePoint next_look_{};
  bool is_asking_why_ = false;  // which strategy the group uses
  bool is_looking_ = false;     // the store was asked and has not answered
};

}  // namespace tidemark::engine
