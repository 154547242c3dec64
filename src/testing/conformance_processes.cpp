#include <charconv>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "testing/child_process.hpp"
#include "testing/commit_race.hpp"
#include "testing/conformance_failure.hpp"
#include "testing/conformance_spec.hpp"
#include "testing/conformance_subject.hpp"

namespace tidemark::testing {

namespace {

const TopicPartition flights0{"flights", 0};

void expect(LineChannel& channel, std::string_view line) {
  if (const auto said = channel.receive(); said != line)
    throw ConformanceFailure{fmt::format("the other process was to say \"{}\" but said \"{}\"", line, said)};
}

std::int64_t number_in(std::string_view text) {
  std::int64_t number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// "from until certain", one a line.
Win win_in(const std::string& line) {
  if (line.starts_with("error: ")) throw ConformanceFailure{"in the other process: " + line.substr(7)};
  const auto first = line.find(' ');
  const auto second = line.find(' ', first + 1);
  if (first == std::string::npos || second == std::string::npos) throw ConformanceFailure{line};
  return {number_in(line), number_in(std::string_view{line}.substr(first + 1)), line.substr(second + 1) == "1"};
}

/// Keeps two processes in step until one of them is done.
class LockStep {
 public:
  explicit LockStep(LineChannel& other) : other_{other} {}

  void meet() {
    if (other_done_) return;
    other_.send("meet");
    other_done_ = next() == "done";
  }
  /// Returns when the other is done too.
  void finish() {
    other_.send("done");
    while (!other_done_) other_done_ = next() == "done";
  }

 private:
  std::string next() {
    auto line = other_.receive();
    if (line != "meet" && line != "done") throw ConformanceFailure{"in the other process: " + line};
    return line;
  }

  LineChannel& other_;
  bool other_done_ = false;
};

void stores_see_each_other(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  const auto other = subject.open_another();
  subject.must_commit({{flights0, 0, 10}});
  if (const auto seen = other->load(subject.session(), std::span{&flights0, 1}).front(); seen != 10)
    throw ConformanceFailure{fmt::format("one store committed {} = 10, another on the same storage loads {}",
                                         text_of(flights0), text_of(seen))};
  const OffsetRange onward{flights0, 10, 20};
  if (other->commit(subject.session(), std::span{&onward, 1}))
    throw ConformanceFailure{"a second store on the same storage could not go on from where the first stopped"};
  subject.must_hold(flights0, 20);
  if (!store.capabilities.compares) return;
  subject.must_conflict({{flights0, 10, 15}}, {flights0, 20});
}

void processes_race(const StoreUnderTest& store) {
  const auto open = store.storage();
  const std::vector<TopicPartition> partitions{flights0, {"flights", 1}};
  const CommitRace race{partitions, 200};
  const GroupSession session{kit_group};

  const auto take_part = [&](OffsetStore& opened, int committer, LineChannel& other) {
    LockStep step{other};
    auto wins = race.run(opened, session, committer, [&] { step.meet(); });
    step.finish();
    return wins;
  };

  // Forked before the store is opened here: many clients do not survive a fork.
  ChildProcess child{[&](LineChannel& parent) {
    expect(parent, "start");
    const auto opened = open();
    for (const auto& win : take_part(*opened, 1, parent))
      parent.send(fmt::format("{} {} {}", win.from, win.until, win.certain ? 1 : 0));
    parent.send("end");
  }};
  const auto opened = open();
  race.prepare(*opened, session);
  child.channel().send("start");
  auto wins = take_part(*opened, 0, child.channel());
  for (auto line = child.channel().receive(); line != "end"; line = child.channel().receive())
    wins.push_back(win_in(line));
  race.judge(wins, *opened, session);
}

/// Opens and uses a store, which must fail with a StoreError; says how it went.
std::string refused_or_not(const OpenStore& open) {
  try {
    const auto opened = open();
    const OffsetRange range{flights0, 0, 10};
    const GroupSession session{kit_group};
    opened->load(session, std::span{&flights0, 1});
    opened->commit(session, std::span{&range, 1});
    return "could open and use the store";
  } catch (const StoreError& error) {
    return std::string_view{error.what()}.empty() ? "met a StoreError without a text" : "refused";
  } catch (const std::exception& error) {
    return fmt::format("met an error that is no StoreError: {}", error.what());
  }
}

void second_opener_is_refused(const StoreUnderTest& store) {
  const auto open = store.storage();
  ChildProcess child{[&](LineChannel& parent) {
    for (int i = 0; i < 2; ++i) {
      expect(parent, "try");
      parent.send(refused_or_not(open));
    }
  }};
  auto opened = open();
  const GroupSession session{kit_group};
  const OffsetRange range{flights0, 0, 5};
  if (opened->commit(session, std::span{&range, 1})) throw ConformanceFailure{"the first commit was a conflict"};

  const auto must_be_refused = [](std::string_view who, const std::string& outcome) {
    if (outcome != "refused")
      throw ConformanceFailure{fmt::format("while the store was open in one process, {} {}", who, outcome)};
  };
  child.channel().send("try");
  must_be_refused("another process", child.channel().receive());
  must_be_refused("the same process, a second time,", refused_or_not(open));
  // Where the lock is of the process and not of the file handle, that last attempt has just let it go.
  child.channel().send("try");
  must_be_refused("another process, after the second attempt,", child.channel().receive());

  const auto stored = opened->load(session, std::span{&flights0, 1}).front();
  if (stored != 5) throw ConformanceFailure{fmt::format("the refused opener changed 5 to {}", text_of(stored))};
}

void killed_process_leaves_its_commit(const StoreUnderTest& store) {
  const auto open = store.storage();
  const GroupSession session{kit_group};
  ChildProcess child{[&](LineChannel& parent) {
    const auto opened = open();
    const OffsetRange range{flights0, 0, 10};
    if (opened->commit(session, std::span{&range, 1})) throw ConformanceFailure{"the first commit was a conflict"};
    parent.send("committed");
    parent.receive();  // never said: the end comes by SIGKILL
  }};
  expect(child.channel(), "committed");
  child.kill();
  const auto opened = open();
  const auto stored = opened->load(session, std::span{&flights0, 1}).front();
  if (stored != 10)
    throw ConformanceFailure{fmt::format("a process committed {} = 10 and was killed; the next one loads {}",
                                         text_of(flights0), text_of(stored))};
  const OffsetRange onward{flights0, 10, 20};
  if (opened->commit(session, std::span{&onward, 1}))
    throw ConformanceFailure{"after a process was killed, the next one could not go on from its commit"};
}

}  // namespace

std::vector<ConformanceSpec> process_checks() {
  return {
      {"two stores open on the same storage see each other's commits", {Need::many_processes}, stores_see_each_other},
      {"of two processes exactly one moves each range", {Need::many_processes, Need::comparing}, processes_race},
      {"whoever opens the storage second is refused with a StoreError", {Need::one_process}, second_opener_is_refused},
      {"what a killed process committed is there for the next",
       {Need::reopening, Need::another_process},
       killed_process_leaves_its_commit}};
}

}  // namespace tidemark::testing
