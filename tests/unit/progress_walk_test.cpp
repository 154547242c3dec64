#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>

#include "core/progress.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::core;

namespace {

/// Does anything to a Progress, in any order, and keeps its own books of what must come out.
class Walk {
 public:
  explicit Walk(std::uint32_t seed) : random_{seed} {}

  void step() {
    const auto partition = any_partition();
    switch (below(24)) {
      case 0:
      case 20:
      case 21:
      case 22:
        return own(partition);
      case 1:
        return close(partition);
      case 2:
        return forget(partition);
      case 3:
        return park(partition);
      case 4:
        return pause(partition);
      case 5:
        return reach_end(partition);
      case 6:
      case 7:
        return cut();
      case 8:
        return land(true);
      case 9:
        return land(false);
      default:
        return take(partition);
    }
  }

  void check() {
    std::vector<PartitionStart> positions;
    for (const auto& [partition, book] : books_) positions.push_back({partition, book.committed, next_of(book)});
    REQUIRE(progress_.positions() == positions);
    for (const auto& batch : in_flight_) check_valid(batch);
    for (const auto& [partition, book] : books_) {
      const auto* cursor = progress_.find(partition);
      REQUIRE(cursor != nullptr);
      REQUIRE(cursor->is_open() == book.open);
      REQUIRE(cursor->is_settled() == (book.in_flight == 0 && next_of(book) == book.handed));
    }
  }

  /// Hands out and lands all that there is, so that nothing that was taken may be left.
  void finish() {
    cut();
    while (!in_flight_.empty()) land(true);
    check();
    for (const auto& [partition, book] : books_) REQUIRE(progress_.find(partition)->is_settled());
  }

  std::size_t records_handed() const { return records_handed_; }
  std::size_t claims_voided() const { return claims_voided_; }

