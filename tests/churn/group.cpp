#include "churn/group.hpp"

#include <algorithm>
#include <csignal>
#include <deque>
#include <numeric>
#include <ostream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tidemark/stores/sqlite.hpp>

#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"

using namespace std::chrono_literals;

namespace tidemark::test {

std::ostream& operator<<(std::ostream& out, const ChurnedGroup::Verdict& v) {
  return out << fmt::format(
             "churn: {} changes ({} joins, {} SIGTERM, {} SIGKILL, {} SIGSTOP within and {} beyond the session), {} "
             "records, {} "
             "lost, {} replayed of {} allowed, {} out of order{}, {} torn, {} inexact, {} slow (longest recovery "
             "{:.1f} "
             "s), {} idle {}{}",
             std::accumulate(v.changes.begin(), v.changes.end(), 0), v.changes[0], v.changes[1], v.changes[2],
             v.changes[3], v.changes[4], v.records, v.lost, v.replayed, v.replays_allowed, v.disorder, v.first_disorder,
             v.torn, v.inexact, v.slow, v.longest_recovery, v.idle, v.wrong, v.standstill);
}

ChurnedGroup::ChurnedGroup(std::string strategy) : strategy_{std::move(strategy)}, handled_(partitions) {
  KafkaAdmin{brokers_}.create_topic(topic_, partitions);
  SqliteOffsetStore{path()}.execute(
      "create table seen(partition integer, next integer, times integer, primary key(partition, next)) without rowid;"
      "create table totals(partition integer primary key, records integer)");
}

ChurnedGroup::Verdict ChurnedGroup::run(int changes) {
  feeder_ = std::make_unique<Feeder>(brokers_, topic_, partitions, backlog);
  for (std::size_t i = 0; i < members; ++i) join();
  verdict_.changes = {};
  await_progress({});
  while (std::accumulate(verdict_.changes.begin(), verdict_.changes.end(), 0) < changes) change();
  feeder_->stop();
  const auto end = feeder_->acknowledged();
  verdict_.records = end * partitions;
  const auto is_complete = [&] {
    const auto all = positions();
    return all.size() == partitions && std::ranges::all_of(all, [&](const auto& one) { return one.second == end; });
  };
  if (!eventually(is_complete, 5min)) {
    verdict_.wrong += "not everything was read in the end; ";
    note_standstill(positions());
  }
  while (!members_.empty()) this->end(members_.size() - 1, SIGTERM);
  judge();
  return verdict_;
}

void ChurnedGroup::join() {
  Process::Options options;
  options.command = {TIDEMARK_CHURN_MEMBER, brokers_, topic_, group_, strategy_, path()};
  members_.push_back(std::make_unique<Process>(options));
  ++verdict_.changes[static_cast<std::size_t>(Change::join)];
  const auto& joined = *members_.back();
  if (!eventually([&] { return joined.output().find("own ") != std::string::npos; })) ++verdict_.slow;
}

void ChurnedGroup::change() {
  check_moment();
  Positions before;
  const bool has_load = eventually([&] {
    before = positions();
    return before.size() < partitions ||
           std::ranges::any_of(before, [&](const auto& one) { return one.second < feeder_->acknowledged(); });
  });
  if (!has_load) ++verdict_.idle;
  const auto draw = [&](std::size_t count) {
    return std::uniform_int_distribution<std::size_t>{0, count - 1}(random_);
  };
  auto kind = static_cast<Change>(draw(5));
  if (kind == Change::join && members_.size() >= members) kind = Change::kill;
  if (kind != Change::join && members_.size() <= members / 2) kind = Change::join;
  if (kind == Change::join) return join(), await_progress(before);
  const auto victim = draw(members_.size());
  ++verdict_.changes[static_cast<std::size_t>(kind)];
  auto& process = *members_[victim];
  switch (kind) {
    case Change::terminate:
      end(victim, SIGTERM);
      break;
    case Change::kill:
      end(victim, SIGKILL);
      verdict_.replays_allowed += in_flight;
      break;
    case Change::pause:  // shorter than its session
      process.freeze();
      static_cast<void>(eventually([&] { return positions().empty(); }, 1s));
      process.thaw();
      break;
    case Change::freeze:  // until others have what it had
      freeze_without_lock(process);
      await_progress(before);
      process.thaw();
      verdict_.replays_allowed += 2 * in_flight;  // and what it goes on with before it is told
      break;
    case Change::join:
      break;
  }
  await_progress(before);
}

/// Not in the middle of a transaction: the lock of SQLite that it would hold is everybody's.
void ChurnedGroup::freeze_without_lock(Process& process) {
  SqliteOffsetStoreOptions options{.path = path()};
  options.busy_timeout = 500ms;
  const auto is_writable = [&] {
    process.freeze();
    try {
      SqliteOffsetStore{options}.execute("update totals set records = records where false");
      return true;
    } catch (const StoreError&) {
      process.thaw();
      return false;
    }
  };
  if (!eventually(is_writable)) verdict_.wrong += "a member was never without SQLite's lock; ";
}

void ChurnedGroup::end(std::size_t index, int signal) {
  auto& process = *members_[index];
  process.send(signal);
  const auto ended = process.wait(60s);
  const auto wanted = signal == SIGKILL ? ExitStatus{.signal = SIGKILL} : ExitStatus{.code = 0};
  if (ended != wanted)
    verdict_.wrong +=
        (ended ? "a member did not end as it should: " : "a member did not end: ") + process.output() + "; ";
  take(process);
  members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(index));
}

