#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include <tidemark/export.hpp>
#include <tidemark/offset_range.hpp>
#include <tidemark/topic_partition.hpp>

namespace tidemark {

/// The root of everything tidemark throws by itself. what() says what failed, why, and which option or action mends it.
/// It never contains a credential. A handler's own exceptions pass through as they are.
class TIDEMARK_EXPORT Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An option, or a combination of options, that cannot work. Thrown before anything is read.
class TIDEMARK_EXPORT ConfigError : public Error {
 public:
  using Error::Error;
};

/// Kafka cannot be reached, or refused something.
class TIDEMARK_EXPORT KafkaError : public Error {
 public:
  KafkaError(int code, const std::string& what) : Error{what}, code_{code} {}

  /// librdkafka's error code (`rd_kafka_resp_err_t`), negative for errors of the client itself.
  int code() const noexcept { return code_; }

 private:
  int code_;
};

/// A store could not do what was asked, or does not know whether it did.
class TIDEMARK_EXPORT StoreError : public Error {
 public:
  enum class Retry { no, yes };

  StoreError(const std::string& what, Retry retry) : Error{what}, retry_{retry} {}

  /// Whether the same call may succeed a little later, without anybody's doing.
  bool is_retryable() const noexcept { return retry_ == Retry::yes; }

 private:
  Retry retry_;
};

/// Something that the work needs is away, such as a schema registry or a key server, and no record is to blame. Throw it from a decoder or
/// a handler: `handler_retry` then calls the handler again with the same batch, and once its attempts are used up the consumer ends
/// with this error. No record is skipped or becomes a dead letter for it, whatever `undecodable` and `when_exhausted` say.
class TIDEMARK_EXPORT TransientError : public Error {
 public:
  using Error::Error;
};

/// Somebody else keeps committing offsets as this group, several times in a row on the same partition.
class TIDEMARK_EXPORT ConflictError : public Error {
 public:
  ConflictError(TopicPartition partition, const std::string& what) : Error{what}, partition_{std::move(partition)} {}

  const TopicPartition& partition() const noexcept { return partition_; }

 private:
  TopicPartition partition_;
};

/// A call of the handler did not return in time: ConsumerOptions::handler_timeout. Its partitions were given up.
class TIDEMARK_EXPORT HandlerTimeoutError : public Error {
 public:
  using Error::Error;
};

/// There is no offset to start or to go on from: nothing stored under StartPolicy fail, or the stored offset no longer exists.
class TIDEMARK_EXPORT OffsetError : public Error {
 public:
  OffsetError(TopicPartition partition, const std::string& what) : Error{what}, partition_{std::move(partition)} {}

  const TopicPartition& partition() const noexcept { return partition_; }

 private:
  TopicPartition partition_;
};

/// A batch can't be read: it is damaged, too large, or in a format that librdkafka can't read. What came before it is committed.
class TIDEMARK_EXPORT UnreadableError : public KafkaError {
 public:
  UnreadableError(TopicPartition partition, std::int64_t offset, int code, const std::string& what)
      : KafkaError{code, what}, partition_{std::move(partition)}, offset_{offset} {}

  const TopicPartition& partition() const noexcept { return partition_; }
  /// The first record that can't be read.
  std::int64_t offset() const noexcept { return offset_; }

 private:
  TopicPartition partition_;
  std::int64_t offset_;
};

/// Offsets are missing in a partition, and ConsumerOptions::gaps forbids that. What came before the gap is committed.
class TIDEMARK_EXPORT GapError : public Error {
 public:
  GapError(OffsetRange gap, const std::string& what) : Error{what}, gap_{std::move(gap)} {}

  /// The offsets that are missing.
  const OffsetRange& gap() const noexcept { return gap_; }

 private:
  OffsetRange gap_;
};

}  // namespace tidemark
