#pragma once

#include <tidemark/detail/record_view.hpp>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// Reads timestamp and headers out of a fetched message.
class MessageSource final : public detail::RecordSource {
 public:
  std::int64_t timestamp_ms(const void* origin) const override;
  std::size_t header_count(const void* origin) const override;
  detail::RecordHeader header(const void* origin, std::size_t index) const override;
};

/// The message behind a record view.
inline rd_kafka_message_t* message_of(const void* origin) {
  return static_cast<rd_kafka_message_t*>(const_cast<void*>(origin));
}

}  // namespace tidemark::kafka
