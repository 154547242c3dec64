// Prints the records of a topic, and keeps the offsets in Redis where Spark Streaming jobs with Jedis keep theirs: the hash
// kafka:topic:<topic>:<group>. Stop such a job after a batch, start this in its place, and it goes on at the next record; and back.
//
// Guarantee: at least once. A batch's offsets are stored after its records were printed.
// Failure:   after a crash, or an error of the handler, the batch in flight is printed again. What a crash or fail-over of Redis may
//            lose depends on how it is set up: it is printed at the start. An error ends the program with 1.

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <exception>
#include <future>
#include <iostream>
#include <stdexcept>

#include <tidemark/stores/redis.hpp>
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
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP REDIS_URL\n";
    return 2;
  }
  try {
    tidemark::RedisOffsetStore store{argv[4]};
    std::cout << store.durability().text() << std::endl;
    tidemark::MicroBatchConsumer<> consumer{{.brokers = argv[1], .group = argv[3], .topics = {argv[2]}}, store, print};
    run_until_signal(consumer);
    for (const auto& [partition, next] : store.list(argv[3]))
      std::cout << partition.topic << '/' << partition.partition << " next " << next << '\n';
  } catch (const std::exception& error) {
    std::cerr << "redis_offsets: " << error.what() << '\n';
    return 1;
  }
}
