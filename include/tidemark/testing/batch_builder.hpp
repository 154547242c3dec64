#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <tidemark/batch.hpp>
#include <tidemark/detail/typed_handler.hpp>
#include <tidemark/testing/sample_record.hpp>

namespace tidemark::testing {

/// What Batch::reject() was told.
struct RejectedRecord {
  TopicPartition partition;
  std::int64_t offset = 0;
  DeadLetterReason reason = DeadLetterReason::rejected;
  std::string why;
};

/// Makes batches up, to test a handler without Kafka:
///
///     BatchBuilder builder;
///     builder.add({.topic = "orders", .key = "ada", .value = "3"}).add({.topic = "orders", .value = std::nullopt});
///     handle(builder.build());
///
/// The range of a partition reaches from its first record to one after its last, so offsets may leave gaps as Kafka's do.
///
/// Thread safety: one thread at a time; batches that were built may be read by many.
/// Lifetime:      a batch is valid until the builder is changed, built from again or destroyed.
class TIDEMARK_EXPORT BatchBuilder {
 public:
  BatchBuilder();
  ~BatchBuilder();
  BatchBuilder(BatchBuilder&&) noexcept;
  BatchBuilder& operator=(BatchBuilder&&) noexcept;

  /// Errors: ConfigError where the offset is negative or not above the partition's last.
  BatchBuilder& add(SampleRecord record);
  BatchBuilder& attempt(int attempt);
  BatchBuilder& stop_token(std::stop_token token);

  /// What was rejected of the batches built so far, in the order of the calls. Not while a handler's threads still reject.
  const std::vector<RejectedRecord>& rejected() const;

  Batch<> build() { return Batch<>{view()}; }

  /// Values decoded by Decoder<T>. What that throws comes through, as under UndecodablePolicy::fail.
  template <class T>
  Batch<T> build() {
    auto decoder = std::make_shared<tidemark::detail::BatchDecoder<T>>();
    decoded_ = decoder;
    return decoder->decode(view());
  }

 private:
  const tidemark::detail::BatchView& view();

  class Impl;
  std::unique_ptr<Impl> impl_;
  std::shared_ptr<void> decoded_;
};

}  // namespace tidemark::testing
