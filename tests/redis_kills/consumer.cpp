// A consumer to be killed: BROKERS TOPIC GROUP REDIS_URL. Counts the records of each partition into the Redis hash "totals", in the batch's
// transaction.

#include <iostream>
#include <map>
#include <memory>
#include <string_view>

#include <tidemark/stores/redis.hpp>
#include <tidemark/tidemark.hpp>

namespace {

using namespace std::chrono_literals;

class Notes final : public tidemark::Observer {
 public:
  void on_error(std::string_view text) noexcept override { std::cout << "note " << text << std::endl; }
};

void count(const tidemark::Batch<>& batch, tidemark::RedisTransaction& transaction) {
  std::map<std::int32_t, std::int64_t> counts;
  for (const auto& record : batch) {
    transaction.command("HINCRBY", "totals", record.partition(), 1);
    ++counts[record.partition()];
  }
  // The same once more, the other way: by what is there.
  for (const auto& [partition, records] : counts) {
    const auto before = transaction.read("HGET", "checked", partition);
    transaction.command("HSET", "checked", partition, (before.is_nil() ? 0 : before.integer()) + records);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) return 2;
  auto redis = tidemark::redis_options(argv[4]);
  redis.command_timeout = 2s;
  redis.checkout_timeout = 20s;
  tidemark::RedisOffsetStore store{redis};  // throws if the server is killed now, so its end is waited for
  std::cout << "opened the store" << std::endl;
  tidemark::ConsumerOptions options{.brokers = argv[1], .group = argv[3], .topics = {argv[2]}};
  options.batch.max_records = 100;
  options.batch.max_wait = 5ms;
  options.observer = std::make_shared<Notes>();
  // A static member gets its partitions back at once, without waiting for its predecessor's session to end.
  options.kafka = {{"group.instance.id", "killed"}, {"session.timeout.ms", "20000"}};
  tidemark::MicroBatchConsumer<> consumer{options, store, count};
  consumer.run();
} catch (const std::exception& error) {
  std::cout << "wrong: " << error.what() << std::endl;
  return 1;
}
