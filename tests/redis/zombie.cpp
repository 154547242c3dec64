// A consumer that goes on after it was frozen: REDIS_URL before|inside|after. For each batch it says "ready", "done", "conflict" or "failed",
// and stands still (SIGSTOP) where a batch is to be taken away from it: before its commit, or after.

#include <signal.h>

#include <iostream>
#include <string_view>

#include <tidemark/stores/redis.hpp>

int main(int argc, char** argv) try {
  using namespace std::chrono_literals;
  if (argc != 3) return 2;
  const std::string_view where = argv[2];
  auto options = tidemark::redis_options(argv[1]);
  options.command_timeout = 500ms;
  tidemark::RedisOffsetStore store{options};
  const tidemark::TopicPartition partition{"orders", 0};
  const tidemark::GroupSession session{.group = "billing"};
  while (true) {
    const auto from = store.load(session, {&partition, 1}).front().value_or(0);
    const tidemark::OffsetRange range{partition, from, from + 10};
    auto transaction = store.begin(session, {&range, 1});
    transaction.command("INCRBY", "sum", 10);
    transaction.command("RPUSH", "list", from);
    std::cout << "ready" << std::endl;
    if (where != "after") raise(SIGSTOP);
    std::string_view outcome = "failed";
    try {
      outcome = transaction.commit() ? "conflict" : "done";
    } catch (const tidemark::StoreError& error) {
      if (!error.is_retryable()) throw;
    }
    if (where == "after") raise(SIGSTOP);
    std::cout << outcome << std::endl;
  }
} catch (const std::exception& error) {
  std::cout << "wrong: " << error.what() << std::endl;
  return 1;
}
