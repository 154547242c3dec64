#include <tidemark/stores/postgres.hpp>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "postgres/postgres_fixture.hpp"
#include "support/cutting_proxy.hpp"

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
using Stored = std::vector<std::optional<std::int64_t>>;

class CutConsumer {
 public:
  explicit CutConsumer(bool in_transactions) : in_transactions_{in_transactions} {
    auto options = impatient(PostgresServer::connection(proxy_.port(), database_));
    options.max_connections = 1;
    options.timeout = std::chrono::milliseconds{150};
    options.idle_in_transaction_timeout = std::chrono::milliseconds{300};
    store_ = std::make_unique<PostgresOffsetStore>(options);
    probe_("create table list(batch bigint); create table sums(id int primary key, sum bigint)");
    for (; batches_ < 7; ++batches_) {  // until the server's plan doesn't change any more
      proxy_.arm(std::nullopt);
      apply();
      exchange_ = proxy_.passed();
    }
  }

  /// How many bytes an undisturbed batch takes, each way.
  const CuttingProxy::Passed& exchange() const { return exchange_; }

  /// Why a batch that was cut was not applied exactly once; empty where it was.
  std::string wrong_after(const CuttingProxy::Cut& cut) {
    load();  // leaves a connection that works
    warm_up();
    proxy_.arm(cut);
    apply();
    ++batches_;
    if (!proxy_.has_cut()) return "was not cut";
    if (auto wrong = state(); !wrong.empty()) return wrong;
    // What was stuck on its way arrives when all is over, and must change nothing any more.
    proxy_.release();
    load();
    return state();
  }

 private:
  std::vector<OffsetRange> ranges() const {
    const auto from = first_offset + batches_ * step;
    return {orders(from, from + step), orders(from, from + step, 1), {{"returns", 0}, from, from + step}};
  }
  /// Repeated as a consumer does it, until the server has freed what a cut left locked.
  template <class Call>
  auto insist(const Call& call) {
    for (int attempt = 1;; ++attempt) {
      try {
        return call();
      } catch (const StoreError& error) {
        if (!error.is_retryable() || attempt == 100) throw;
      }
      // The first attempts meet the locks of what is stuck; it can't be waited for, since the network may never give it up.
      if (attempt == 2) proxy_.release();
    }
  }
  Stored load() {
    return insist([&] {
      return store_->load(session_, std::vector<TopicPartition>{{"orders", 0}, {"orders", 1}, {"returns", 0}});
    });
  }
  /// All statements prepared on the connection, so that each exchange has the same bytes.
  void warm_up() {
    const auto before = ranges();
    insist([&] {
      if (!in_transactions_) {
        std::vector<OffsetRange> nothing;
        for (const auto& range : before) nothing.push_back({range.partition, range.from, range.from});
        return store_->commit(session_, nothing);
      }
      auto transaction = store_->begin(session_, before);
      transaction.execute(upsert, step);
      return std::optional<Conflict>{};
    });
  }
  void apply() {
    insist([&] {
      if (!in_transactions_) {
        if (is_unknown_ && load()[0] == ranges()[0].until) return is_unknown_ = false;
        is_unknown_ = true;
        const auto conflict = store_->commit(session_, ranges());  // not inside of CHECK, which would catch
        CHECK_FALSE(conflict);
        return is_unknown_ = false;
      }
      auto transaction = store_->begin(session_, ranges());
      transaction.execute(upsert, step);
      auto rows = transaction.copy("list", {"batch"});
      rows.add(1'000'000 + batches_);
      rows.finish();
      const auto conflict = transaction.commit();
      CHECK_FALSE(conflict);
      return false;
    });
  }

  std::string state() {
    const auto until = std::to_string(first_offset + batches_ * step);
    const auto offsets = probe_("select next_offset from tidemark_offsets order by topic, partition");
    if (offsets != until + "\n" + until + "\n" + until) return "the offsets are " + offsets;
    if (!in_transactions_) return {};
    const auto results = probe_("select (select sum from sums), count(*), count(distinct batch) from list");
    const auto count = std::to_string(batches_);
    if (results != std::to_string(batches_ * step) + "|" + count + "|" + count)
      return "of " + count + " batches sum, rows and batches are " + results;
    return {};
  }

  static constexpr const char* upsert =
      "insert into sums values (1, $1) on conflict (id) do update set sum = sums.sum + excluded.sum";

  bool in_transactions_;
  bool is_unknown_ = false;
  PostgresServer server_;
  std::string database_ = server_.make_database();
  PostgresProbe probe_ = server_.probe(database_);
  CuttingProxy proxy_{server_.port()};
  std::unique_ptr<PostgresOffsetStore> store_;
  GroupSession session_{.group = "billing"};
  CuttingProxy::Passed exchange_;
  std::int64_t batches_ = 0;
};

}  // namespace

TEST_CASE("a commit and a transaction that are cut at any byte are applied exactly once", "[postgres]") {
  int cases = 0;
  int wrong = 0;
  for (const bool in_transactions : {false, true}) {
    CutConsumer consumer{in_transactions};
    const auto [requests, replies] = consumer.exchange();
    REQUIRE(requests > 100);
    REQUIRE(replies > 50);
    for (const auto direction : {Direction::request, Direction::reply})
      for (const auto fault : {Fault::fin, Fault::rst, Fault::stall})
        for (std::size_t byte = 0; byte < (direction == Direction::request ? requests : replies); ++byte) {
          // A stalled case costs two time-outs, so these are sampled.
          if (fault == Fault::stall && byte % 7 != 0) continue;
          const CuttingProxy::Cut cut{direction, byte, fault};
          ++cases;
          const auto why = consumer.wrong_after(cut);
          if (why.empty()) continue;
          ++wrong;
          UNSCOPED_INFO((in_transactions ? "transaction: " : "commit: ") << text_of(cut) << ": " << why);
          if (wrong > 20) FAIL("enough");
        }
    std::cout << "postgres-cut: " << requests << " + " << replies << " bytes, " << cases << " cases, " << wrong
              << " wrong" << std::endl;
  }
  CHECK(cases > 2'000);
  CHECK(wrong == 0);
}
