#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>

#include <tidemark/dead_letter.hpp>
#include <tidemark/export.hpp>

namespace tidemark {

struct KafkaDeadLettersOptions {
  /// `host:port[,host:port…]`
  std::string brokers;

  /// Should exist, with its own retention: many clusters don't make topics by themselves.
  std::string topic;

  /// For one write() to be acknowledged by all in-sync replicas.
  std::chrono::milliseconds timeout{10'000};

  /// Any librdkafka property for the producer, such as {"security.protocol", "SASL_SSL"}.
  std::map<std::string, std::string> kafka{};
};

/// Dead letters as records of a Kafka topic, by an idempotent producer with acks=all.
///
/// Key, value and headers stay as they were, null included; the partition follows from the key's hash as with Kafka's Java producer.
/// The timestamp is that of the write, or retention might delete the letter at once. These headers follow the original ones, as text:
///
/// | header                                                     | what                                                       |
/// |---|---|
/// | `tidemark.topic`, `tidemark.partition`, `tidemark.offset`  | where the record was                                       |
/// | `tidemark.timestamp`                                       | its own, in milliseconds; absent where it had none         |
/// | `tidemark.group`                                           | whose handler it was                                       |
/// | `tidemark.reason`                                          | `rejected`, `undecodable`, `exhausted`, `isolated`         |
/// | `tidemark.why`                                             | what reject() was told, or the exception's text            |
/// | `tidemark.attempts`                                        | how often the handler was called                           |
///
/// Of a letter that was fed back and died again both sets are there; the last one counts, as Headers::find() has it.
///
/// Thread safety: shared objects safe; writes wait for each other.
/// Blocking:      write() up to `timeout`.
/// Errors:        the constructor throws ConfigError, write() StoreError. What had arrived by then is written again by a repetition.
class TIDEMARK_EXPORT KafkaDeadLetters final : public DeadLetterSink {
 public:
  explicit KafkaDeadLetters(KafkaDeadLettersOptions options);
  ~KafkaDeadLetters() override;

  KafkaDeadLetters(const KafkaDeadLetters&) = delete;
  KafkaDeadLetters& operator=(const KafkaDeadLetters&) = delete;

  void write(std::span<const DeadLetter> letters) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
