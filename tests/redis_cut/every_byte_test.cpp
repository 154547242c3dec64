#include <tidemark/stores/redis.hpp>

#include <cstdio>
#include <functional>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "redis/redis_fixture.hpp"
#include "support/cutting_proxy.hpp"
#include "support/eventually.hpp"

using namespace tidemark;
using namespace tidemark::test;
using Direction = CuttingProxy::Direction;
using Fault = CuttingProxy::Fault;

namespace {

constexpr std::int64_t first_offset = 1'000'000'000;  // all offsets have as many digits, so all exchanges as many bytes
constexpr std::int64_t step = 10;

std::string text_of(const CuttingProxy::Cut& cut) {
  const char* faults[] = {"FIN", "RST", "stall"};
  return std::string{cut.direction == Direction::request ? "request" : "reply"} + " cut after " +
         std::to_string(cut.after_bytes) + " bytes by " + faults[static_cast<int>(cut.fault)];
}

/// What a consumer does with its batches, over a conversation that is cut.
class CutConsumer {
 public:
  explicit CutConsumer(bool in_transactions) : in_transactions_{in_transactions} {
    probe_("FLUSHALL");
    auto options = impatient(proxy_.port());
    options.max_connections = 1;
    options.command_timeout = std::chrono::milliseconds{60};
    store_ = std::make_unique<RedisOffsetStore>(options);
    apply(0);
    proxy_.arm(std::nullopt);
    apply(1);
    exchange_ = proxy_.passed();
    batches_ = 2;
  }

  /// How many bytes an undisturbed batch takes, each way.
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
    probe_("PING");
    return state();
  }

 private:
  std::vector<OffsetRange> ranges(std::int64_t batch) const {
    const auto from = first_offset + batch * step;
    return {orders(from, from + step), orders(from, from + step, 1), {{"returns", 0}, from, from + step}};
  }
  /// Repeated as a consumer does it: that a connection was cut behind the last reply may be seen only when it is used again.
  std::vector<std::optional<std::int64_t>> load() {
    for (int attempt = 1;; ++attempt) {
      try {
        return store_->load(session_, std::vector<TopicPartition>{{"orders", 0}, {"orders", 1}, {"returns", 0}});
      } catch (const StoreError& error) {
        if (!error.is_retryable() || attempt == 5) throw;
      }
    }
  }
  void apply(std::int64_t batch) {
    const auto until = ranges(batch).front().until;
    for (int attempt = 0; attempt < 5; ++attempt) {
      try {
        if (try_apply(batch)) break;
        return;
      } catch (const StoreError& error) {
        if (!error.is_retryable()) throw;
      }
      // A transaction finds out by itself; a plain commit is looked up.
      if (!in_transactions_ && load() == std::vector<std::optional<std::int64_t>>(3, until)) return;
    }
    throw std::runtime_error{"a batch could not be applied"};
  }
  std::optional<Conflict> try_apply(std::int64_t batch) {
    if (!in_transactions_) return store_->commit(session_, ranges(batch));
    auto transaction = store_->begin(session_, ranges(batch));
    transaction.command("INCRBY", "sum", step);
    transaction.command("RPUSH", "list", batch);
    return transaction.commit();
  }

  std::string state() {
    const auto until = std::to_string(first_offset + batches_ * step);
    const auto offsets = probe_.hash("kafka:topic:orders:billing") + " " + probe_.hash("kafka:topic:returns:billing");
    if (offsets != "0=" + until + " 1=" + until + " 0=" + until) return "the offsets are " + offsets;
    if (!in_transactions_) return {};
    const auto sum = probe_("GET", "sum").integer();
    const auto length = probe_("LLEN", "list").integer();
    if (sum != batches_ * step || length != batches_)
      return "of " + std::to_string(batches_) + " batches the sum is " + std::to_string(sum) + ", and " +
             std::to_string(length) + " are in the list";
    return {};
  }

  bool in_transactions_;
  RedisServer server_{{.arguments = {"--appendfsync", "no"}}};
  RedisProbe probe_ = server_.probe();
  CuttingProxy proxy_{server_.port()};
  std::unique_ptr<RedisOffsetStore> store_;
  GroupSession session_{.group = "billing"};
  CuttingProxy::Passed exchange_;
  std::int64_t batches_ = 0;
};

}  // namespace

TEST_CASE("a client that repeats blindly what was cut is found out", "[redis-cut]") {
  RedisServer server;
  CuttingProxy proxy{server.port()};
  const auto fault = GENERATE(Fault::fin, Fault::rst);
  proxy.arm(CuttingProxy::Cut{Direction::reply, 0, fault});
  CHECK_THROWS(RedisProbe{proxy.port()}("INCRBY", "sum", "10"));
  RedisProbe{proxy.port()}("INCRBY", "sum", "10");
  CHECK(proxy.has_cut());
  CHECK(server.probe()("GET", "sum").text() == "20");
}

TEST_CASE("a commit and a transaction that are cut at any byte are applied exactly once", "[redis-cut]") {
  int cases = 0;
  int wrong = 0;
  for (const bool in_transactions : {false, true}) {
    CutConsumer consumer{in_transactions};
    const auto [requests, replies] = consumer.exchange();
    REQUIRE(requests > 200);
    REQUIRE(replies > 0);
    for (const auto direction : {Direction::request, Direction::reply})
      for (const auto fault : {Fault::fin, Fault::rst, Fault::stall})
        for (std::size_t byte = 0; byte <= (direction == Direction::request ? requests : replies); ++byte) {
          const CuttingProxy::Cut cut{direction, byte, fault};
          ++cases;
          const auto why = consumer.wrong_after(cut);
          if (why.empty()) continue;
          ++wrong;
          UNSCOPED_INFO((in_transactions ? "transaction: " : "commit: ") << text_of(cut) << ": " << why);
          if (wrong > 20) FAIL("enough");
        }
  }
  CHECK(cases > 1'000);
  CHECK(wrong == 0);
  std::cout << "redis-cut: " << cases << " cases, " << wrong << " wrong" << std::endl;
}
