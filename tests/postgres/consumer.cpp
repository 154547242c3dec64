// A consumer to be killed: BROKERS TOPIC GROUP POSTGRES_CONNECTION [freeze]. Appends a row for each record, by COPY, and counts the records of
// each partition. It writes "handling" when it begins with its first batch, and "conflict PARTITION STORED EXPECTED" where the database does not
// hold what was committed. With "freeze" it stands still, by SIGSTOP, at the end of its first batch, when all of its results are in PostgreSQL.

#include <csignal>

#include <atomic>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include <tidemark/stores/postgres.hpp>
#include <tidemark/tidemark.hpp>

namespace {

using namespace std::chrono_literals;

class Notes final : public tidemark::Observer {
 public:
  void on_error(std::string_view text) noexcept override { std::cout << "note " << text << std::endl; }
  void on_wait(const tidemark::WaitEvent& event) noexcept override {
    std::cout << "note " << tidemark::to_string(event) << std::endl;
  }
  void on_conflict(const tidemark::ConflictEvent& event) noexcept override {
    std::cout << "conflict " << event.refused.partition.partition << ' ' << event.conflict.stored.value_or(-1) << ' '
              << event.refused.from << std::endl;
  }
};

std::atomic<bool> is_first = true;
bool freezes = false;

void count(const tidemark::Batch<>& batch, tidemark::PostgresTransaction& transaction) {
  const bool is_its_first = is_first.exchange(false);
  if (is_its_first) std::cout << "handling" << std::endl;
  std::map<std::int32_t, std::int64_t> counts;
  auto rows = transaction.copy("seen", {"partition", "number"});
  for (const auto& record : batch) {
    rows.add(record.partition(), record.value());
    ++counts[record.partition()];
  }
  rows.finish();
  for (const auto& [partition, records] : counts)
    transaction.send(
        "insert into counts values ($1, $2) on conflict (partition) do update set records = counts.records + "
        "excluded.records",
        partition, records);
  if (!is_its_first || !freezes) return;
  transaction.query("select 1");  // so all of it has arrived
  std::cout << "frozen" << std::endl;
  std::raise(SIGSTOP);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 5) return 2;
  freezes = argc > 5 && std::string_view{argv[5]} == "freeze";
  tidemark::PostgresOffsetStoreOptions postgres{.connection = argv[4]};
  postgres.timeout = 3s;
  postgres.idle_in_transaction_timeout = 2s;
  tidemark::PostgresOffsetStore store{postgres};
  tidemark::ConsumerOptions options{.brokers = argv[1], .group = argv[3], .topics = {argv[2]}};
  options.batch.max_records = 100;
  options.batch.max_wait = 5ms;
  options.observer = std::make_shared<Notes>();
  options.store_poll_interval = 500ms;  // a standby that is promoted takes commits back
  // A static member gets its partitions back at once, without waiting for its predecessor's session to end.
  options.kafka = {{"group.instance.id", "killed"}, {"session.timeout.ms", "20000"}};
  tidemark::MicroBatchConsumer<> consumer{options, store, count};
  consumer.run();
} catch (const std::exception& error) {
  std::cout << "wrong: " << error.what() << std::endl;
  return 1;
}
