#include <tidemark/line_observer.hpp>

#include <array>
#include <atomic>
#include <iostream>
#include <iterator>
#include <mutex>
#include <optional>
#include <ostream>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "core/client_id.hpp"
#include "lines/event_text.hpp"
#include "lines/line_limit.hpp"

namespace tidemark {
namespace {

/// Kinds of lines, each with a limit of its own.
enum class Kind {
  start,
  batch,
  retry,
  handler_timeout,
  skip,
  dead_letters,
  commit,
  conflict,
  rebalance,
  out_of_range,
  unreadable,
  gap,
  progress,
  error,
  log,
  statistics
};
constexpr std::array<std::string_view, 16> names_of_kinds{"starts",
                                                          "batches",
                                                          "failed attempts",
                                                          "handlers that take too long",
                                                          "skipped batches",
                                                          "dead letters",
                                                          "commits",
                                                          "conflicts",
                                                          "rebalances",
                                                          "offsets out of range",
                                                          "records that can't be read",
                                                          "gaps",
                                                          "the progress",
                                                          "errors",
                                                          "the log",
                                                          "statistics"};

// While nothing happens, that is said so often.
constexpr std::chrono::seconds idle_interval{60};

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::warning:
      return "warning";
    case LogLevel::info:
      return "info";
    default:
      return "debug";
  }
}

std::string name_of(const ConsumerInfo& consumer) {
  const auto own = consumer.client_id != core::default_client_id ? consumer.client_id : consumer.group_instance;
  return own.empty() ? std::string{consumer.group} : fmt::format("{}/{}", consumer.group, own);
}

LineObserver::Sink sink_to(std::ostream& stream) {
  return [&stream](const LineObserver::Line& line) { stream << to_string(line) << '\n' << std::flush; };
}

/// librdkafka tells of these as errors, too, in the same words.
bool is_told_twice(std::string_view text) {
  return text.starts_with("librdkafka FAIL:") || text.starts_with("librdkafka ERROR:");
}

}  // namespace

class LineObserver::Impl {
 public:
  using Clock = std::chrono::steady_clock;

  /// What the observers of all consumers share.
  struct Shared {
    Sink sink;
    LineObserverOptions options;
    std::mutex mutex;  // of the sink, the buffer and all limits
    lines::Buffer buffer;
  };

  Impl(std::shared_ptr<Shared> shared, std::string consumer)
      : shared_{std::move(shared)}, consumer_{std::move(consumer)} {}

  std::unique_ptr<Impl> for_consumer(const ConsumerInfo& consumer) const {
    return std::make_unique<Impl>(shared_, name_of(consumer));
  }
  const LineObserverOptions& options() const { return shared_->options; }

  template <class... Event>
  void write(Kind kind, LogLevel level, const Event&... event) noexcept {
    guarded([&] {
      const auto now = Clock::now();
      tell_left_out(now);
      put_within_limit(kind, level, now, event...);
    });
  }

  void write_statistics(std::string_view json) noexcept {
    guarded([&] { put(LogLevel::debug, [&](lines::Buffer& out) { out.append(json); }); });
  }

  void add(const BatchEvent& event) {
    ++batches_;
    records_ += event.records;
  }
  void add(const StallEvent& event) {
    ++stalls_;
    stalled_ns_ += event.waited.count();
  }

  void write_progress(std::span<const PartitionProgress> progress) noexcept {
    const lines::Sums sums{batches_.exchange(0), records_.exchange(0), stalls_.exchange(0),
                           std::chrono::nanoseconds{stalled_ns_.exchange(0)}};
    const auto now = Clock::now();
    const bool is_idle = sums.batches == 0 && !progress.empty() && lines::is_all_handled(progress);
    guarded([&] {
      tell_left_out(now);
      if (is_idle && idle_told_ && now - *idle_told_ < idle_interval) return;
      idle_told_ = is_idle ? std::optional{now} : std::nullopt;
      put_within_limit(Kind::progress, LogLevel::info, now, sums, progress);
    });
  }

 private:
  /// With the mutex held. An observer must not throw; what can't be written is counted, and told with the next line that can.
  template <class Write>
  void guarded(const Write& write) noexcept {
    try {
      const std::lock_guard lock{shared_->mutex};
      write();
    } catch (...) {
      lost_.fetch_add(1);
    }
  }

  /// With the mutex held.
  void tell_left_out(Clock::time_point now) {
    if (const auto lost = lost_.load(); lost > 0) {
      put(LogLevel::warning, [&](lines::Buffer& out) {
        fmt::format_to(std::back_inserter(out), "Lost {} {}: the sink threw an exception.", lost,
                       lost == 1 ? "line" : "lines");
      });
      lost_.fetch_sub(lost);
    }
    for (std::size_t kind = 0; kind < limits_.size(); ++kind)
      if (const auto count = limits_[kind].take_left_out(now, options().per); count > 0)
        put(LogLevel::info, [&](lines::Buffer& out) {
          fmt::format_to(std::back_inserter(out), "Left out {} more {} about {}.", count, count == 1 ? "line" : "lines",
                         names_of_kinds[kind]);
        });
  }

