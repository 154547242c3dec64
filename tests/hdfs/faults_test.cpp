#include <iostream>
#include <random>

#include "hdfs/kills.hpp"
#include "hdfs/local_checkpoint.hpp"
#include "support/cutting_proxy.hpp"
#include "support/eventually.hpp"
#include "support/hdfs_server.hpp"
#include "support/unique_name.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;
using Direction = CuttingProxy::Direction;
using Fault = CuttingProxy::Fault;

namespace {

/// Commits over a conversation with the name node that is cut, and looks up what became of them, as the engine does.
class CutMember {
 public:
  CutMember() {
    auto& server = HdfsServer::shared();
    options_.name_nodes = {{"127.0.0.1", proxy_.port()}};
    options_.user = "root";
    options_.directory = "/" + unique_name("cut");
    options_.request_timeout = 700ms;
    store_ = std::make_unique<HdfsOffsetStore>(options_);
    options_.name_nodes = {{"127.0.0.1", server.port()}};
    options_.request_timeout = 5s;
    direct_ = std::make_unique<HdfsOffsetStore>(options_);
    apply();
    proxy_.arm(std::nullopt);
    apply();
    exchange_ = proxy_.passed();
  }

  const CuttingProxy::Passed& exchange() const { return exchange_; }

  /// Why a commit that was cut was not applied exactly once; empty where it was.
  std::string wrong_after(const CuttingProxy::Cut& cut) {
    proxy_.arm(cut);
    apply();
    const bool was_cut = proxy_.has_cut();
    if (auto wrong = state(); !wrong.empty()) return wrong;
    // What was stuck on its way arrives when all is over, and must change nothing any more.
    proxy_.release();
    proxy_.arm(std::nullopt);
    cuts_ += was_cut;
    return state();
  }
  int cuts() const { return cuts_; }

 private:
  void apply() {
    const auto from = next_;
    next_ += 10;
    for (int attempt = 0; attempt < 5; ++attempt) {
      try {
        const auto stored = attempt == 0 ? std::nullopt : GroupView{*store_, "billing"}.next();
        if (stored == next_) return;
        if (!GroupView{*store_, "billing"}.commit({orders(from, next_), orders(from, next_, 1)})) return;
        throw std::runtime_error{"a conflict with nobody"};
      } catch (const StoreError& error) {
        if (!error.is_retryable()) throw;
      }
    }
    throw std::runtime_error{"a commit could not be applied"};
  }
  std::string state() {
    GroupView direct{*direct_, "billing"};
    const auto first = direct.next(0);
    const auto second = direct.next(1);
    if (first == next_ && second == next_) return {};
    return "stored are " + std::to_string(first.value_or(-1)) + " and " + std::to_string(second.value_or(-1)) +
           ", not " + std::to_string(next_);
  }

  CuttingProxy proxy_{HdfsServer::shared().port()};
  HdfsOffsetStoreOptions options_{};
  std::unique_ptr<HdfsOffsetStore> store_;
  std::unique_ptr<HdfsOffsetStore> direct_;
  CuttingProxy::Passed exchange_;
  std::int64_t next_ = 1'000'000;
  int cuts_ = 0;
};

}  // namespace

TEST_CASE("a commit whose conversation is cut at any of 120 random bytes is applied exactly once", "[hdfs]") {
  CutMember member;
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  const auto [requests, replies] = member.exchange();
  REQUIRE(requests > 500);
  for (int i = 0; member.cuts() < 120 && i < 200; ++i) {
    const auto direction = i % 2 == 0 ? Direction::request : Direction::reply;
    const auto fault = i % 10 == 9 ? Fault::stall : (i / 2) % 2 == 0 ? Fault::fin : Fault::rst;
    const auto bytes = direction == Direction::request ? requests : replies;
    const CuttingProxy::Cut cut{direction, std::uniform_int_distribution<std::size_t>{0, bytes - 1}(random), fault};
    CAPTURE(i, static_cast<int>(direction), static_cast<int>(fault), cut.after_bytes);
    REQUIRE(member.wrong_after(cut) == "");
  }
  CHECK(member.cuts() >= 120);
  std::cout << "hdfs: cut " << member.cuts() << " times" << std::endl;
}

TEST_CASE("no commit is lost or comes back when name node and data node are killed", "[hdfs]") { kill_servers(2); }

TEST_CASE("servers that stand still beyond the time-out give a clear error, and are used again afterwards", "[hdfs]") {
  auto& server = HdfsServer::shared();
  auto options = hdfs_options(server.url("/" + unique_name("still")));
  options.request_timeout = 1'500ms;
  HdfsOffsetStore store{options};
  GroupView group{store, "billing"};
  REQUIRE_FALSE(group.commit(orders(0, 10)));
  SECTION("the name node") {
    server.name_node().freeze();
    const auto error = store_error_of([&] { group.commit(orders(10, 20)); });
    server.name_node().thaw();
    CHECK(says(error, "127.0.0.1:" + std::to_string(server.port()), "request_timeout 1500 ms"));
    CHECK((error && error->is_retryable()));
  }
  SECTION("the data node") {
    server.data_node().freeze();
    const auto error = store_error_of([&] { group.commit(orders(10, 20)); });
    server.data_node().thaw();
    CHECK(says(error, "data node", "request_timeout 1500 ms"));
    CHECK((error && error->is_retryable()));
  }
  std::optional<std::int64_t> stored;
  REQUIRE(eventually([&] { return !store_error_of([&] { stored = group.next(); }); }));
  CHECK((stored == 10 || stored == 20));
  std::optional<Conflict> conflict;
  // The last attempt may have gone through without a reply: then this one finds it done.
  REQUIRE(eventually([&] { return !store_error_of([&] { conflict = group.commit(orders(*stored, 30)); }); }));
  CHECK_FALSE(conflict);
  CHECK(group.next() == 30);
}

TEST_CASE("members with partitions of their own all make progress on one checkpoint", "[hdfs]") {
  const LocalCheckpoint local;
  const bool on_hdfs = GENERATE(false, true);
  auto options = local.options;
  if (on_hdfs) options = hdfs_options(HdfsServer::shared().url("/" + unique_name("shared") + "?group=billing"));
  std::vector<std::unique_ptr<Mover>> members;
  for (std::int32_t partition = 0; partition < 4; ++partition)
    members.push_back(std::make_unique<Mover>(options, partition));
  CHECK(eventually([&] {
    return std::ranges::all_of(members, [&](const auto& member) { return member->acked() >= (on_hdfs ? 5 : 50); });
  }));
  for (auto& member : members) member->stop();
  HdfsOffsetStore store{options};
  for (std::int32_t partition = 0; partition < 4; ++partition) {
    auto& member = *members[static_cast<std::size_t>(partition)];
    CHECK(member.wrong() == "");
    CHECK(GroupView{store, "billing"}.next(partition) == member.acked());
  }
}
