// A consumer that rejects records, fails at others until they are isolated, and kills itself half-way:
// BROKERS TOPIC GROUP DATABASE DEAD_TOPIC STEP NTH DELAY_MS INSTANCE [BUG].
//
// It dies by SIGKILL when it comes to STEP for the NTH time: "handled" (the handler is about to return), "retry" (it threw, and waits
// DELAY_MS), "write" (dead letters are about to be written), "half" (half of them are), "written", "commit", "committed"; or never, for "none".
// For "stop" it asks itself to end while it waits for another attempt. INSTANCE makes it a static member; "-" does not.
// A line "handled PARTITION OFFSET" for each record comes before the handler returns; "note retry" and "note revoked" tell where it is.
// With BUG it says that dead letters are written, and does not write them.

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <tidemark/dead_letters/kafka.hpp>
#include <tidemark/stores/sqlite.hpp>
#include <tidemark/tidemark.hpp>

namespace {

using namespace std::chrono_literals;

class Death {
 public:
  Death(std::string_view step, int nth) : step_{step}, left_{nth} {}

  void at(std::string_view step) {
    if (is_time_for(step)) ::kill(::getpid(), SIGKILL);
  }
  bool is_time_for(std::string_view step) { return step == step_ && --left_ == 0; }

 private:
  std::string_view step_;
  int left_;
};

class Sink final : public tidemark::DeadLetterSink {
 public:
  Sink(Death& death, tidemark::KafkaDeadLettersOptions options, bool is_liar)
      : death_{death}, topic_{std::move(options)}, is_liar_{is_liar} {}

  void write(std::span<const tidemark::DeadLetter> letters) override {
    if (is_liar_) return;
    death_.at("write");
    topic_.write(letters.first(letters.size() / 2));
    death_.at("half");
    topic_.write(letters.last(letters.size() - letters.size() / 2));
    death_.at("written");
  }

 private:
  Death& death_;
  tidemark::KafkaDeadLetters topic_;
  bool is_liar_;
};

class Store final : public tidemark::OffsetStore {
 public:
  Store(Death& death, const std::string& path) : death_{death}, store_{path} {}

  std::vector<std::optional<std::int64_t>> load(const tidemark::GroupSession& session,
                                                std::span<const tidemark::TopicPartition> partitions) override {
    return store_.load(session, partitions);
  }
  std::optional<tidemark::Conflict> commit(const tidemark::GroupSession& session,
                                           std::span<const tidemark::OffsetRange> ranges) override {
    death_.at("commit");
    auto conflict = store_.commit(session, ranges);
    death_.at("committed");
    return conflict;
  }

 private:
  Death& death_;
  tidemark::SqliteOffsetStore store_;
};

/// In one write, so that a kill leaves at most the last line torn.
void report(const std::string& lines) {
  if (::write(STDOUT_FILENO, lines.data(), lines.size()) < 0) throw std::runtime_error{"cannot write the report"};
}

class Watch final : public tidemark::Observer {
 public:
  Watch(Death& death, std::function<void()> stop) : death_{death}, stop_{std::move(stop)} {}
  void on_retry(const tidemark::RetryEvent&) noexcept override {
    report("note retry\n");
    death_.at("retry");
    if (death_.is_time_for("stop")) stop_();
  }
  void on_rebalance(const tidemark::RebalanceEvent& event) noexcept override {
    if (event.kind == tidemark::RebalanceEvent::Kind::revoked) report("note revoked\n");
  }

 private:
  Death& death_;
  std::function<void()> stop_;
};

void handle(const tidemark::Batch<>& batch) {
  std::string lines;
  for (const auto& record : batch) {
    if (record.value().text() == "poison") throw std::runtime_error{"poison"};
    if (record.value().text() == "bad")
      batch.reject(record, "bad");
    else
      lines += fmt::format("handled {} {}\n", record.partition(), record.offset());
  }
  report(lines);
}

}  // namespace

int main(int count, char** arguments) try {
  if (count < 10) return 2;
  Death death{arguments[6], std::stoi(arguments[7])};
  Store store{death, arguments[4]};
  tidemark::ConsumerOptions options;
  options.brokers = arguments[1];
  options.topics = {arguments[2]};
  options.group = arguments[3];
  options.batch = {.max_records = 40, .max_wait = 5ms};
  const std::chrono::milliseconds delay{std::stoi(arguments[8])};
  options.handler_retry = {
      .attempts = 2, .first_delay = delay, .max_delay = delay, .when_exhausted = tidemark::WhenExhausted::isolate};
  options.dead_letters = std::make_shared<Sink>(
      death, tidemark::KafkaDeadLettersOptions{.brokers = arguments[1], .topic = arguments[5]}, count > 10);
  std::optional<tidemark::MicroBatchConsumer<>> consumer;
  options.observer = std::make_shared<Watch>(death, [&] { consumer->stop(); });
  const std::string instance = arguments[9];
  if (instance == "-")
    options.kafka = {{"session.timeout.ms", "3000"}, {"heartbeat.interval.ms", "300"}};
  else  // gets its partitions back at once, without waiting for its predecessor's session to end
    options.kafka = {{"session.timeout.ms", "20000"}, {"group.instance.id", instance}};
  consumer.emplace(options, store, [&](const tidemark::Batch<>& batch) {
    handle(batch);
    death.at("handled");
  });
  consumer->run();
} catch (const std::exception& error) {
  std::cerr << "wrong: " << error.what() << '\n';
  return 1;
}
