// A consumer to be killed: BROKERS TOPIC GROUP INSTANCE STORE PATH [BUG].
//
// For each batch it writes, before the handler returns, a line "handled PARTITION FIRST LAST" for each of its partitions, and "wrong …"
// for a record that is not what the producer wrote. With STORE sqlite the records also go into tables, in the batch's transaction.
// BUG plants a fault, for the checker to find: "late" reports each batch one batch too late, "apart" counts outside the transaction.

#include <unistd.h>

#include <array>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <tidemark/stores/file.hpp>
#include <tidemark/stores/sqlite.hpp>
#include <tidemark/tidemark.hpp>

namespace {

using namespace std::chrono_literals;

/// In one write, so that a kill leaves at most the last line torn.
void report(const std::string& lines) {
  if (::write(STDOUT_FILENO, lines.data(), lines.size()) < 0) throw std::runtime_error{"cannot write the report"};
}

std::string lines_of(const tidemark::Batch<>& batch) {
  std::map<std::int32_t, std::pair<std::int64_t, std::int64_t>> runs;
  std::string lines;
  for (const auto& record : batch) {
    const auto [run, is_first] = runs.try_emplace(record.partition(), record.offset(), record.offset());
    if (!is_first && record.offset() != run->second.second + 1)
      lines += fmt::format("wrong order at {}\n", record.offset());
    run->second.second = record.offset();
    if (record.value().text() != fmt::format("{}:{}", record.partition(), record.offset()))
      lines += fmt::format("wrong value {} at {}\n", record.value().text(), record.offset());
  }
  for (const auto& [partition, run] : runs)
    lines += fmt::format("handled {} {} {}\n", partition, run.first, run.second);
  return lines;
}

/// Tells what else happens, as lines "note …": for whoever has to find out why a run failed.
class Notes final : public tidemark::Observer {
 public:
  void on_conflict(const tidemark::ConflictEvent& event) noexcept override {
    report(fmt::format("note conflict on {}: {} to {} refused, {} is stored\n", event.refused.partition.partition,
                       event.refused.from, event.refused.until, event.conflict.stored.value_or(-1)));
  }
  void on_rebalance(const tidemark::RebalanceEvent& event) noexcept override {
    constexpr std::array names{"assigned", "revoked", "lost"};
    report(fmt::format("note {} partitions {}\n", event.partitions.size(),
                       names.at(static_cast<std::size_t>(event.kind))));
  }
  void on_error(std::string_view text) noexcept override { report(fmt::format("note {}\n", text)); }
  void on_log(tidemark::LogLevel, std::string_view text) noexcept override { report(fmt::format("note {}\n", text)); }
};

tidemark::ConsumerOptions options_of(char** arguments) {
  tidemark::ConsumerOptions options;
  options.brokers = arguments[1];
  options.topics = {arguments[2]};
  options.group = arguments[3];
  options.batch.max_records = 50;
  options.batch.max_wait = 5ms;
  options.observer = std::make_shared<Notes>();
  // A static member gets its partitions back at once, without waiting for its predecessor's session to end.
  options.kafka = {{"group.instance.id", arguments[4]}, {"session.timeout.ms", "20000"}};
  return options;
}

void run_on_files(const tidemark::ConsumerOptions& options, const std::string& path, std::string_view bug) {
  tidemark::FileOffsetStore store{path};
  std::string late;
  tidemark::MicroBatchConsumer<> consumer{options, store, [&](const tidemark::Batch<>& batch) {
                                            auto lines = lines_of(batch);
                                            if (bug == "late") std::swap(lines, late);
                                            report(lines);
                                          }};
  consumer.run();
}

constexpr auto count_record = "insert into seen values (?1, ?2, 1) on conflict do update set times = times + 1";
constexpr auto count_batch =
    "insert into totals values (?1, ?2) on conflict do update set records = records + excluded.records";

void count(const tidemark::Batch<>& batch, auto& database) {
  std::map<std::int32_t, std::int64_t> counts;
  for (const auto& record : batch) {
    database.execute(count_record, record.partition(), record.offset());
    ++counts[record.partition()];
  }
  for (const auto& [partition, records] : counts) database.execute(count_batch, partition, records);
}

void run_on_sqlite(const tidemark::ConsumerOptions& options, const std::string& path, std::string_view bug) {
  tidemark::SqliteOffsetStore store{path};
  if (bug == "apart") {
    tidemark::MicroBatchConsumer<> consumer{options, store, [&](const tidemark::Batch<>& batch) {
                                              count(batch, store);
                                              report(lines_of(batch));
                                            }};
    return consumer.run();
  }
  tidemark::MicroBatchConsumer<> consumer{
      options, store, [&](const tidemark::Batch<>& batch, tidemark::SqliteTransaction& transaction) {
        count(batch, transaction);
        report(lines_of(batch));
      }};
  consumer.run();
}

}  // namespace

int main(int count, char** arguments) try {
  if (count < 7) return 2;
  const std::string_view bug = count > 7 ? arguments[7] : "";
  const auto options = options_of(arguments);
  if (std::string_view{arguments[5]} == "file")
    run_on_files(options, arguments[6], bug);
  else
    run_on_sqlite(options, arguments[6], bug);
} catch (const std::exception& error) {
  std::cerr << "wrong: " << error.what() << '\n';
  return 1;
}
