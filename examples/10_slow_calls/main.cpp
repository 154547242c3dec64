// Makes a slow call for each record, up to 1,000 of them at once on one thread, and those of one key one after the other. The call is
// made up here, by a timer: put your HTTP or database client's asynchronous call in its place.
//
// Guarantee: at least once. The offsets of a batch move when all its calls have succeeded.
// Failure:   a call that fails is made again, up to three times with a growing delay; those that succeeded are not. After that, and
//            after every other error, the program ends with 1. After a crash the calls of the batch in flight are made again.

#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <tidemark/stores/kafka.hpp>
#include <tidemark/tidemark.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// What takes its time: `done` is called 100 ms later.
template <class Done>
void call_service(asio::io_context& context, Done done) {
  auto timer = std::make_shared<asio::steady_timer>(context, 100ms);
  timer->async_wait([timer, done = std::move(done)](const boost::system::error_code& error) { done(!error); });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP\n";
    return 2;
  }
  try {
    tidemark::KafkaOffsetStore store;
    asio::io_context context;

    const auto handle = [&](tidemark::Record<> record, tidemark::RecordDone done) {
      call_service(context, [record, done = std::move(done)](bool is_accepted) {
        if (!is_accepted) return done(std::make_exception_ptr(std::runtime_error{"the service refuses a record"}));
        std::cout << record.key() << " = " << record.value() << std::endl;
        done();
      });
    };
    tidemark::MicroBatchConsumer<> consumer{{.brokers = argv[1],
                                             .group = argv[3],
                                             .topics = {argv[2]},
                                             .batch = {.max_records = 50'000},
                                             .handler_retry = {.attempts = 3},
                                             .observer = std::make_shared<tidemark::LineObserver>()},
                                            store,
                                            tidemark::each_record(context, {.max_records = 1'000}, handle)};

    asio::signal_set signals{context, SIGINT, SIGTERM};
    signals.async_wait([&](const boost::system::error_code& error, int) {
      if (!error) consumer.stop();
    });

    // Until this has completed the io_context goes on running: the calls need it.
    std::exception_ptr failure;
    consumer.async_run(asio::bind_executor(context, [&](std::exception_ptr error) {
      failure = error;
      context.stop();
    }));
    context.run();
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    std::cerr << "slow_calls: " << error.what() << '\n';
    return 1;
  }
}
