#include "stores/hbase/connection.hpp"

#include <fmt/format.h>
#include <thrift/TApplicationException.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include <exception>
#include <new>
#include <system_error>

#include "stores/hbase/failure.hpp"

namespace tidemark::detail {

namespace {

namespace thrift = apache::thrift;

std::shared_ptr<HBaseTransport> connected(const HBaseOffsetStoreOptions& options) {
  std::string why;
  try {
    return std::make_shared<HBaseTransport>(options.host, options.port, stores::Deadline{options.connect_timeout});
  } catch (const std::system_error& error) {
    why = error.code() == std::errc::timed_out
              ? fmt::format("no answer within HBaseOffsetStoreOptions::connect_timeout ({} ms)",
                            options.connect_timeout.count())
              : error.what();
  } catch (const std::runtime_error& error) {
    stores::CallScope::check();
    why = error.what();
  }
  throw StoreError{
      hbase_message(options, fmt::format("cannot connect: {}; check host and port, and that the Thrift2 gateway "
                                         "runs (hbase thrift2 start)",
                                         why)),
      StoreError::Retry::yes};
}

/// Thrift 0.17 counts what it has received against the limit for one message, and never begins anew, so a connection would break after its
/// first hundred megabytes.
template <class Transport>
class PerMessage final : public Transport {
 public:
  explicit PerMessage(std::shared_ptr<thrift::transport::TTransport> inner) : Transport{std::move(inner)} {}
  void begin_message() { this->resetConsumedMessageSize(); }
};

template <class Transport>
std::shared_ptr<thrift::transport::TTransport> buffered(std::shared_ptr<HBaseTransport> socket,
                                                        std::function<void()>& begin_message) {
  auto made = std::make_shared<PerMessage<Transport>>(std::move(socket));
  begin_message = [made] { made->begin_message(); };
  return made;
}

std::unique_ptr<thrift2::GatewayClient> client_over(const std::shared_ptr<HBaseTransport>& socket,
                                                    const HBaseOffsetStoreOptions& options,
                                                    std::function<void()>& begin_message) {
  auto transport = options.framed ? buffered<thrift::transport::TFramedTransport>(socket, begin_message)
                                  : buffered<thrift::transport::TBufferedTransport>(socket, begin_message);
  std::shared_ptr<thrift::protocol::TProtocol> protocol;
  if (options.compact)
    protocol = std::make_shared<thrift::protocol::TCompactProtocol>(std::move(transport));
  else
    protocol = std::make_shared<thrift::protocol::TBinaryProtocol>(std::move(transport));
  return std::make_unique<thrift2::GatewayClient>(std::move(protocol));
}

}  // namespace

HBaseConnection::HBaseConnection(const HBaseOffsetStoreOptions& options)
    : options_{options}, transport_{connected(options)}, client_{client_over(transport_, options, begin_message_)} {}

void HBaseConnection::begin(std::chrono::milliseconds timeout) {
  is_broken_ = true;  // unless all goes well
  begin_message_();
  transport_->set_deadline(stores::Deadline{timeout});
}

void HBaseConnection::fail(std::string_view action, std::chrono::milliseconds timeout) {
  const auto lost = [&](std::string_view why) {
    return HBaseLost{hbase_message(options_, fmt::format("cannot {}: {}", action, why))};
  };
  constexpr auto check_protocol = "check that it is a Thrift2 gateway, and HBaseOffsetStoreOptions::framed and compact";
  try {
    throw;
  } catch (const thrift2::TIOError& error) {
    is_broken_ = false;
    throw hbase_refusal(options_, action, error.message, !error.__isset.canRetry || error.canRetry);
  } catch (const thrift::TApplicationException& error) {
    const bool is_internal = error.getType() == thrift::TApplicationException::INTERNAL_ERROR;
    if (is_internal) throw lost(fmt::format("the gateway failed: {}; see its log", error.what()));
    throw StoreError{hbase_message(options_, fmt::format("cannot {}: {}; {}", action, error.what(), check_protocol)),
                     StoreError::Retry::no};
  } catch (const thrift::TException& error) {
    throw lost(fmt::format("the answer makes no sense: {}; {}", error.what(), check_protocol));
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::timed_out)
      throw lost(
          fmt::format("no answer within HBaseOffsetStoreOptions::command_timeout ({} ms): the gateway or HBase is "
                      "busy or out of reach",
                      timeout.count()));
    throw lost(fmt::format("the connection broke: {}", error.what()));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const StoreError& error) {
    throw lost(error.what());
  } catch (const std::exception& error) {
    throw lost(fmt::format("{}; if that goes on, {}", error.what(), check_protocol));
  }
}

}  // namespace tidemark::detail
