// Prints the records of a topic, and keeps the offsets in Redis where Spark Streaming jobs with Jedis keep theirs: the hash
// kafka:topic:<topic>:<group>. Stop such a job after a batch, start this in its place, and it goes on at the next record; and back.
//
// Guarantee: at least once. A batch's offsets are stored after its records were printed.
// Failure:   after a crash, or an error of the handler, the batch in flight is printed again. What a crash or fail-over of Redis may
//            lose depends on how it is set up: it is printed at the start. An error ends the program with 1.

#include <exception>
#include <iostream>
#include <memory>
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

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP REDIS_URL\n";
    return 2;
  }
  try {
    tidemark::RedisOffsetStore store{argv[4]};
    std::cout << store.durability().text() << std::endl;
    tidemark::MicroBatchConsumer<> consumer{{.brokers = argv[1],
                                             .group = argv[3],
                                             .topics = {argv[2]},
                                             .observer = std::make_shared<tidemark::LineObserver>()},
                                            store,
                                            print};
    tidemark::run_until_signal(consumer);
    for (const auto& [partition, next] : store.list(argv[3]))
      std::cout << partition.topic << '/' << partition.partition << " next " << next << '\n';
  } catch (const std::exception& error) {
    std::cerr << "redis_offsets: " << error.what() << '\n';
    return 1;
  }
}
