#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <tidemark/bytes.hpp>
#include <tidemark/export.hpp>
#include <tidemark/topic_partition.hpp>

namespace tidemark::detail {

struct RecordHeader {
  std::string_view name;
  Bytes value;
};

/// Reads what is seldom asked for out of a record's origin: a fetched Kafka message, or one made up for a test.
class TIDEMARK_EXPORT RecordSource {
 public:
  virtual ~RecordSource() = default;
  /// Milliseconds since the Unix epoch; −1 where the record has none.
  virtual std::int64_t timestamp_ms(const void* origin) const = 0;
  virtual std::size_t header_count(const void* origin) const = 0;
  virtual RecordHeader header(const void* origin, std::size_t index) const = 0;
};

/// What all records of one partition share.
struct RecordPartition {
  TopicPartition name;
  const RecordSource* source = nullptr;
};

/// One record as the engine hands it out: pointers into the fetched message, no copies.
struct RecordView {
  const RecordPartition* partition = nullptr;
  std::int64_t offset = 0;
  Bytes key;
  Bytes value;
  const void* origin = nullptr;  ///< For the RecordSource.
};

}  // namespace tidemark::detail
