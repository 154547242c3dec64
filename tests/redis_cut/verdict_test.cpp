#include <tidemark/stores/redis.hpp>

#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "redis/redis_fixture.hpp"
#include "support/cutting_proxy.hpp"

using namespace tidemark;
using namespace tidemark::test;
using Direction = CuttingProxy::Direction;
using Fault = CuttingProxy::Fault;

namespace {

constexpr std::int64_t first_offset = 1'000'000'000;  // all offsets have as many digits, so all exchanges as many bytes

/// A transaction of a certain fate.
struct Fate {
  const char* name;
  const char* verdict;  ///< A part of what must be told.
  std::function<void(RedisTransaction&)> commands;
  bool is_applied;              ///< Then "good" counts batches.
  std::int64_t from_shift = 0;  ///< Not 0: what is stored is another offset than the transaction begins at.
};

const std::vector<Fate> fates{
    {"all commands", "applied", [](auto& transaction) { transaction.command("INCR", "good"); }, true},
    {"a later command fails", "2 of the transaction's 4 commands failed; all others were applied",
     [](auto& transaction) {
       transaction.command("INCR", "good");
       transaction.command("INCR", "text");
       transaction.command("SET", "other", "x");
       transaction.command("INCR", "text");
     },
     true},
    {"the first command fails", "nothing was applied",
     [](auto& transaction) {
       transaction.command("INCR", "text");
       transaction.command("INCR", "good");
     },
     false},
    {"a key of another type", "nothing was applied",
     [](auto& transaction) {
       transaction.command("INCR", "good");
       transaction.command("LPUSH", "text", "x");
     },
     false},
    {"a conflict", "conflict", [](auto& transaction) { transaction.command("INCR", "good"); }, false, 5}};

class Cutting {
 public:
  explicit Cutting(const Fate& fate) : fate_{fate} {
    probe_("FLUSHALL");
    probe_("SET", "text", "no number");
    auto options = impatient(proxy_.port());
    options.max_connections = 1;
    options.command_timeout = std::chrono::milliseconds{60};
    store_ = std::make_unique<RedisOffsetStore>(options);
    const OffsetRange range = orders(first_offset, first_offset);
    REQUIRE_FALSE(store_->commit(session_, {&range, 1}));
    attempt();  // the script is known from here on
    attempt();
    proxy_.arm(std::nullopt);
    undisturbed_ = attempt();
    exchange_ = proxy_.passed();
  }

  const CuttingProxy::Passed& exchange() const { return exchange_; }
  const std::string& undisturbed() const { return undisturbed_; }

  /// What is wrong after a transaction that was cut; empty where nothing is.
  std::string wrong_after(const CuttingProxy::Cut& cut) {
    works();
    proxy_.arm(cut);
    const auto verdict = attempt();
    if (!proxy_.has_cut()) return "was not cut";
    if (verdict != undisturbed_) return "told: " + verdict;
    if (auto wrong = state(); !wrong.empty()) return wrong;
    proxy_.release();  // what was stuck arrives late, and must change nothing
    works();
    probe_("PING");
    return state();
  }

 private:
  /// A batch as a consumer applies it: again, from its handler on, after what may pass. Returns the verdict.
  std::string attempt() {
    const auto from = first_offset + fate_.from_shift + applied_;
    std::string verdict = "no end of retryable errors";
    for (int i = 0; i < 5; ++i) {
      try {
        const OffsetRange range = orders(from, from + 1);
        auto transaction = store_->begin(session_, {&range, 1});
        fate_.commands(transaction);
        verdict = transaction.commit() ? "conflict" : "applied";
        break;
      } catch (const StoreError& error) {
        if (error.is_retryable()) continue;
        verdict = error.what();
        break;
      }
    }
    if (fate_.is_applied) ++applied_;
    return verdict;
  }
  /// Leaves a connection that works.
  void works() {
    const TopicPartition partition{"orders", 0};
    for (int i = 0; store_error_of([&] { store_->load(session_, {&partition, 1}); }) && i < 5; ++i) {
    }
  }
  std::string state() {
    const auto stored = probe_.hash("kafka:topic:orders:billing");
    const auto good = probe_("GET", "good");
    if (stored != "0=" + std::to_string(first_offset + applied_)) return "the offsets are " + stored;
    if (good.is_nil() ? applied_ != 0 : good.integer() != applied_) return "the results do not fit";
    return {};
  }

  const Fate& fate_;
  RedisServer server_{{.arguments = {"--appendfsync", "no"}}};
  RedisProbe probe_ = server_.probe();
  CuttingProxy proxy_{server_.port()};
  std::unique_ptr<RedisOffsetStore> store_;
  GroupSession session_{.group = "billing"};
  CuttingProxy::Passed exchange_;
  std::string undisturbed_;
  std::int64_t applied_ = 0;
};

}  // namespace

TEST_CASE("a transaction has the same verdict, whether or not its reply arrives", "[redis-cut]") {
  int cases = 0;
  int wrong = 0;
  for (const auto& fate : fates) {
    Cutting cutting{fate};
    CAPTURE(fate.name, cutting.undisturbed());
    REQUIRE(cutting.undisturbed().find(fate.verdict) != std::string::npos);
    const auto [requests, replies] = cutting.exchange();
    REQUIRE(replies > 0);
    const auto cut_each = [&](Direction direction, Fault fault, std::size_t bytes) {
      for (std::size_t byte = 0; byte <= bytes && wrong < 20; ++byte) {
        ++cases;
        const auto why = cutting.wrong_after({direction, byte, fault});
        if (why.empty()) continue;
        ++wrong;
        UNSCOPED_INFO(fate.name << ", " << (direction == Direction::request ? "request" : "reply") << " cut after "
                                << byte << " bytes: " << why);
      }
    };
    for (const auto fault : {Fault::fin, Fault::rst, Fault::stall}) cut_each(Direction::reply, fault, replies);
    cut_each(Direction::request, Fault::fin, requests);
    CHECK(wrong == 0);
  }
  CHECK(cases > 1'000);
  std::cout << "redis-cut verdicts: " << cases << " cases, " << wrong << " wrong" << std::endl;
}
