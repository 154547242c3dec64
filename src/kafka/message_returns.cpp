#include "kafka/message_returns.hpp"

#include <algorithm>
#include <utility>

#include <tidemark/error.hpp>

#include "core/invariant.hpp"
#include "kafka/message_source.hpp"

namespace tidemark::kafka {
namespace {

constexpr const char* name = "tidemark";

// "Fetch" in Kafka's protocol.
constexpr std::int16_t fetch_api = 1;

// What librdkafka keeps of a message beside its payload, roughly.
constexpr std::size_t message_overhead = 512;

// Messages of one broker come in long runs: one of so many is asked where it came from.
constexpr std::size_t run = 64;

}  // namespace

void MessageReturns::listen(rd_kafka_conf_t* conf) {
  const auto on_response = [](rd_kafka_t*, int, const char*, std::int32_t broker, std::int16_t api, std::int16_t,
                              std::int32_t, std::size_t, std::int64_t, rd_kafka_resp_err_t error,
                              void* returns) -> rd_kafka_resp_err_t {
    // After an error this may be another thread, and locks be held (invariant 31).
    if (api == fetch_api && error == RD_KAFKA_RESP_ERR_NO_ERROR)
      static_cast<MessageReturns*>(returns)->free_those_of(broker);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  };
  static constexpr rd_kafka_interceptor_f_on_response_received_t* listener = on_response;
  const auto on_new = [](rd_kafka_t* client, const rd_kafka_conf_t*, void* returns, char*, std::size_t) {
    static_cast<MessageReturns*>(returns)->is_listening_ = true;
    return rd_kafka_interceptor_add_on_response_received(client, name, listener, returns);
  };
  const auto code = rd_kafka_conf_interceptor_add_on_new(conf, name, on_new, this);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw KafkaError{code, rd_kafka_err2str(code)};
}

void MessageReturns::add(std::span<const detail::RecordView> records, std::size_t payload_bytes) noexcept {
  if (records.empty()) return;
  const auto count = records.size();
  const auto each = payload_bytes / count + message_overhead;
  std::unique_lock lock{mutex_};
  for (; !records.empty(); records = records.subspan(std::min(run, records.size())))
    put(records.first(std::min(run, records.size())), each);
  if (bytes_ <= most_bytes_) return;
  // No more than have come, and not all at once: whoever brings them has other things to do.
  auto& broker = std::ranges::max_element(brokers_, {}, [](const auto& one) { return one.second.bytes; })->second;
  free_oldest(lock, broker, std::min(count, broker.waiting.size()));
}

void MessageReturns::put(std::span<const detail::RecordView> records, std::size_t each) {
  auto& [waiting, spare, bytes] = brokers_[rd_kafka_message_broker_id(message_of(records.front().origin))];
  for (const auto& record : records) waiting.push_back(message_of(record.origin));
  bytes += each * records.size();
  bytes_ += each * records.size();
}

void MessageReturns::free_those_of(std::int32_t broker) noexcept {
  std::unique_lock lock{mutex_};
  const auto found = brokers_.find(broker);
  if (found == brokers_.end() || found->second.bytes <= kept_bytes_) return;
  const auto count = found->second.waiting.size();
  const auto kept = std::min(kept_bytes_ / (found->second.bytes / count), count);  // the mean is rounded
  free_oldest(lock, found->second, count - kept);
}

/// Without the lock, while the broker's other messages come and go.
void MessageReturns::free_oldest(std::unique_lock<std::mutex>& lock, Broker& broker, std::size_t count) {
  auto& [waiting, spare, bytes] = broker;
  TIDEMARK_EXPECTS(!waiting.empty() && count <= waiting.size() && bytes <= bytes_);
  const auto each = bytes / waiting.size();
  auto freed = std::exchange(waiting, std::exchange(spare, {}));
  const auto newest = freed.begin() + static_cast<std::ptrdiff_t>(count);
  waiting.assign(newest, freed.end());
  freed.erase(newest, freed.end());
  bytes_ -= std::exchange(bytes, waiting.size() * each) - waiting.size() * each;
  lock.unlock();
  free_all(freed);
  lock.lock();
  spare = std::move(freed);
}

void MessageReturns::flush() noexcept {
  Messages all;
  {
    const std::lock_guard lock{mutex_};
    for (auto& [id, broker] : brokers_) {
      all.insert(all.end(), broker.waiting.begin(), broker.waiting.end());
      broker.waiting.clear();
      broker.bytes = 0;
    }
    bytes_ = 0;
  }
  free_all(all);
}

void MessageReturns::free_all(Messages& messages) {
  std::ranges::for_each(messages, rd_kafka_message_destroy);
  messages.clear();
}

std::size_t MessageReturns::waiting() const {
  const std::lock_guard lock{mutex_};
  std::size_t count = 0;
  for (const auto& [id, broker] : brokers_) count += broker.waiting.size();
  return count;
}

}  // namespace tidemark::kafka
