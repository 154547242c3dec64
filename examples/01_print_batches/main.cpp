// Prints the records of a topic, batch by batch. The offsets stay in Kafka, where every Kafka tool shows the group's lag.
//
// Guarantee: at least once. Offsets move after a batch was printed.
// Failure:   after a crash, or an error of the handler, the batch in flight is printed again. An error ends the program with 1.

#include <exception>
#include <iostream>
#include <memory>
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

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP\n";
    return 2;
  }
  try {
    tidemark::KafkaOffsetStore store;
    tidemark::MicroBatchConsumer<> consumer{{.brokers = argv[1],
                                             .group = argv[3],
                                             .topics = {argv[2]},
                                             .observer = std::make_shared<tidemark::LineObserver>()},
                                            store,
                                            print};
    tidemark::run_until_signal(consumer);
  } catch (const std::exception& error) {
    std::cerr << "print_batches: " << error.what() << '\n';
    return 1;
  }
}
