// Consumes inside an Asio service: one io_context runs the consumer's completion, the signals and a report of the lag. The
// handler itself runs on the consumer's worker thread, so that slow work there holds up neither Asio nor the group membership.
//
// Guarantee: at least once. SIGINT and SIGTERM let the batch in hand finish and commit.
// Failure:   after a crash, or an error of the handler, the batch in flight is handled again. An error arrives as the exception
//            argument of async_run's completion, stops the service and ends the program with 1.

#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <tidemark/stores/kafka.hpp>
#include <tidemark/tidemark.hpp>

namespace asio = boost::asio;
using Consumer = tidemark::MicroBatchConsumer<std::string>;

namespace {

void handle(const tidemark::Batch<std::string>& batch) {
  std::string lines;
  for (const auto& record : batch) lines += record.value() + '\n';
  if (!(std::cout << lines << std::flush)) throw std::runtime_error{"cannot write to the standard output"};
}

/// Once a second, for as long as the io_context runs.
void report_lag(asio::steady_timer& timer, const Consumer& consumer) {
  timer.expires_after(std::chrono::seconds{1});
  timer.async_wait([&](const boost::system::error_code& error) {
    if (error) return;
    std::int64_t lag = 0;
    for (const auto& partition : consumer.progress()) lag += partition.lag().value_or(0);
    std::clog << "lag " << lag << '\n';
    report_lag(timer, consumer);
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP\n";
    return 2;
  }
  try {
    tidemark::KafkaOffsetStore store;
    Consumer consumer{{.brokers = argv[1],
                       .group = argv[3],
                       .topics = {argv[2]},
                       .observer = std::make_shared<tidemark::LineObserver>()},
                      store,
                      handle};
    asio::io_context context;  // after the consumer, which its work refers to

    asio::signal_set signals{context, SIGINT, SIGTERM};
    signals.async_wait([&](const boost::system::error_code& error, int) {
      if (!error) consumer.stop();
    });
    asio::steady_timer timer{context};
    report_lag(timer, consumer);

    std::exception_ptr failure;
    consumer.async_run(asio::bind_executor(context, [&](std::exception_ptr error) {
      failure = error;
      context.stop();
    }));
    context.run();
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    std::cerr << "asio_service: " << error.what() << '\n';
    return 1;
  }
}
