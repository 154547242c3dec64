// Tests a handler without Kafka, with any test framework or none: first alone, with made-up batches, then inside a consumer that
// reads from a broker within this process.
//
// Guarantee: at least once, as its store keeps the offsets in memory and gets them after the handler has returned.
// Failure:   each check that fails is printed, and the program ends with 1.

#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#include <tidemark/testing/batch_builder.hpp>
#include <tidemark/testing/embedded_broker.hpp>
#include <tidemark/testing/memory_offset_store.hpp>
#include <tidemark/tidemark.hpp>

#include "order_totals.hpp"

namespace {

using namespace tidemark::testing;

void check(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error{what};
}

void adds_up_by_customer() {
  BatchBuilder builder;
  builder.add({.topic = "orders", .key = "ada", .value = "3"})
      .add({.topic = "orders", .key = "ada", .value = "4"})
      .add({.topic = "orders", .key = "ben", .value = std::nullopt});
  OrderTotals totals;
  totals.add(builder.build());
  check(totals.of("ada") == 7, "the amounts of a customer are added up");
  check(totals.of("ben") == 0, "a withdrawn order counts nothing");
}

void refuses_what_is_no_amount() {
  BatchBuilder builder;
  builder.add({.topic = "orders", .key = "ada", .value = "3 EUR"});
  try {
    OrderTotals{}.add(builder.build());
  } catch (const std::invalid_argument&) {
    return;
  }
  check(false, "text that is no amount is an error");
}

void commits_what_it_has_added_up() {
  EmbeddedBroker broker{{.topics = {{"orders", 1}}}};
  for (const auto* amount : {"1", "2", "3"})
    broker.produce({.topic = "orders", .partition = 0, .key = "ada", .value = amount});
  broker.flush();

  OrderTotals totals;
  MemoryOffsetStore store;
  // A partition by name starts at once; `.topics` would first wait some seconds for the group to form.
  tidemark::ConsumerOptions options{.brokers = broker.brokers(), .group = "test", .partitions = {{"orders", 0}}};
  tidemark::MicroBatchConsumer<>* running = nullptr;
  tidemark::MicroBatchConsumer<> consumer{options, store, [&](const tidemark::Batch<>& batch) {
                                            totals.add(batch);
                                            if (totals.of("ada") == 6) running->stop();
                                          }};
  running = &consumer;
  consumer.run();

  check(totals.of("ada") == 6, "all records reach the handler");
  check(store.list("test") == std::vector<tidemark::StoredOffset>{{{"orders", 0}, 3}},
        "the offset after the last is stored");
}

}  // namespace

int main() {
  try {
    adds_up_by_customer();
    refuses_what_is_no_amount();
    commits_what_it_has_added_up();
    std::cout << "all tests passed\n";
  } catch (const std::exception& error) {
    std::cerr << "failed: " << error.what() << '\n';
    return 1;
  }
}
