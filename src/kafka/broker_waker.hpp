#pragma once

#include <string>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// Wakes librdkafka's broker threads, so that they look at once which partitions are to be fetched. Left alone they may sleep for up to
/// a second, and neither a drained queue nor a resumed partition wakes them.
///
/// rd_kafka_sasl_set_credentials ends in waking all broker threads and sends nothing. It is given what the client is configured with, as
/// librdkafka keeps it (blanks in front are gone), so that a later authentication finds the same as before. Where credentials are not a user name and a password (Kerberos,
/// OAUTHBEARER) it does nothing, rather than touch them.
///
/// Thread safety: shared objects safe.
class BrokerWaker {
 public:
  explicit BrokerWaker(rd_kafka_t* client);

  void wake() const;

 private:
  rd_kafka_t* client_;
  std::string username_;
  std::string password_;
  bool can_wake_ = false;
};

}  // namespace tidemark::kafka