  template <class... Event>
  void put_within_limit(Kind kind, LogLevel level, Clock::time_point now, const Event&... event) {
    if (limits_[static_cast<std::size_t>(kind)].admit(now, options().lines_per_kind, options().per))
      put(level, [&](lines::Buffer& out) { lines::describe(out, event...); });
  }

  template <class Describe>
  void put(LogLevel level, const Describe& describe) {
    auto& buffer = shared_->buffer;
    buffer.clear();
    describe(buffer);
    shared_->sink({std::chrono::system_clock::now(), level, consumer_, {buffer.data(), buffer.size()}});
  }

  const std::shared_ptr<Shared> shared_;
  const std::string consumer_;
  std::array<lines::LineLimit, names_of_kinds.size()> limits_{};
  std::optional<Clock::time_point> idle_told_;
  std::atomic<std::uint64_t> batches_ = 0;
  std::atomic<std::uint64_t> records_ = 0;
  std::atomic<std::uint64_t> stalls_ = 0;
  std::atomic<std::int64_t> stalled_ns_ = 0;
  std::atomic<std::uint64_t> lost_ = 0;
};

LineObserver::LineObserver() : LineObserver{std::clog} {}

LineObserver::LineObserver(std::ostream& stream, const LineObserverOptions& options)
    : LineObserver{sink_to(stream), options} {}

LineObserver::LineObserver(Sink sink, const LineObserverOptions& options) {
  auto shared = std::make_shared<Impl::Shared>();
  shared->sink = std::move(sink);
  shared->options = options;
  impl_ = std::make_unique<Impl>(std::move(shared), std::string{});
}

LineObserver::LineObserver(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

LineObserver::~LineObserver() = default;

std::shared_ptr<Observer> LineObserver::for_consumer(const ConsumerInfo& consumer) {
  return std::shared_ptr<Observer>{new LineObserver{impl_->for_consumer(consumer)}};
}

void LineObserver::on_start(const ConsumerInfo& consumer) noexcept {
  impl_->write(Kind::start, LogLevel::info, consumer);
}
void LineObserver::on_batch(const BatchEvent& event) noexcept {
  impl_->add(event);
  if (impl_->options().batches) impl_->write(Kind::batch, LogLevel::info, event);
}
void LineObserver::on_retry(const RetryEvent& event) noexcept { impl_->write(Kind::retry, LogLevel::warning, event); }
void LineObserver::on_handler_timeout(const HandlerTimeoutEvent& event) noexcept {
  impl_->write(Kind::handler_timeout, event.given_up ? LogLevel::error : LogLevel::warning, event);
}
void LineObserver::on_skip(const SkipEvent& event) noexcept { impl_->write(Kind::skip, LogLevel::error, event); }
void LineObserver::on_dead_letters(std::span<const DeadLetter> letters) noexcept {
  impl_->write(Kind::dead_letters, LogLevel::warning, letters);
}
void LineObserver::on_commit(const CommitEvent& event) noexcept {
  if (impl_->options().batches) impl_->write(Kind::commit, LogLevel::info, event);
}
void LineObserver::on_conflict(const ConflictEvent& event) noexcept {
  impl_->write(Kind::conflict, LogLevel::warning, event);
}
void LineObserver::on_rebalance(const RebalanceEvent& event) noexcept {
  impl_->write(Kind::rebalance, event.kind == RebalanceEvent::Kind::lost ? LogLevel::warning : LogLevel::info, event);
}
void LineObserver::on_out_of_range(const OutOfRangeEvent& event) noexcept {
  impl_->write(Kind::out_of_range, event.restarted_at ? LogLevel::warning : LogLevel::error, event);
}
void LineObserver::on_unreadable(const UnreadableEvent& event) noexcept {
  impl_->write(Kind::unreadable, event.tried_again_in ? LogLevel::warning : LogLevel::error, event);
}
void LineObserver::on_gap(const GapEvent& event) noexcept { impl_->write(Kind::gap, LogLevel::warning, event); }
void LineObserver::on_stall(const StallEvent& event) noexcept { impl_->add(event); }
void LineObserver::on_lag(std::span<const PartitionProgress> progress) noexcept { impl_->write_progress(progress); }
void LineObserver::on_error(std::string_view text) noexcept { impl_->write(Kind::error, LogLevel::warning, text); }
void LineObserver::on_log(LogLevel level, std::string_view text) noexcept {
  if (level > impl_->options().log || (impl_->options().log < LogLevel::info && is_told_twice(text))) return;
  impl_->write(Kind::log, level, text);
}
void LineObserver::on_statistics(std::string_view json) noexcept {
  if (impl_->options().log == LogLevel::debug) impl_->write_statistics(json);
}

std::string to_string(const LineObserver::Line& line) {
  const auto since = line.time.time_since_epoch();
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(since).count();
  return fmt::format(
      "{:%Y-%m-%dT%H:%M:%S}.{:03}Z {}{}{}: {}",
      fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(line.time))),
      milliseconds % 1000, name_of(line.level), line.consumer.empty() ? "" : " ", line.consumer, line.text);
}

}  // namespace tidemark
