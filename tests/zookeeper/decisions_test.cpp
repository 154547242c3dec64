#include <string>

#include "stores/zookeeper/layout.hpp"
#include "stores/zookeeper/request_size.hpp"
#include "stores/zookeeper/target.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::detail;

namespace {

ZooKeeperNode holding(const char* text, std::int32_t version) { return {true, version, text}; }

const ZooKeeperNode nothing{};
const ZooKeeperTarget commit{.from = 100, .until = 200};
const ZooKeeperTarget set{.from = std::nullopt, .until = 200};
const ZooKeeperTarget erase{};

}  // namespace

TEST_CASE("a commit moves what stands where it begins, and what is absent", "[zookeeper]") {
  CHECK(next_step(commit, holding("100", 7), nullptr) == ZooKeeperStep::write);
  CHECK(next_step(commit, nothing, nullptr) == ZooKeeperStep::write);
  CHECK(next_step(commit, holding("200", 7), nullptr) == ZooKeeperStep::keep);
  CHECK(next_step(commit, holding("150", 7), nullptr) == ZooKeeperStep::conflict);
}

TEST_CASE("after a lost reply only what was not written to since is written again", "[zookeeper]") {
  const auto before = holding("100", 7);
  CHECK(next_step(commit, holding("100", 7), &before) == ZooKeeperStep::write);
  CHECK(next_step(commit, holding("200", 8), &before) == ZooKeeperStep::keep);
  CHECK(next_step(commit, holding("100", 9), &before) == ZooKeeperStep::conflict);
  CHECK(next_step(commit, holding("300", 9), &before) == ZooKeeperStep::conflict);
  CHECK(next_step(commit, nothing, &before) == ZooKeeperStep::conflict);
  CHECK(next_step(commit, nothing, &nothing) == ZooKeeperStep::write);
  CHECK(next_step(commit, holding("100", 1), &nothing) == ZooKeeperStep::conflict);
  CHECK(next_step(set, holding("100", 9), &before) == ZooKeeperStep::conflict);
  CHECK(next_step(erase, holding("100", 9), &before) == ZooKeeperStep::conflict);
}

TEST_CASE("the catalog's changes compare with nothing, and mend what is no offset", "[zookeeper]") {
  CHECK(next_step(set, holding("garbage", 7), nullptr) == ZooKeeperStep::write);
  CHECK(next_step(set, nothing, nullptr) == ZooKeeperStep::write);
  CHECK(next_step(set, holding("200", 7), nullptr) == ZooKeeperStep::keep);
  CHECK(next_step(erase, holding("garbage", 7), nullptr) == ZooKeeperStep::remove);
  CHECK(next_step(erase, nothing, nullptr) == ZooKeeperStep::keep);
}

TEST_CASE("a path's lineage is what has to be there for it", "[zookeeper]") {
  CHECK(ZooKeeperLayout::lineage("/a/bc/d") == std::vector<std::string>{"/a", "/a/bc", "/a/bc/d"});
  const ZooKeeperLayout layout{"/kafka"};
  CHECK(layout.topic("g", "t") == "/kafka/consumers/g/offsets/t");
  CHECK(ZooKeeperLayout::partition("/t", 2'147'483'647) == "/t/2147483647");
}

TEST_CASE("names are good that ZooKeeper takes", "[zookeeper]") {
  for (const auto* name : {"a", "...", "a.b", "a b", "%", "caf\u00e9", "\u4ed5\u5206\u3051", "\ufeffa", "zookeeper"})
    CHECK(zookeeper_name_fault(name) == nullptr);
  for (const auto* name :
       {"", ".", "..", "/", "a/", "\x1f", "\u0085", "\ue000", "\uffff", "\U0001F6EB", "\xc3", "\xe4\xb8", "\x80"})
    CHECK(zookeeper_name_fault(name) != nullptr);
}

TEST_CASE("a request's size is counted as it goes over the wire", "[zookeeper]") {
  const ZooKeeperChange set_one{ZooKeeperChange::Kind::set, "/a", 3, "12"};
  // xid, type; {type, done, err}; path; data; version; {type, done, err}
  CHECK(zookeeper_request_size({&set_one, 1}, {}) == 8 + 9 + (4 + 2) + (4 + 2) + 4 + 9);
  const ZooKeeperChange check{ZooKeeperChange::Kind::check, "/a", 3};
  CHECK(zookeeper_request_size({&check, 1}, {}) == 8 + 9 + (4 + 2) + 4 + 9);
}