/// Every partition has somebody who moves it on.
void ChurnedGroup::await_progress(const Positions& since) {
  const auto began = std::chrono::steady_clock::now();
  const bool recovered = eventually([&] {
    const auto now = positions();
    return now.size() == partitions && std::ranges::all_of(now, [&](const auto& one) {
             const auto found = since.find(one.first);
             return found == since.end() || one.second > found->second;
           });
  });
  if (!recovered) {
    ++verdict_.slow;
    note_standstill(since);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  verdict_.longest_recovery = std::max(verdict_.longest_recovery, took.count());
}

/// For whoever looks for the cause of the first one.
void ChurnedGroup::note_standstill(const Positions& since) {
  if (!verdict_.standstill.empty()) return;
  for (const auto& [partition, next] : positions())
    if (const auto found = since.find(partition); found != since.end() && next <= found->second)
      verdict_.standstill += fmt::format("\n  partition {} stands still at {}", partition, next);
  for (const auto& member : members_) {
    std::istringstream text{member->output()};
    std::deque<std::string> last;
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with("handled")) continue;
      last.push_back(line);
      if (last.size() > 40) last.pop_front();
    }
    verdict_.standstill += fmt::format("\n  process {}: {}", member->pid(), fmt::join(last, " | "));
  }
}

/// Enters what a process that has ended did. A torn last line does not count: its handler had not returned.
void ChurnedGroup::take(const Process& process) {
  const auto output = process.output();
  std::istringstream text{output.substr(0, output.rfind('\n') + 1)};
  std::map<std::int32_t, MemberOrder> orders;
  for (std::string line; std::getline(text, line);) {
    std::istringstream words{line};
    std::string what;
    std::int32_t partition = 0;
    words >> what >> partition;
    if (what.starts_with("wrong")) verdict_.wrong += line + "; ";
    if (what == "own") orders.erase(partition);
    auto& order = orders[partition];
    order.said.push_back(line);
    if (what == "refused") {
      std::int64_t stored = 0;
      words >> stored;
      order.is_moved = true;
      order.next = stored;
    } else if (what == "handled") {
      std::int64_t first = 0;
      std::int64_t last = 0;
      int attempt = 0;
      words >> first >> last >> attempt;
      enter(partition, first, last, attempt == 1);
      // A later attempt may be of the rest of a batch, after a conflict.
      if (attempt == 1 && order.next && (order.is_moved ? first < order.next : first != order.next))
        note_disorder(order);
      order.next = last + 1;
      order.is_moved = false;
    }
  }
}

void ChurnedGroup::note_disorder(const MemberOrder& order) {
  if (++verdict_.disorder > 1) return;
  const auto count = std::min<std::size_t>(order.said.size(), 8);
  verdict_.first_disorder =
      fmt::format(" ({})", fmt::join(order.said.end() - static_cast<std::ptrdiff_t>(count), order.said.end(), ", "));
}

void ChurnedGroup::enter(std::int32_t partition, std::int64_t first, std::int64_t last, bool counts) {
  auto& times = handled_[static_cast<std::size_t>(partition)];
  if (static_cast<std::size_t>(last) >= times.size()) times.resize(static_cast<std::size_t>(last) + 1);
  for (auto offset = first; offset <= last; ++offset) {
    auto is_handled = times[static_cast<std::size_t>(offset)];
    if (is_handled && counts) ++verdict_.replayed;
    is_handled = true;
  }
}

/// Results and offsets of one snapshot.
void ChurnedGroup::check_moment() {
  verdict_.torn += static_cast<int>(query(
      "select count(*) from tidemark_offsets as o where next_offset <> coalesce((select records from totals as t where "
      "t.partition = o.partition), 0)"));
}

void ChurnedGroup::judge() {
  check_moment();
  const auto end = feeder_->acknowledged();
  for (const auto& times : handled_) {
    verdict_.lost += end - static_cast<std::int64_t>(times.size());
    verdict_.lost += std::ranges::count(times, false);
  }
  verdict_.inexact = query("select count(*) from seen where times <> 1");
  verdict_.inexact += query(fmt::format("select count(*) from totals where records <> {}", end));
  verdict_.inexact += partitions - query("select count(*) from totals");
}

/// And tells the feeder.
ChurnedGroup::Positions ChurnedGroup::positions() {
  Positions positions;
  for (const auto& row : SqliteOffsetStore{path()}.query("select partition, next_offset from tidemark_offsets"))
    positions[row.get<std::int32_t>(0)] = row.get<std::int64_t>(1);
  if (positions.size() == partitions)
    feeder_->on_read(std::ranges::min_element(positions, {}, [](const auto& one) { return one.second; })->second);
  return positions;
}

std::int64_t ChurnedGroup::query(const std::string& statement) const {
  return SqliteOffsetStore{path()}.query(statement).at(0).get<std::int64_t>(0);
}

}  // namespace tidemark::test
