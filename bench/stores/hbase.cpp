#include <tidemark/stores/hbase.hpp>

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TSocket.h>

#include <memory>
#include <string>
#include <vector>

#include "Gateway.h"
#include "stores/contestant.hpp"
#include "support/hbase_server.hpp"

namespace tidemark::bench {

namespace {

namespace thrift = apache::thrift;
namespace thrift2 = tidemark::detail::thrift2;

/// HBase as one would use it by hand: one checkAndMutate, which compares a cell and sets all others with it.
class RawHBase {
 public:
  explicit RawHBase(std::uint16_t port)
      : socket_{std::make_shared<thrift::transport::TSocket>("127.0.0.1", port)},
        client_{std::make_shared<thrift::protocol::TBinaryProtocol>(
            std::make_shared<thrift::transport::TBufferedTransport>(socket_))} {
    socket_->setNoDelay(true);
    socket_->open();
  }

  void commit(std::int64_t batch, int partitions) {
    thrift2::TPut put;
    put.__set_row(row);
    const auto until = std::to_string(first_of(batch + 1));
    for (int p = 0; p < partitions; ++p) add(put, std::to_string(p), until);
    add(put, "version", std::to_string(batch));
    thrift2::TMutation mutation;
    mutation.__set_put(std::move(put));
    thrift2::TRowMutations mutations;
    mutations.__set_row(row);
    mutations.mutations.push_back(std::move(mutation));
    const auto expected = batch == 0 ? std::string{} : std::to_string(batch - 1);
    if (!client_.checkAndMutate("tidemark_offsets", row, "offsets", "version", thrift2::TCompareOp::EQUAL, expected,
                                mutations))
      throw std::runtime_error{"a conflict"};
  }

 private:
  static void add(thrift2::TPut& put, const std::string& column, const std::string& text) {
    auto& cell = put.columnValues.emplace_back();
    cell.__set_family("offsets");
    cell.__set_qualifier(column);
    cell.__set_value(text);
  }

  const std::string row = "bare:records";
  std::shared_ptr<thrift::transport::TSocket> socket_;
  thrift2::GatewayClient client_;
};

}  // namespace

Contestant hbase_contestant(int partitions) {
  const auto server = std::make_shared<test::HBaseServer>();
  const auto store = std::make_shared<HBaseOffsetStore>(
      HBaseOffsetStoreOptions{.host = "127.0.0.1", .port = server->port(), .create_table = true});
  const auto bare = std::make_shared<RawHBase>(server->port());
  return {.bare = "checkAndMutate",
          .commit =
              [=](std::int64_t batch) {
                must_commit(*store, batch, partitions);
                (void)server;
              },
          .commit_bare = [=](std::int64_t batch) { bare->commit(batch, partitions); }};
}

}  // namespace tidemark::bench
