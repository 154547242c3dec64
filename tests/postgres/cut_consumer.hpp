#pragma once

#include <tidemark/stores/postgres.hpp>

#include <cstdint>
#include <iostream>
#include <string>
#include <type_traits>
#include <vector>

#include "postgres/postgres_fixture.hpp"
#include "support/cutting_proxy.hpp"

namespace tidemark::test {

/// What a consumer does with its batches, over a conversation that is cut.
class CutConsumer {
 public:
  enum class What { load, commit, transaction };

  explicit CutConsumer(PostgresServer& server, What what) : what_{what}, server_{server} {
    auto options = impatient(PostgresServer::connection(proxy_.port(), database_));
    options.max_connections = 1;
    options.timeout = std::chrono::milliseconds{150};
    options.idle_in_transaction_timeout = std::chrono::milliseconds{300};
    store_ = std::make_unique<PostgresOffsetStore>(options);
    probe_("create table list(batch bigint); create table sums(id int primary key, sum bigint)");
    if (what == What::load) {
      insist([&] { return store_->commit(session_, ranges()); });
      ++batches_;
    }
    for (int i = 0; i < 7; ++i) {  // until the server's plan doesn't change any more
      proxy_.arm(std::nullopt);
      do_it();
      exchange_ = proxy_.passed();
    }
  }

  /// How many bytes it takes undisturbed, each way.
  const CuttingProxy::Passed& exchange() const { return exchange_; }

  /// Why what was cut has not happened exactly once; empty where it has.
  std::string wrong_after(const CuttingProxy::Cut& cut) {
    load();  // leaves a connection that works
    warm_up();
    proxy_.arm(cut);
    do_it();
    if (!proxy_.has_cut()) return "was not cut";
    if (auto wrong = state(); !wrong.empty()) return wrong;
    // What was stuck on its way arrives when all is over, and must change nothing any more.
    proxy_.release();
    load();
    return state();
  }

 private:
  using Loaded = std::vector<std::optional<std::int64_t>>;

  std::int64_t next() const { return first_offset + batches_ * step; }
  std::vector<OffsetRange> ranges() const {
    const auto from = next();
    return {orders(from, from + step), orders(from, from + step, 1), {{"returns", 0}, from, from + step}};
  }
  /// Repeated as a consumer does it, until the server has freed what a cut left locked.
  template <class Call>
  std::invoke_result_t<Call> insist(const Call& call) {
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
  Loaded load() {
    return insist([&] {
      return store_->load(session_, std::vector<TopicPartition>{{"orders", 0}, {"orders", 1}, {"returns", 0}});
    });
  }
  /// All statements prepared on the connection, so that each exchange has the same bytes.
  void warm_up() {
    if (what_ == What::load) return;
    const auto before = ranges();
    insist([&] {
      if (what_ == What::commit) {
        std::vector<OffsetRange> nothing;
        for (const auto& range : before) nothing.push_back({range.partition, range.from, range.from});
        return store_->commit(session_, nothing);
      }
      auto transaction = store_->begin(session_, before);
      transaction.execute(upsert, step);
      return std::optional<Conflict>{};
    });
  }
  void do_it() {
    if (what_ == What::load) {
      const auto loaded = load();
      CHECK(loaded == Loaded(3, next()));
      return;
    }
    insist([&] {
      if (what_ == What::commit)
        commit();
      else
        apply();
      return true;
    });
    ++batches_;
  }
  void commit() {
    if (is_unknown_ && load()[0] == ranges()[0].until) {
      is_unknown_ = false;
      return;
    }
    is_unknown_ = true;
    const auto conflict = store_->commit(session_, ranges());  // not inside of CHECK, which would catch
    CHECK_FALSE(conflict);
    is_unknown_ = false;
  }
  void apply() {
    auto transaction = store_->begin(session_, ranges());
    transaction.execute(upsert, step);
    auto rows = transaction.copy("list", {"batch"});
    rows.add(1'000'000 + batches_);
    rows.finish();
    const auto conflict = transaction.commit();
    CHECK_FALSE(conflict);
  }

  std::string state() {
    const auto until = std::to_string(next());
    const auto offsets = probe_("select next_offset from tidemark_offsets order by topic, partition");
    if (offsets != until + "\n" + until + "\n" + until) return "the offsets are " + offsets;
    if (what_ != What::transaction) return {};
    const auto results = probe_("select (select sum from sums), count(*), count(distinct batch) from list");
    const auto count = std::to_string(batches_);
    if (results != std::to_string(batches_ * step) + "|" + count + "|" + count)
      return "of " + count + " batches sum, rows and batches are " + results;
    return {};
  }

  static constexpr std::int64_t first_offset =
      1'000'000'000;  // all have as many digits, so all exchanges as many bytes
  static constexpr std::int64_t step = 10;
  static constexpr const char* upsert =
      "insert into sums values (1, $1) on conflict (id) do update set sum = sums.sum + excluded.sum";

  What what_;
  bool is_unknown_ = false;
  PostgresServer& server_;
  std::string database_ = server_.make_database();
  PostgresProbe probe_ = server_.probe(database_);
  CuttingProxy proxy_{server_.port()};
  std::unique_ptr<PostgresOffsetStore> store_;
  GroupSession session_{.group = "billing"};
  CuttingProxy::Passed exchange_;
  std::int64_t batches_ = 0;
};

struct CutSteps {
  std::size_t closed = 1;   ///< Between two bytes at which a connection is closed, or reset.
  std::size_t stalled = 7;  ///< The same for a stall, which costs two time-outs.
};

/// Cuts loads, commits and transactions with a COPY, in both directions and in each way; returns how many cases that were.
inline int check_cuts(const CutSteps& steps) {
  using Direction = CuttingProxy::Direction;
  using Fault = CuttingProxy::Fault;
  using What = CutConsumer::What;
  constexpr const char* names[] = {"load", "commit", "transaction"};
  constexpr const char* faults[] = {"FIN", "RST", "a stall"};
  int all = 0;
  int wrong = 0;
  for (const auto what : {What::load, What::commit, What::transaction}) {
    const auto* name = names[static_cast<int>(what)];
    CutConsumer consumer{PostgresServer::shared(), what};
    const auto [requests, replies] = consumer.exchange();
    REQUIRE(requests > 50);
    REQUIRE(replies > 50);
    int cases = 0;
    for (const auto direction : {Direction::request, Direction::reply})
      for (const auto fault : {Fault::fin, Fault::rst, Fault::stall})
        for (std::size_t byte = 0; byte < (direction == Direction::request ? requests : replies);
             byte += fault == Fault::stall ? steps.stalled : steps.closed) {
          ++cases;
          const auto why = consumer.wrong_after({direction, byte, fault});
          if (why.empty()) continue;
          ++wrong;
          UNSCOPED_INFO(name << ": " << (direction == Direction::request ? "request" : "reply") << " cut after " << byte
                             << " bytes by " << faults[static_cast<int>(fault)] << ": " << why);
          if (wrong > 20) FAIL("enough");
        }
    std::cout << "postgres-cut: " << name << ", " << requests << " + " << replies << " bytes, " << cases << " cases"
              << std::endl;
    all += cases;
  }
  std::cout << "postgres-cut: " << all << " cases, " << wrong << " wrong" << std::endl;
  CHECK(wrong == 0);
  return all;
}

}  // namespace tidemark::test