 private:
  struct Book {
    std::uint64_t ownership = 0;
    std::int64_t committed = 0;
    std::int64_t handed = 0;
    std::int64_t start = 0;
    std::set<std::int64_t> taken;  // and not cut yet
    std::int64_t end = 0;          // reported, and not cut yet
    std::size_t in_flight = 0;
    bool started = false;  // the start was cut, or undone
    bool open = true;
    bool leaving = false;
    bool parked = false;
  };

  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_); }
  TopicPartition any_partition() { return {"orders", static_cast<std::int32_t>(below(3))}; }

  static std::int64_t next_of(const Book& book) {
    auto next = book.started ? book.handed : book.start;
    if (!book.taken.empty()) next = std::max(next, *book.taken.rbegin() + 1);
    return std::max(next, book.end);
  }

  static void undo(Book& book) {
    book.taken.clear();
    book.end = 0;
    book.started = true;
    book.open = false;
  }

  void own(const TopicPartition& partition) {
    const auto stored = static_cast<std::int64_t>(below(1'000));
    const auto next = below(3) == 0 ? static_cast<std::int64_t>(below(1'000)) : stored;
    progress_.own(partition, stored, next);
    books_[partition] = {.ownership = ++ownerships_, .committed = stored, .handed = stored, .start = next, .taken = {}};
  }

  void take(const TopicPartition& partition) {
    auto* cursor = progress_.find(partition);
    REQUIRE((cursor != nullptr) == books_.contains(partition));
    if (cursor == nullptr) return;
    auto& book = books_.at(partition);
    if (cursor->steps_back()) cut();  // nothing may be taken before that
    const auto offset = std::max<std::int64_t>(next_of(book) - 2 + static_cast<std::int64_t>(below(6)), 0);
    const bool is_wanted = book.open && offset >= next_of(book);
    REQUIRE(cursor->take(offset) == is_wanted);
    if (is_wanted) book.taken.insert(offset);
  }

  void reach_end(const TopicPartition& partition) {
    auto* cursor = progress_.find(partition);
    if (cursor == nullptr) return;
    auto& book = books_.at(partition);
    const auto offset = std::max<std::int64_t>(next_of(book) - 1 + static_cast<std::int64_t>(below(3)), 0);
    const bool is_news = book.open && offset > next_of(book);
    REQUIRE(cursor->reach_end(offset) == is_news);
    if (is_news) book.end = offset;
  }

  void cut() {
    const auto claims = progress_.cut();
    std::set<TopicPartition> claimed;
    for (const auto& [range, ownership, batches] : claims) {
      REQUIRE(batches == 1);
      REQUIRE(claimed.insert(range.partition).second);
      auto& book = books_.at(range.partition);
      REQUIRE(ownership == book.ownership);
      REQUIRE(range.from == book.handed);     // the chain is unbroken
      REQUIRE(range.until == next_of(book));  // nothing is skipped, and nothing ahead of what was taken
      records_handed_ += book.taken.size();
      book.taken.clear();
      book.end = 0;
      book.started = true;
      book.handed = range.until;
      ++book.in_flight;
    }
    for (const auto& [partition, book] : books_)
      if (!claimed.contains(partition)) REQUIRE(next_of(book) == book.handed);
    if (!claims.empty()) in_flight_.push_back(claims);
  }

  void check_valid(const std::vector<Claim>& claims) {
    std::vector<Claim> valid;
    std::vector<Claim> leaving;
    for (const auto& claim : claims) {
      const auto found = books_.find(claim.range.partition);
      if (found == books_.end() || found->second.ownership != claim.ownership) continue;
      if (!found->second.parked) valid.push_back(claim);
      if (found->second.leaving) leaving.push_back(claim);
    }
    REQUIRE(progress_.valid(claims) == valid);
    REQUIRE(progress_.leaving(claims) == leaving);
  }

  void land(bool committed) {
    if (in_flight_.empty()) return;
    std::vector<Claim> claims;  // of one batch, or of some that are committed together
    for (auto batches = 1 + below(3); batches > 0 && !in_flight_.empty(); --batches) {
      merge(claims, in_flight_.front());
      in_flight_.pop_front();
    }
    // What is not committed of a partition that is read on was refused: nothing behind it may be committed, either.
    if (!committed)
      for (const auto& claim : progress_.valid(claims))
        if (!books_.at(claim.range.partition).leaving) park(claim.range.partition);
    const auto valid = committed ? progress_.valid(claims) : std::vector<Claim>{};
    std::erase_if(claims, [&](const Claim& claim) { return std::ranges::find(valid, claim) != valid.end(); });
    land(valid, true);
    land(claims, false);
  }

  void land(const std::vector<Claim>& claims, bool committed) {
    std::vector<TopicPartition> gone;
    for (const auto& claim : claims) {
      const auto found = books_.find(claim.range.partition);
      if (found == books_.end() || found->second.ownership != claim.ownership) {
        ++claims_voided_;
        continue;
      }
      auto& book = found->second;
      if (committed) book.committed = claim.range.until;
      book.in_flight -= claim.batches;
      if (book.in_flight == 0 && book.leaving) {
        gone.push_back(claim.range.partition);
        books_.erase(found);
      }
    }
    REQUIRE((committed ? progress_.settle(claims) : progress_.drop(claims)) == gone);
  }

  void close(const TopicPartition& partition) {
    const auto found = books_.find(partition);
    const bool gone = found == books_.end() || found->second.in_flight == 0;
    REQUIRE(progress_.close(partition) == gone);
    if (found == books_.end()) return;
    undo(found->second);
    found->second.leaving = true;
    if (gone) books_.erase(found);
  }

  void forget(const TopicPartition& partition) {
    progress_.forget(partition);
    books_.erase(partition);
    REQUIRE_FALSE(progress_.owns(partition));
  }

  void park(const TopicPartition& partition) {
    progress_.park(partition);
    const auto found = books_.find(partition);
    if (found == books_.end()) return;
    undo(found->second);
    found->second.parked = true;
  }

  void pause(const TopicPartition& partition) {
    if (auto* cursor = progress_.find(partition)) {
      cursor->pause();
      books_.at(partition).open = false;
    }
  }

  std::mt19937 random_;
  Progress progress_;
  std::map<TopicPartition, Book> books_;
  std::deque<std::vector<Claim>> in_flight_;
  std::uint64_t ownerships_ = 0;
  std::size_t records_handed_ = 0;
  std::size_t claims_voided_ = 0;
};

}  // namespace

TEST_CASE("whatever happens in whatever order, chains stay unbroken and old claims void", "[unit]") {
  std::size_t records = 0;
  std::size_t voided = 0;
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    INFO("seed " << seed);
    Walk walk{seed};
    for (int i = 0; i < 200; ++i) {
      walk.step();
      walk.check();
    }
    walk.finish();
    records += walk.records_handed();
    voided += walk.claims_voided();
  }
  CHECK(records > 5'000);  // else the walk went nowhere
  CHECK(voided > 500);
}
