#include <tidemark/detail/engine.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/client_id.hpp"
#include "engine/control.hpp"
#include "engine/options_check.hpp"
#include "engine/progress_report.hpp"

namespace tidemark::detail {

class Engine::Impl {
 public:
  Impl(ConsumerOptions options, OffsetStore& store, std::unique_ptr<BatchHandlerFactory> handlers)
      : options_{checked(std::move(options))},
        store_{store},
        handlers_{std::move(handlers)},
        notifier_{options_.observer, info()},
        flow_{options_.rate_limit, options_.partition_rate_limit} {}

  ~Impl() {
    request_stop(true);
    if (thread_.joinable()) thread_.join();
  }

  void run() {
    claim_run();
    consume();
  }

  void start(std::function<void(std::exception_ptr)> done) {
    claim_run();
    thread_ = std::thread{[this, done = std::move(done)]() mutable {
      std::exception_ptr error;
      try {
        consume();
      } catch (...) {
        error = std::current_exception();
      }
      // Gone before it is told: whoever hears of it may destroy us, and has the exception for itself.
      auto tell = std::move(done);
      tell(std::move(error));
    }};
  }

  void request_stop(bool abandon) noexcept {
    const std::lock_guard lock{mutex_};
    stop_requested_ = true;
    abandon_ = abandon_ || abandon;
    if (control_) control_->stop(abandon_);
  }

  engine::Flow& flow() { return flow_; }
  void flow_changed() {
    const std::lock_guard lock{mutex_};
    if (control_) control_->look_at_flow();
  }

  void subscribe(std::vector<std::string> topics) {
    engine::check_topics(options_, topics);
    const std::lock_guard lock{mutex_};
    topics_ = std::move(topics);
    if (control_) control_->subscribe(*topics_);
  }

  std::vector<PartitionProgress> progress() const {
    const std::lock_guard lock{mutex_};
    return client_ ? engine::progress_report(published_, *client_) : std::vector<PartitionProgress>{};
  }

  ConsumerState state() const {
    const std::lock_guard lock{mutex_};
    if (control_) return control_->state();
    ConsumerState state;
    if (was_run_) state.phase = is_over_ ? ConsumerPhase::ended : ConsumerPhase::connecting;
    return state;
  }

 private:
  static ConsumerOptions checked(ConsumerOptions options) {
    engine::check_options(options);
    return options;
  }

  ConsumerInfo info() const {
    const auto property = [this](const char* name, std::string_view otherwise) -> std::string_view {
      const auto found = options_.kafka.find(name);
      return found == options_.kafka.end() ? otherwise : found->second;
    };
    return {options_.brokers, options_.group, property("client.id", core::default_client_id),
            property("group.instance.id", {})};
  }

  void claim_run() {
    if (was_run_.exchange(true))
      throw std::logic_error{"a MicroBatchConsumer runs once; make a new one to consume again"};
  }

  void consume() {
    struct Closing {
      Impl& impl;
      ~Closing() { impl.close(); }
    } closing{*this};
    notifier_->on_start(info());
    if (open()) control_->run();
  }

  /// False where stop() came first.
  bool open() {
    auto client = std::make_unique<kafka::Client>(options_);
    auto control =
        std::make_unique<engine::Control>(options_, store_, *handlers_, *client, notifier_, published_, flow_);
    const std::lock_guard lock{mutex_};
    client_ = std::move(client);
    control_ = std::move(control);
    if (topics_) control_->subscribe(*topics_);
    return !stop_requested_;
  }

  void close() {
    std::unique_ptr<engine::Control> control;
    std::unique_ptr<kafka::Client> client;
    {
      const std::lock_guard lock{mutex_};
      control = std::move(control_);
      client = std::move(client_);
      is_over_ = true;
    }
    control.reset();  // its messages go back before the client that they belong to
    client.reset();
  }

  const ConsumerOptions options_;
  OffsetStore& store_;
  std::unique_ptr<BatchHandlerFactory> handlers_;
  engine::Notifier notifier_;
  engine::PublishedProgress published_;
  engine::Flow flow_;
  std::atomic<bool> was_run_ = false;

  mutable std::mutex mutex_;  // of what stop() and progress() may meet half-way
  bool stop_requested_ = false;
  bool is_over_ = false;
  bool abandon_ = false;
  std::optional<std::vector<std::string>> topics_;  // in place of those in the options
  std::unique_ptr<kafka::Client> client_;
  std::unique_ptr<engine::Control> control_;
  std::thread thread_;
};

Engine::Engine(ConsumerOptions options, OffsetStore& store, std::unique_ptr<BatchHandlerFactory> handlers)
    : impl_{std::make_unique<Impl>(std::move(options), store, std::move(handlers))} {}

Engine::~Engine() = default;

void Engine::run() { impl_->run(); }
void Engine::start(std::function<void(std::exception_ptr)> done) { impl_->start(std::move(done)); }
void Engine::stop() noexcept { impl_->request_stop(false); }
void Engine::pause(bool paused) {
  impl_->flow().pause(paused);
  impl_->flow_changed();
}
void Engine::limit_rate(const RateLimit& limit) {
  impl_->flow().set_limit(limit);
  impl_->flow_changed();
}
void Engine::limit_partition_rate(const RateLimit& limit) {
  impl_->flow().set_partition_limit(limit);
  impl_->flow_changed();
}
void Engine::subscribe(std::vector<std::string> topics) { impl_->subscribe(std::move(topics)); }
ConsumerState Engine::state() const { return impl_->state(); }
std::vector<PartitionProgress> Engine::progress() const { return impl_->progress(); }

}  // namespace tidemark::detail
