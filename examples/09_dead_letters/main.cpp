// Prints amounts, and puts records that hold none into a dead-letter topic, so that the others can go on.
//
// Replay: once the program is mended, here with --lenient, run it on the dead-letter topic, as a group of its own:
//     dead_letters localhost:9092 orders      billing        orders-dead
//     dead_letters localhost:9092 orders-dead billing-replay orders-dead-again --lenient
// Other readers of "orders" see nothing of that.
//
// Guarantee: at least once. A record is printed, or durable in the dead-letter topic, before its offset moves.
// Failure:   after a crash the batch in flight is printed again, and its dead letters are written again. While the dead-letter topic
//            can't be written nothing is committed; after store_retry's 30 s the program ends with 1, as after every error.

#include <charconv>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <tidemark/dead_letters/kafka.hpp>
#include <tidemark/stores/kafka.hpp>
#include <tidemark/tidemark.hpp>

namespace {

/// "3", and with `lenient` also "3 EUR".
std::optional<int> amount_in(std::string_view text, bool lenient) {
  if (lenient && text.ends_with(" EUR")) text.remove_suffix(4);
  int amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{amount} : std::nullopt;
}

void print(const tidemark::Batch<>& batch, bool lenient) {
  for (const auto& record : batch) {
    const auto amount = amount_in(record.value().text(), lenient);
    if (!amount) {
      batch.reject(record, "not an amount");
      continue;
    }
    std::cout << record.key() << " = " << *amount;
    if (const auto topic = record.headers().find("tidemark.topic")) std::cout << ", once a dead letter of " << *topic;
    std::cout << '\n';
  }
  if (!std::cout.flush()) throw std::runtime_error{"cannot write to the standard output"};
}

}  // namespace

int main(int argc, char** argv) {
  const bool lenient = argc == 6 && std::string{argv[5]} == "--lenient";
  if (argc != 5 && !lenient) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP DEAD_LETTER_TOPIC [--lenient]\n";
    return 2;
  }
  try {
    tidemark::ConsumerOptions options{.brokers = argv[1],
                                      .group = argv[3],
                                      .topics = {argv[2]},
                                      .observer = std::make_shared<tidemark::LineObserver>()};
    options.dead_letters = std::make_shared<tidemark::KafkaDeadLetters>(
        tidemark::KafkaDeadLettersOptions{.brokers = argv[1], .topic = argv[4]});
    tidemark::KafkaOffsetStore store;
    tidemark::MicroBatchConsumer<> consumer{options, store,
                                            [lenient](const tidemark::Batch<>& batch) { print(batch, lenient); }};
    tidemark::run_until_signal(consumer);
  } catch (const std::exception& error) {
    std::cerr << "dead_letters: " << error.what() << '\n';
    return 1;
  }
}
