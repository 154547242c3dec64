#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::test {

struct TestRecord {
  std::string topic{};
  std::int32_t partition = 0;
  std::optional<std::string> key{};
  std::optional<std::string> value{};
  std::vector<std::pair<std::string, std::optional<std::string>>> headers{};
  std::int64_t timestamp = 0;  ///< Milliseconds since the epoch; 0 is now.
};

/// Writes records to Kafka, each partition's in the order produced. Properties are librdkafka's: "compression.codec", or
/// "transactional.id" for one with transactions.
///
/// Thread safety: shared objects unsafe.
/// Errors:        std::runtime_error.
class TestProducer {
 public:
  explicit TestProducer(const std::string& brokers, std::map<std::string, std::string> properties = {});
  ~TestProducer();

  void produce(const TestRecord& record);
  void produce(const std::string& topic, std::int32_t partition, std::optional<std::string> key,
               std::optional<std::string> value);
  /// Waits for all that was produced since the last flush; their offsets in the order produced.
  std::vector<std::int64_t> flush();

  void begin();
  /// Flushes first. The offsets of what the transaction holds, in the order produced.
  std::vector<std::int64_t> commit();
  std::vector<std::int64_t> abort();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::test
