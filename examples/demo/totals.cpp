// Reads flights and keeps totals per carrier: flights, cancelled, minutes of departure delay.
//
// Guarantee: exactly once. Totals and offsets go into SQLite in one transaction a batch.
// Failure:   after SIGKILL, at any moment, a new run goes on from the stored offsets: the batch in hand was rolled back and is read
//            again. An error ends the program with 1.
// Restart:   a static member (group.instance.id) gets its partitions back at once. Without the name, Kafka would keep them for the
//            killed process until its session.timeout.ms is over.

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <exception>
#include <future>
#include <iostream>
#include <memory>
#include <string>

#include "carrier_totals.hpp"
#include "journal.hpp"
#include "progress_line.hpp"

namespace {

using Consumer = tidemark::MicroBatchConsumer<Flight>;

struct Arguments {
  std::string brokers;
  std::string topic;
  std::string instance;
  std::int64_t session_timeout_ms = 0;
  std::string database;
  std::string journal;
  std::int64_t until = 0;
};

std::int64_t total_lag(const Consumer& consumer) {
  std::int64_t lag = 0;
  for (const auto& partition : consumer.progress()) lag += partition.lag().value_or(0);
  return lag;
}

/// Until a signal, the end of the consumer by an error, or, where `until` is given, so many flights are counted.
void run(Consumer& consumer, const CarrierTotals& totals, std::int64_t until) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // threads that are started from here on inherit it

  auto running = std::async(std::launch::async, [&consumer] {
    struct WakeMain {
      ~WakeMain() { kill(getpid(), SIGTERM); }
    } at_the_end;  // by an error, too
    consumer.run();
  });
  auto done = totals.flights();
  ProgressLine progress{until, done};
  constexpr timespec pause{.tv_sec = 0, .tv_nsec = 50'000'000};
  while (sigtimedwait(&signals, nullptr, &pause) < 0 && (until == 0 || done < until)) {
    done = totals.flights();
    progress.show(done, total_lag(consumer));
  }
  const auto lag = total_lag(consumer);
  consumer.stop();
  running.get();  // the batch in hand is handled and committed first; throws what ended the consumer
  progress.show(totals.flights(), lag, true);
}

void consume(const Arguments& arguments) {
  tidemark::SqliteOffsetStore store{arguments.database};
  CarrierTotals totals{store};
  auto journal = std::make_shared<Journal>(arguments.journal);

  tidemark::ConsumerOptions options{
      .brokers = arguments.brokers, .group = "totals of " + arguments.topic, .topics = {arguments.topic}};
  options.batch.max_records = 2'000;  // several batches before the kill, whatever waited for us
  options.observer = journal;
  options.kafka = {{"group.instance.id", arguments.instance},
                   {"session.timeout.ms", std::to_string(arguments.session_timeout_ms)},
                   {"heartbeat.interval.ms", std::to_string(arguments.session_timeout_ms / 6)},
                   {"fetch.wait.max.ms", "10"}};  // the embedded broker answers a waiting fetch no earlier
  Consumer consumer{options, store,
                    [&](const tidemark::Batch<Flight>& batch, tidemark::SqliteTransaction& transaction) {
                      journal->begin(batch.size());
                      CarrierTotals::add(batch, transaction);
                    }};
  run(consumer, totals, arguments.until);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Keeps totals per carrier of a topic of flights, and the offsets, in an SQLite file."};
  Arguments arguments;
  app.add_option("--brokers", arguments.brokers, "host:port of a Kafka broker")->required();
  app.add_option("--topic", arguments.topic, "topic of flights, keyed by carrier")->required();
  app.add_option("--instance", arguments.instance, "group.instance.id: a name that no other running member has")
      ->required();
  app.add_option("--session-timeout", arguments.session_timeout_ms, "session.timeout.ms")->required();
  app.add_option("--database", arguments.database, "SQLite file for totals and offsets")->required();
  app.add_option("--journal", arguments.journal, "file to note the begin and the commit of each batch in")->required();
  app.add_option("--until", arguments.until, "end when so many flights are counted; 0: run on")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    consume(arguments);
  } catch (const std::exception& error) {
    std::cerr << "totals: " << error.what() << '\n';
    return 1;
  }
}
