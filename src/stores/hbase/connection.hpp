#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include <tidemark/stores/hbase/options.hpp>

#include "Gateway.h"
#include "stores/hbase/transport.hpp"

namespace tidemark::detail {

/// One connection to the gateway. For one thread at a time.
///
/// Errors: HBaseRefusal for what HBase answers; HBaseLost where the connection broke, after which it is of no use any more; StoreError,
///         not retryable, where the other side is no Thrift2 gateway.
class HBaseConnection {
 public:
  /// `options` must outlive it.
  explicit HBaseConnection(const HBaseOffsetStoreOptions& options);

  /// What `call(client)` returns. `action` completes "cannot …".
  template <class Call>
  auto ask(std::string_view action, std::chrono::milliseconds timeout, Call call) {
    begin(timeout);
    try {
      auto answer = call(*client_);
      is_broken_ = false;
      return answer;
    } catch (...) {
      fail(action, timeout);
    }
  }

  /// Whether it can be used again, as far as can be said without asking.
  bool is_quiet() const { return !is_broken_ && transport_->is_quiet(); }

 private:
  void begin(std::chrono::milliseconds timeout);
  [[noreturn]] void fail(std::string_view action, std::chrono::milliseconds timeout);

  const HBaseOffsetStoreOptions& options_;
  std::shared_ptr<HBaseTransport> transport_;
  std::function<void()> begin_message_;
  std::unique_ptr<thrift2::GatewayClient> client_;
  bool is_broken_ = false;
};

}  // namespace tidemark::detail
