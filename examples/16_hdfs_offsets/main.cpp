// Prints the records of a topic, and keeps the offsets in the checkpoint of a Spark Structured Streaming query, in HDFS or in a local
// directory. Stop such a query, start this in its place on the query's checkpointLocation, and it goes on at the next record; and back.
//
// Guarantee: at least once. A batch's offsets are stored after its records were printed.
// Failure:   after a crash, or an error of the handler, the batch in flight is printed again. While HDFS does not answer, nothing is
//            committed; after store_retry that ends the program. An error ends it with 1.

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <exception>
#include <future>
#include <iostream>
#include <stdexcept>

#include <tidemark/stores/hdfs.hpp>
#include <tidemark/tidemark.hpp>

namespace {

void print(const tidemark::Batch<>& batch) {
  for (const auto& record : batch)
    std::cout << record.topic() << '/' << record.partition() << " @" << record.offset() << "  " << record.key() << " = "
              << record.value() << '\n';
  if (!std::cout.flush()) throw std::runtime_error{"cannot write"};
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
  if (argc != 5) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP webhdfs://HOST:PORT/DIRECTORY|file:///DIRECTORY\n";
    return 2;
  }
  try {
    tidemark::HdfsOffsetStore store{argv[4]};
    tidemark::MicroBatchConsumer<> consumer{{.brokers = argv[1], .group = argv[3], .topics = {argv[2]}}, store, print};
    run_until_signal(consumer);
    for (const auto& [partition, next] : store.list(argv[3]))
      std::cout << partition.topic << '/' << partition.partition << " next " << next << '\n';
  } catch (const std::exception& error) {
    std::cerr << "hdfs_offsets: " << error.what() << '\n';
    return 1;
  }
}
