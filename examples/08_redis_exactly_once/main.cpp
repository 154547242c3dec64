// Counts the records of a topic by key in the Redis hash "counts", and remembers the longest value of each key in "longest".
//
// Guarantee: exactly once. Counts and offsets are applied by one script, so a record is in the counts if and only if its offset is.
// Failure:   after a crash, or an error of the handler, nothing of the batch in flight was applied, and it is handled again. A fail-over
//            of Redis may lose the latest batches, counts and offsets together: they are counted again. Only what goes through the
//            transaction has this guarantee. An error ends the program with 1.

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include <tidemark/stores/redis.hpp>
#include <tidemark/tidemark.hpp>

namespace {

void count(const tidemark::Batch<>& batch, tidemark::RedisTransaction& transaction) {
  std::map<std::string, std::int64_t> longest;
  for (const auto& record : batch) {
    transaction.command("HINCRBY", "counts", record.key().text(), 1);
    auto& length = longest[std::string{record.key()}];
    length = std::max(length, static_cast<std::int64_t>(record.value().size()));
  }
  // Read, modify, write: if somebody changes what was read before this is committed, the handler is called again.
  for (const auto& [key, length] : longest) {
    const auto before = transaction.read("HGET", "longest", key);
    if (before.is_nil() || before.integer() < length) transaction.command("HSET", "longest", key, length);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP REDIS_URL\n";
    return 2;
  }
  try {
    tidemark::RedisOffsetStore store{argv[4]};
    tidemark::MicroBatchConsumer<> consumer{{.brokers = argv[1],
                                             .group = argv[3],
                                             .topics = {argv[2]},
                                             .observer = std::make_shared<tidemark::LineObserver>()},
                                            store,
                                            count};
    tidemark::run_until_signal(consumer);
  } catch (const std::exception& error) {
    std::cerr << "redis_exactly_once: " << error.what() << '\n';
    return 1;
  }
}
