// Prints the records of a topic, and keeps the offsets in the checkpoint of a Spark Structured Streaming query, in HDFS or in a local
// directory. Stop such a query, start this in its place on the query's checkpointLocation, and it goes on at the next record; and back.
//
// Guarantee: at least once. A batch's offsets are stored after its records were printed.
// Failure:   after a crash, or an error of the handler, the batch in flight is printed again. While HDFS does not answer, nothing is
//            committed; after store_retry that ends the program. An error ends it with 1.

#include <exception>
#include <iostream>
#include <memory>
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

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP webhdfs://HOST:PORT/DIRECTORY|file:///DIRECTORY\n";
    return 2;
  }
  try {
    tidemark::HdfsOffsetStore store{argv[4]};
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
    std::cerr << "hdfs_offsets: " << error.what() << '\n';
    return 1;
  }
}
