// Keeps the offsets in a store of one's own: text_file_store.hpp, two functions over a text file.
//
// Guarantee: at least once. The store writes all offsets of a batch at once, durably, and compares before it sets.
// Failure:   after a crash, or an error of the handler or the store, the batch in flight is handled again. An error ends the
//            program with 1. That the store keeps its contract is proven by tidemark's conformance kit, see README.md.

#include <exception>
#include <iostream>
#include <memory>

#include <tidemark/tidemark.hpp>

#include "text_file_store.hpp"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP\n";
    return 2;
  }
  try {
    TextFileStore store{"offsets.txt"};
    tidemark::MicroBatchConsumer<> consumer{{.brokers = argv[1],
                                             .group = argv[3],
                                             .topics = {argv[2]},
                                             .observer = std::make_shared<tidemark::LineObserver>()},
                                            store,
                                            [](const tidemark::Batch<>& batch) {
                                              for (const auto& [partition, from, until] : batch.ranges())
                                                std::cout << partition.topic << '/' << partition.partition << " from "
                                                          << from << " until " << until << std::endl;
                                            }};
    tidemark::run_until_signal(consumer);
  } catch (const std::exception& error) {
    std::cerr << "own_store: " << error.what() << '\n';
    return 1;
  }
}
