// Counts the records of a topic by key in the SQLite file counts.db, which holds the offsets as well.
//
// Guarantee: exactly once. Counts and offsets go into one transaction, so a record is in the counts if and only if its offset is.
// Failure:   a crash, or an error of the handler, rolls the transaction back; the batch is handled again as if for the first time.
//            Only what is written through the transaction has this guarantee: whatever else a handler does may be repeated.

#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>

#include <tidemark/stores/sqlite.hpp>
#include <tidemark/tidemark.hpp>

namespace {

void count(const tidemark::Batch<>& batch, tidemark::SqliteTransaction& transaction) {
  for (const auto& record : batch)
    transaction.execute("insert into counts values (?1, 1) on conflict do update set records = records + 1",
                        record.key().text());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP\n";
    return 2;
  }
  try {
    tidemark::SqliteOffsetStore store{"counts.db"};
    store.execute("create table if not exists counts(key text primary key, records integer not null)");
    tidemark::MicroBatchConsumer<> consumer{{.brokers = argv[1],
                                             .group = argv[3],
                                             .topics = {argv[2]},
                                             .observer = std::make_shared<tidemark::LineObserver>()},
                                            store,
                                            count};
    tidemark::run_until_signal(consumer);
    for (const auto& row : store.query("select key, records from counts order by key"))
      std::cout << row.get<std::string_view>(0) << ": " << row.get<std::int64_t>(1) << '\n';
  } catch (const std::exception& error) {
    std::cerr << "sqlite_exactly_once: " << error.what() << '\n';
    return 1;
  }
}
