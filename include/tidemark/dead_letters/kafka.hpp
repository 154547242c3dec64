#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>

#include <tidemark/dead_letter.hpp>
#include <tidemark/export.hpp>
#include <tidemark/oauth_token.hpp>

namespace tidemark {

struct KafkaDeadLettersOptions {
  /// `host:port[,host:port…]`
  std::string brokers;

  /// Must exist, with its own retention, unless the cluster makes topics by itself. Let its `max.message.bytes` be 8 KiB above that of
  /// the topics read: a letter is larger than its record, by its headers.
  std::string topic;

  /// For one write() to be acknowledged by all in-sync replicas.
  std::chrono::milliseconds timeout{10'000};

  /// Any librdkafka property for the producer, such as {"security.protocol", "SASL_SSL"}.
  std::map<std::string, std::string> kafka{};

  /// Fetches the tokens where {"sasl.mechanisms", "OAUTHBEARER"} is in `kafka`. Without it, librdkafka fetches them by itself if
  /// `sasl.oauthbearer.method` is "oidc".
  OAuthTokenProvider oauth_token{};
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
/// | `tidemark.deaths`                                          | how often the record became a letter: 1 the first time     |
///
/// A letter that was fed back and dies again has these headers already: they are replaced, and `tidemark.deaths` counts on.
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
  /// Asks for the topic, for up to 3 s. Throws StoreError where it does not exist, or this user may not see it.
  void check() override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
