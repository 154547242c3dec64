// An asynchronous call of 10 ms for each record, 1,000 at once, those of one key in order, with tidemark: one thread makes all calls.
#include <chrono>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <tidemark/stores/kafka.hpp>
#include <tidemark/tidemark.hpp>

#include <fmt/format.h>

#include "contenders/options.hpp"
#include "contenders/usage.hpp"

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// Eight bytes, as the filler writes them.
std::uint64_t number_in(const tidemark::Bytes& bytes) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

/// Makes the calls, and counts what they came to. All in the io_context's thread.
class Calls {
 public:
  Calls(asio::io_context& context, std::uint64_t wanted) : context_{context}, wanted_{wanted} {}

  void begin(const tidemark::Record<>& record, tidemark::RecordDone done) {
    if (begun_++ == 0) first_ = Clock::now();
    auto& last = last_of_key_[number_in(record.key())];
    const auto number = number_in(record.value()) + 1;
    if (number <= last) throw std::runtime_error{"two records of one key came in the wrong order"};
    last = number;
    auto timer = std::make_shared<asio::steady_timer>(context_, std::chrono::milliseconds{10});
    timer->async_wait([this, timer, done = std::move(done)](const boost::system::error_code&) { end(done); });
  }

 private:
  void end(const tidemark::RecordDone& done) {
    done();
    if (++ended_ != wanted_) return;
    fmt::print("records={} seconds={:.4f} cpu={:.4f} rss_mib={:.1f} stalls=0\n", ended_,
               std::chrono::duration<double>(Clock::now() - first_).count(), tidemark::bench::cpu_seconds(),
               tidemark::bench::peak_rss_mib());
  }

  asio::io_context& context_;
  std::uint64_t wanted_;
  std::uint64_t begun_ = 0;
  std::uint64_t ended_ = 0;
  Clock::time_point first_;
  std::unordered_map<std::uint64_t, std::uint64_t> last_of_key_;
};

/// Stops the consumer once everything is committed.
class Stopper final : public tidemark::Observer {
 public:
  void on_commit(const tidemark::CommitEvent& event) noexcept override {
    for (const auto& range : event.ranges)
      if (range.until >= wanted) consumer->stop();
  }

  std::int64_t wanted = 0;
  tidemark::MicroBatchConsumer<>* consumer = nullptr;
};

}  // namespace

int main(int argc, char** argv) try {
  const auto options = tidemark::bench::parse_options(argc, argv, fmt::format("tidemark {}", tidemark::version()));
  asio::io_context context{1};
  auto work = asio::make_work_guard(context);
  std::thread thread{[&] { context.run(); }};
  struct Joining {
    ~Joining() {
      its_work.reset();
      its_thread.join();
    }
    asio::executor_work_guard<asio::io_context::executor_type>& its_work;
    std::thread& its_thread;
  } joining{work, thread};

  Calls calls{context, options.records};
  tidemark::KafkaOffsetStore store;
  const auto handle = [&](const tidemark::Record<>& record, tidemark::RecordDone done) {
    calls.begin(record, std::move(done));
  };
  const auto stopper = std::make_shared<Stopper>();
  stopper->wanted = static_cast<std::int64_t>(options.records);
  tidemark::MicroBatchConsumer<> consumer{{.brokers = options.brokers,
                                           .group = options.group,
                                           .topics = {options.topic},
                                           .batch = {.max_records = options.batch, .max_wait = options.max_wait},
                                           .max_uncommitted_batches = options.ahead,
                                           .observer = stopper},
                                          store,
                                          tidemark::each_record(context, {.max_records = 1'000}, handle)};
  stopper->consumer = &consumer;
  consumer.run();
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
