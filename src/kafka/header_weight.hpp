#pragma once

#include <cstddef>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// What the headers of a record weigh, in bytes. librdkafka does not tell without parsing them, which costs more than all the rest that is
/// done with a small record: so one record in so many is looked at, and stands for those that follow.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class HeaderWeight {
 public:
  /// Whether the next record is to be looked at.
  bool is_due() { return countdown_-- == 0; }
  /// Returns what the headers of this one weigh.
  std::size_t look_at(rd_kafka_message_t* message);

  /// Of a record as they come now.
  std::size_t each() const { return each_; }

 private:
  std::size_t countdown_ = 0;
  std::size_t each_ = 0;
  bool has_looked_ = false;
};

/// The names and values of a message's headers, and what librdkafka keeps beside them. Parses them.
std::size_t header_bytes(rd_kafka_message_t* message);

}  // namespace tidemark::kafka
