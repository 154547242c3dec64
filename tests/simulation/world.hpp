#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "checker.hpp"
#include "cluster/cluster.hpp"
#include "core/invariant.hpp"
#include "plan.hpp"
#include "run.hpp"
#include "scheduler.hpp"
#include "store.hpp"

namespace simulation {

/// Everything there is in a run: cluster, store, members, producers, and the faults that befall them.
class World {
 public:
  struct Result {
    Anomalies anomalies;
    std::size_t records = 0;
    std::size_t repeated = 0;
    std::uint64_t trace = 0;
    std::uint64_t steps = 0;
    Time time{};
    std::map<Fault, std::size_t> faults;
  };

  explicit World(const Plan& plan, bool is_verbose = false);
  ~World();

  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Result run();
  /// Whether nothing of it runs any more. It must not be destroyed before.
  bool is_over() const;

 private:
  // ---- members
  Run& start_member();
  void live(Run& run);
  void on_end(Run& run);
  void check_reason(const Run& run, const std::exception_ptr& error);
  void stop(Run& run);
  void pause(Run& run, bool paused);
  void kill(Run& run);
  void freeze(Run& run, Time time);
  void step_clock(Run& run, Time by);
  void keep_members();
  std::vector<Run*> alive() const;
  Run* any_member();

  // ---- producers
  void produce();
  void produce_one();
  void produce_everywhere();
  void produce_to(Log& log);
  /// Enough was handled, and every fault had its load.
  bool is_enough() const {
    return checker_.handled() + checker_.dead() >= plan_.records && faults_done_ == plan_.faults.size() &&
           remakes_under_way_ == 0;
  }
  std::int64_t backlog();

  // ---- faults
  void next_fault();
  bool commit_fault(Fault fault);
  bool commit_group_fault(Fault fault);
  bool commit_store_fault(Fault fault);
  bool commit_log_fault(Fault fault);
  void lose_leader(Log& log);
  void remake(Log& log);
  bool damage(Log& log);
  void repair(Log& log);
  bool truncate(Log& log);
  bool reset(bool back);
  void set_mood(const Store::Mood& mood, Time until_after);

  /// For the code under test: an assertion does not hold. The world stands still then, and the run ends.
  static void on_broken(const tidemark::core::BrokenAssertion& broken);

  // ---- the end
  void heal();
  bool is_all_stored();
  void end_all();

  static inline World* current_ = nullptr;

  const Plan& plan_;
  Scheduler scheduler_;
  Cluster cluster_;
  Store::Stored stored_;
  Checker checker_;
  Store store_;
  std::deque<std::unique_ptr<Run>> runs_;
  std::size_t wanted_;
  bool is_healing_ = false;
  bool is_ending_ = false;
  Time last_produced_{};
  std::size_t faults_done_ = 0;
  std::size_t attempts_ = 0;
  std::size_t remakes_under_way_ = 0;
  Time last_fault_{};
  std::size_t resets_ = 0;
  std::map<Fault, std::size_t> faults_;
};

}  // namespace simulation
