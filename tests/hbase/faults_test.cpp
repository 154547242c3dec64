#include <tidemark/stores/hbase.hpp>

#include <chrono>
#include <functional>
#include <iostream>
#include <random>
#include <vector>

#include "hbase/hbase_fixture.hpp"
#include "support/cutting_proxy.hpp"
#include "support/eventually.hpp"
#include "support/free_port.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;
using Direction = CuttingProxy::Direction;
using Fault = CuttingProxy::Fault;

TEST_CASE("a gateway that is not there is an error that says where it was looked for", "[hbase]") {
  const auto port = free_port();
  const auto error = store_error_of([&] { HBaseOffsetStore{hbase_at(port)}; });
  CHECK(says(error, "127.0.0.1:" + std::to_string(port), "cannot connect", "Connection refused", "hbase thrift2"));
  CHECK(error->is_retryable());
}

TEST_CASE("a gateway, or an HBase, that stands still is an error in time, and nothing is lost by it", "[hbase]") {
  HBaseFixture fixture{[] {
    auto options = emptied_hbase();
    options.command_timeout = 500ms;
    return options;
  }()};
  const std::vector<OffsetRange> first{orders(0, 10), orders(0, 10, 1)};
  REQUIRE_FALSE(fixture.commit(first));
  auto& server = fixture.server;
  for (const bool is_gateway : {true, false}) {
    CAPTURE(is_gateway);
    const auto from = *fixture.next();
    const std::vector<OffsetRange> ranges{orders(from, from + 5), orders(from, from + 5, 1)};
    is_gateway ? server.freeze_gateway() : server.freeze_hbase();
    const auto begun = std::chrono::steady_clock::now();
    const auto error = store_error_of([&] { fixture.commit(ranges); });
    const auto took = std::chrono::steady_clock::now() - begun;
    is_gateway ? server.thaw_gateway() : server.thaw_hbase();
    CHECK(says(error, "no answer within HBaseOffsetStoreOptions::command_timeout (500 ms)"));
    CHECK(error->is_retryable());
    CHECK(took < 5s);  // the commit, and the attempt to read back
    // What was on its way may have arrived, or not; the same commit again is right in either case.
    CHECK(eventually([&] {
      const auto again = store_error_of([&] { CHECK_FALSE(fixture.commit(ranges)); });
      return !again;
    }));
    CHECK(fixture.probe.row(fixture.row) == "0=" + std::to_string(from + 5) + " 1=" + std::to_string(from + 5));
  }
}

TEST_CASE("a commit whose request or reply was lost is resolved by reading back", "[hbase]") {
  HBaseFixture fixture;
  auto options = fixture.options;
  CuttingProxy proxy{options.port};
  options.port = proxy.port();
  HBaseOffsetStore store{options};
  std::int64_t next = 0;
  const auto step = [&] {
    const std::vector<OffsetRange> ranges{orders(next, next + 1), orders(next, next + 1, 1)};
    ++next;
    return store.commit(fixture.session, ranges);
  };
  REQUIRE_FALSE(step());
  for (const auto direction : {Direction::request, Direction::reply}) {
    proxy.arm(CuttingProxy::Cut{direction, 10, Fault::rst});
    REQUIRE_FALSE(step());
    CHECK(proxy.has_cut());
    CHECK(fixture.probe.row(fixture.row) == "0=" + std::to_string(next) + " 1=" + std::to_string(next));
  }
}

TEST_CASE("a reset whose request or reply was lost is resolved by reading back", "[hbase]") {
  HBaseFixture fixture;
  auto options = fixture.options;
  CuttingProxy proxy{options.port};
  options.port = proxy.port();
  HBaseOffsetStore store{options};
  const auto reset = [&](std::int64_t next) {
    store.overwrite("billing", std::vector<StoredOffset>{{{"orders", 0}, next}});
  };
  const auto forget = [&] { store.erase("billing", std::vector<TopicPartition>{{"orders", 0}}); };
  // Each looks before it changes, and it is the change that is to be cut.
  const auto cut_end_of = [&](Direction direction, const auto& action) {
    proxy.arm(std::nullopt);
    action();
    const auto passed = direction == Direction::request ? proxy.passed().requests : proxy.passed().replies;
    reset(7);
    proxy.arm(CuttingProxy::Cut{direction, passed - 5, Fault::fin});
    action();
    CHECK(proxy.has_cut());
  };
  for (const auto direction : {Direction::request, Direction::reply}) {
    reset(7);
    cut_end_of(direction, [&] { reset(8); });
    CHECK(fixture.probe.row(fixture.row) == "0=8");
    cut_end_of(direction, forget);
    CHECK(fixture.probe.row(fixture.row).empty());
  }
}

