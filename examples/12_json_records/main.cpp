// Records whose values are JSON, as a struct of one's own: Decoder<Order> says how. What is no order goes into a file of dead letters.
//
// Guarantee: at least once. A record is printed, or durable in the file, before its offset moves.
// Failure:   after a crash the batch in flight is printed again, and its dead letters are written again. Every error ends the program
//            with 1; a value that can't be decoded is none.

#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include <tidemark/dead_letters/json_lines.hpp>
#include <tidemark/stores/kafka.hpp>
#include <tidemark/tidemark.hpp>

struct Order {
  std::string customer;
  int cents = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Order, customer, cents)

template <>
struct tidemark::Decoder<Order> {
  /// What it throws makes the record a dead letter.
  Order operator()(const Record<>& record) const { return nlohmann::json::parse(record.value().text()).get<Order>(); }
};

namespace {

void print(const tidemark::Batch<Order>& batch) {
  for (const auto& record : batch) std::cout << record.value().customer << " pays " << record.value().cents << '\n';
  if (!std::cout.flush()) throw std::runtime_error{"cannot write to the standard output"};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP DEAD_LETTER_FILE\n";
    return 2;
  }
  try {
    tidemark::KafkaOffsetStore store;
    tidemark::MicroBatchConsumer<Order> consumer{
        {.brokers = argv[1],
         .group = argv[3],
         .topics = {argv[2]},
         .dead_letters = std::make_shared<tidemark::JsonLinesDeadLetters>(argv[4]),
         .observer = std::make_shared<tidemark::LineObserver>()},
        store,
        print};
    tidemark::run_until_signal(consumer);
  } catch (const std::exception& error) {
    std::cerr << "json_records: " << error.what() << '\n';
    return 1;
  }
}
