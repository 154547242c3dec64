#pragma once

#include <map>
#include <string>
#include <string_view>

namespace tidemark::core {

/// The last trouble with each broker, as librdkafka tells it: "_RESOLVE: kafka.internal:9092/1: Failed to resolve 'kafka.internal:9092'".
/// librdkafka names a broker by the address that it connects to: "host:port/bootstrap" where the user gave the address, "host:port/ID" where the
/// cluster advertises it, and "GroupCoordinator" for the connection to the coordinator.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class BrokerTroubles {
 public:
  void on_trouble(std::string_view text);

  /// The last text, whichever broker it is about; empty where there was none.
  const std::string& last() const { return last_; }
  /// The last text of each broker that the cluster sent us to; empty where there was none.
  std::string with_advertised() const;

 private:
  std::string last_;
  std::map<std::string, std::string, std::less<>> advertised_;
};

}  // namespace tidemark::core
