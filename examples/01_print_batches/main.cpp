// Prints the records of a topic, batch by batch. The offsets stay in Kafka, where every Kafka tool shows the group's lag.
//
// Guarantee: at least once. Offsets move after a batch was printed.
// Failure:   after a crash, or an error of the handler, the batch in flight is printed again. An error ends the program with 1.

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <exception>
#include <future>
#include <iostream>
#include <stdexcept>

#include <tidemark/stores/kafka.hpp>
#include <tidemark/tidemark.hpp>

namespace {

void print(const tidemark::Batch<>& batch) {
  std::cout << "batch of " << batch.size() << '\n';
  for (const auto& record : batch)
    std::cout << record.topic() << '/' << record.partition() << '@' << record.offset() << "  " << record.key() << " = "
              << record.value() << '\n';
  // What is still in a buffer is not printed: it must be out before the offsets move.
  if (!std::cout.flush()) throw std::runtime_error{"cannot write to the standard output"};
}

/// Runs the consumer until SIGINT or SIGTERM. stop() may not be called in a signal handler, so this thread waits for the signal.
void run_until_signal(tidemark::MicroBatchConsumer<>& consumer) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // threads that are started from here on inherit it

  auto running = std::async(std::launch::async, [&consumer] {
    struct WakeMain {
      ~WakeMain() { kill(getpid(), SIGTERM); }
    } at_the_end;  // by an error, too
    consumer.run();
  });
  int signal = 0;
  sigwait(&signals, &signal);
  consumer.stop();
  running.get();  // the batch in hand is handled and committed first; throws what ended the consumer
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP\n";
    return 2;
  }
  try {
    tidemark::KafkaOffsetStore store;
    tidemark::MicroBatchConsumer<> consumer{{.brokers = argv[1], .group = argv[3], .topics = {argv[2]}}, store, print};
    run_until_signal(consumer);
  } catch (const std::exception& error) {
    std::cerr << "print_batches: " << error.what() << '\n';
    return 1;
  }
}
