#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include <tidemark/detail/record_view.hpp>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// Messages that are done with, on their way back to librdkafka: each is freed by the thread of the broker that it came from, once more
/// records have arrived there.
///
/// That thread has allocated it. Were it freed by another while that one allocates the next, the two would meet at each message: in the
/// lock of glibc's allocator, and in the counts of references to its partition and to the response it lies in. With small records
/// that costs as much as all the rest (docs/performance.md).
///
/// What waits is bounded: of more, whoever brings it frees the oldest, as it does where no more records come. A sixth of the bound, the newest,
/// stays: were all freed at once, glibc would give the end of its heap back to the kernel, and ask for it again right away.
///
/// Source: on_response_received() of librdkafka's interceptors. It is called for a fetched response by the broker's thread, with no locks
/// held, right before that thread parses the response and may free messages itself (rd_kafka_buf_callback in rdkafka_buf.c).
///
/// Thread safety: shared objects safe. Out of memory ends the program, as it does in librdkafka.
class MessageReturns {
 public:
  /// `most_bytes` of memory may wait.
  explicit MessageReturns(std::size_t most_bytes) : most_bytes_{most_bytes}, kept_bytes_{most_bytes / 6} {}
  ~MessageReturns() { flush(); }

  MessageReturns(const MessageReturns&) = delete;
  MessageReturns& operator=(const MessageReturns&) = delete;

  /// To be called before a client is made of it, which is to be destroyed before this object, but after flush(). Throws KafkaError.
  void listen(rd_kafka_conf_t* conf);
  /// Whether a client was begun to be made of it.
  bool is_listening() const { return is_listening_; }

  /// Takes the messages of these records. `payload_bytes`: of their keys, values and headers.
  void add(std::span<const detail::RecordView> records, std::size_t payload_bytes) noexcept;
  /// Frees all that waits.
  void flush() noexcept;

  /// Messages.
  std::size_t waiting() const;

 private:
  using Messages = std::vector<rd_kafka_message_t*>;
  struct Broker {
    Messages waiting;
    Messages spare;  // storage, used again
    std::size_t bytes = 0;
  };

  void put(std::span<const detail::RecordView> records, std::size_t each);
  void free_those_of(std::int32_t broker) noexcept;
  void free_oldest(std::unique_lock<std::mutex>& lock, Broker& broker, std::size_t count);
  static void free_all(Messages& messages);

  const std::size_t most_bytes_;
  const std::size_t kept_bytes_;
  bool is_listening_ = false;
  mutable std::mutex mutex_;
  std::map<std::int32_t, Broker> brokers_;
  std::size_t bytes_ = 0;
};

}  // namespace tidemark::kafka
