// Keeps the offsets in a store of one's own: text_file_store.hpp, two functions over a text file.
//
// Guarantee: at least once. The store writes all offsets of a batch at once, durably, and compares before it sets.
// Failure:   after a crash, or an error of the handler or the store, the batch in flight is handled again. An error ends the
//            program with 1. That the store keeps its contract is proven by tidemark's conformance kit, see README.md.

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <exception>
#include <future>
#include <iostream>

#include <tidemark/tidemark.hpp>

#include "text_file_store.hpp"

namespace {

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
    TextFileStore store{"offsets.txt"};
    tidemark::MicroBatchConsumer<> consumer{
        {.brokers = argv[1], .group = argv[3], .topics = {argv[2]}}, store, [](const tidemark::Batch<>& batch) {
          for (const auto& [partition, from, until] : batch.ranges())
            std::cout << partition.topic << '/' << partition.partition << " from " << from << " until " << until
                      << std::endl;
        }};
    run_until_signal(consumer);
  } catch (const std::exception& error) {
    std::cerr << "own_store: " << error.what() << '\n';
    return 1;
  }
}
