// Two consumers in one io_context, which also answers GET http://127.0.0.1:PORT/health: are both ready, how far are they behind, and when
// was the last commit? PORT 0 takes a free one, and prints it. The health check is answered while handlers are busy, since these run on the
// consumers' own threads.
//
// Guarantee: at least once. SIGINT and SIGTERM let the batches in hand finish and commit.
// Failure:   an error of either consumer stops the other one too, and ends the program with 1; their batches in flight are handled again.

#include <atomic>
#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <tidemark/stores/kafka.hpp>
#include <tidemark/tidemark.hpp>

#include "health_server.hpp"

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Consumer = tidemark::MicroBatchConsumer<std::string>;

namespace {

/// Remembers when something was committed. Called from the consumers' threads.
class LastCommit final : public tidemark::Observer {
 public:
  void on_commit(const tidemark::CommitEvent&) noexcept override { at_ = Clock::now().time_since_epoch(); }

  std::optional<std::chrono::milliseconds> age() const {
    const auto at = at_.load();
    if (at == Clock::duration{}) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch() - at);
  }

 private:
  std::atomic<Clock::duration> at_{};
};

void print(const tidemark::Batch<std::string>& batch) {
  std::string lines;
  for (const auto& record : batch) lines += record.topic() + ": " + record.value() + '\n';
  if (!(std::cout << lines << std::flush)) throw std::runtime_error{"cannot write to the standard output"};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP OTHER_TOPIC PORT\n";
    return 2;
  }
  try {
    const auto last_commit = std::make_shared<LastCommit>();
    tidemark::KafkaOffsetStore store;
    const auto options_for = [&](const char* topic) {
      return tidemark::ConsumerOptions{
          .brokers = argv[1], .group = std::string{argv[3]} + '-' + topic, .topics = {topic}, .observer = last_commit};
    };
    Consumer first{options_for(argv[2]), store, print};
    Consumer second{options_for(argv[4]), store, print};
    asio::io_context context;  // after the consumers, which its work refers to

    HealthServer server{context, static_cast<std::uint16_t>(std::stoi(argv[5])), [&] {
                          Health health{.is_ready = true, .lag = 0, .since_last_commit = last_commit->age()};
                          for (const auto* consumer : {&first, &second}) {
                            const auto partitions = consumer->progress();
                            health.is_ready = health.is_ready && !partitions.empty();
                            for (const auto& partition : partitions) health.lag += partition.lag().value_or(0);
                          }
                          return health;
                        }};
    std::clog << "health on port " << server.port() << std::endl;

    const auto stop = [&] {
      first.stop();
      second.stop();
    };
    asio::signal_set signals{context, SIGINT, SIGTERM};
    signals.async_wait([&](const boost::system::error_code& error, int) {
      if (!error) stop();
    });

    int running = 2;
    std::exception_ptr failure;
    for (auto* consumer : {&first, &second})
      consumer->async_run(asio::bind_executor(context, [&](std::exception_ptr error) {
        if (error && !failure) failure = error;
        stop();
        if (--running == 0) context.stop();
      }));
    context.run();
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    std::cerr << "http_health: " << error.what() << '\n';
    return 1;
  }
}