TEST_CASE("connections that the gateway closed while they were idle cost nothing", "[hbase]") {
  HBaseFixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 1)));
  fixture.server.kill_gateway();
  fixture.server.start_gateway();
  CHECK(fixture.next() == 1);
}

namespace {

/// What a consumer does with its batches, over a conversation that is cut.
class CutConsumer {
 public:
  CutConsumer() {
    auto options = fixture_.options;
    options.port = proxy_.port();
    options.max_connections = 1;
    options.command_timeout = 150ms;
    store_ = std::make_unique<HBaseOffsetStore>(options);
    apply(0);
    proxy_.arm(std::nullopt);
    apply(1);
    exchange_ = proxy_.passed();
    batches_ = 2;
  }

  const CuttingProxy::Passed& exchange() const { return exchange_; }

  /// Why a batch that was cut was not applied exactly once; empty where it was.
  std::string wrong_after(const CuttingProxy::Cut& cut) {
    load();  // leaves a connection that works
    proxy_.arm(cut);
    apply(batches_++);
    if (!proxy_.has_cut()) return "was not cut";
    if (auto wrong = state(); !wrong.empty()) return wrong;
    // What was stuck on its way arrives when all is over, and must change nothing any more.
    proxy_.release();
    load();
    return state();
  }

 private:
  static std::vector<OffsetRange> ranges(std::int64_t batch) {
    const auto from = 1'000'000'000 + batch * 10;  // as many digits, so as many bytes
    return {orders(from, from + 10), orders(from, from + 10, 1), {{"returns", 0}, from, from + 10}};
  }
  void load() {
    const std::vector<TopicPartition> partitions{{"orders", 0}, {"orders", 1}, {"returns", 0}};
    until_done([&] { store_->load(fixture_.session, partitions); });
  }
  void apply(std::int64_t batch) {
    until_done([&] {
      if (store_->commit(fixture_.session, ranges(batch))) throw std::runtime_error{"a conflict with nobody"};
    });
  }
  /// As the engine does: what failed is tried again.
  void until_done(const std::function<void()>& action) {
    const auto is_done = [&] {
      const auto error = store_error_of(action);
      if (error && !error->is_retryable()) throw *error;
      return !error;
    };
    if (!eventually(is_done)) throw std::runtime_error{"a batch could not be applied"};
  }
  std::string state() {
    const auto until = std::to_string(1'000'000'000 + batches_ * 10);
    const auto offsets = fixture_.probe.row("billing:orders") + " " + fixture_.probe.row("billing:returns");
    return offsets == "0=" + until + " 1=" + until + " 0=" + until ? "" : "the offsets are " + offsets;
  }

  HBaseFixture fixture_;
  CuttingProxy proxy_{fixture_.server.port()};
  std::unique_ptr<HBaseOffsetStore> store_;
  CuttingProxy::Passed exchange_;
  std::int64_t batches_ = 0;
};

}  // namespace

TEST_CASE("a client that does not read back loses what was cut", "[hbase]") {
  HBaseFixture fixture;
  CuttingProxy proxy{fixture.server.port()};
  HBaseProbe careless{proxy.port()};
  proxy.arm(CuttingProxy::Cut{Direction::request, 10, Fault::fin});
  CHECK_THROWS(careless.put(fixture.row, "0", "5"));
  CHECK(proxy.has_cut());
  CHECK(fixture.probe.row(fixture.row).empty());
}

TEST_CASE("a commit that is cut at any of 120 random points is applied exactly once", "[hbase]") {
  CutConsumer consumer;
  const auto [requests, replies] = consumer.exchange();
  REQUIRE(requests > 200);
  REQUIRE(replies > 50);
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  int cases = 0;
  int wrong = 0;
  for (const auto& [fault, times] : {std::pair{Fault::fin, 50}, {Fault::rst, 50}, {Fault::stall, 20}}) {
    for (int i = 0; i < times; ++i) {
      const auto direction = i % 2 == 0 ? Direction::request : Direction::reply;
      const auto bytes = direction == Direction::request ? requests : replies;
      const CuttingProxy::Cut cut{direction, std::uniform_int_distribution<std::size_t>{0, bytes - 1}(random), fault};
      ++cases;
      const auto why = consumer.wrong_after(cut);
      if (why.empty()) continue;
      ++wrong;
      UNSCOPED_INFO((direction == Direction::request ? "request" : "reply")
                    << " cut after " << cut.after_bytes << " bytes by fault " << static_cast<int>(fault) << ": "
                    << why);
    }
  }
  CHECK(wrong == 0);
  std::cout << "hbase-cut: " << cases << " cases, " << wrong << " wrong" << std::endl;
}
