// Prints the records of a topic, and keeps the offsets in HBase, through its Thrift2 gateway. With --take-over, a
// group that has none there yet takes them over from the table stream_kafka_offsets, where Spark Streaming jobs with Cloudera's layout
// leave them: stop such a job after a batch, start this in its place, and it goes on at the next record.
//
// Guarantee: at least once. A batch's offsets are stored after its records were printed.
// Failure:   after a crash, or an error of the handler, the batch in flight is printed again. A table whose cells expire is told of at the
//            start: a group that is idle for longer starts anew. An error ends the program with 1.

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <tidemark/stores/hbase.hpp>
#include <tidemark/tidemark.hpp>

namespace {

void print(const tidemark::Batch<>& batch) {
  for (const auto& record : batch)
    std::cout << record.topic() << '/' << record.partition() << " @" << record.offset() << "  " << record.key() << " = "
              << record.value() << '\n';
  if (!std::cout.flush()) throw std::runtime_error{"cannot write"};
}

/// What a Spark job left, once: before the group's first commit here.
void take_over(const tidemark::HBaseOffsetStoreOptions& options, tidemark::HBaseOffsetStore& store, const char* group,
               const char* topic) {
  const auto ours = store.list(group);
  if (std::ranges::any_of(ours, [&](const auto& stored) { return stored.partition.topic == topic; })) return;
  auto spark = options;
  spark.table = "stream_kafka_offsets";
  const auto left = tidemark::read_hbase_spark_offsets(spark, group, topic);
  if (!left) throw std::runtime_error{"nothing is stored, neither here nor in " + spark.table};
  store.overwrite(group, left->offsets);
  std::cout << "took over " << left->row << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 && (argc != 6 || std::string_view{argv[5]} != "--take-over")) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP GATEWAY_HOST:PORT [--take-over]\n";
    return 2;
  }
  try {
    const std::string gateway = argv[4];
    const auto colon = gateway.rfind(':');
    if (colon == std::string::npos) throw std::invalid_argument{"GATEWAY_HOST:PORT has no port"};
    const tidemark::HBaseOffsetStoreOptions options{
        .host = gateway.substr(0, colon),
        .port = static_cast<std::uint16_t>(std::stoi(gateway.substr(colon + 1))),
        .create_table = true};
    tidemark::HBaseOffsetStore store{options};
    std::cout << store.retention().text() << std::endl;
    if (argc == 6) take_over(options, store, argv[3], argv[2]);
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
    std::cerr << "hbase_offsets: " << error.what() << '\n';
    return 1;
  }
}
