// Consumes inside an Asio service: one io_context runs the consumer's completion, the signals and a report of the lag. The
// handler itself runs on the consumer's worker thread, so that slow work there holds up neither Asio nor the group membership.
//
// Guarantee: at least once. SIGINT and SIGTERM let the batch in hand finish and commit.
// Failure:   after a crash, or an error of the handler, the batch in flight is handled again. An error arrives as the exception
//            of `co_await consumer.async_run(…)`, stops the service and ends the program with 1.

#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>  // awaitable.hpp of Boost 1.74 forgets it

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

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

asio::awaitable<void> consume(Consumer& consumer) {
  asio::signal_set signals{co_await asio::this_coro::executor, SIGINT, SIGTERM};
  signals.async_wait([&consumer](const boost::system::error_code& error, int) {
    if (!error) consumer.stop();
  });
  co_await consumer.async_run(asio::use_awaitable);
}

asio::awaitable<void> report_lag(const Consumer& consumer) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (;;) {
    timer.expires_after(std::chrono::seconds{1});
    co_await timer.async_wait(asio::use_awaitable);
    std::int64_t lag = 0;
    for (const auto& partition : consumer.progress()) lag += partition.lag().value_or(0);
    std::clog << "lag " << lag << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP\n";
    return 2;
  }
  try {
    tidemark::KafkaOffsetStore store;
    Consumer consumer{{.brokers = argv[1], .group = argv[3], .topics = {argv[2]}}, store, handle};
    std::exception_ptr failure;
    asio::io_context context;  // declared last: its coroutines refer to the consumer
    asio::co_spawn(context, report_lag(consumer), asio::detached);
    asio::co_spawn(context, consume(consumer), [&](std::exception_ptr error) {
      failure = error;
      context.stop();
    });
    context.run();
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    std::cerr << "asio_service: " << error.what() << '\n';
    return 1;
  }
}
