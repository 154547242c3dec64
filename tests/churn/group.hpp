#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "crash/feeder.hpp"
#include "support/kafka_server.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"
#include "support/unique_name.hpp"

namespace tidemark::test {

/// A group of processes that share a topic and a database, and what befalls them while records flow.
class ChurnedGroup {
 public:
  static constexpr std::size_t members = 8;
  static constexpr int partitions = 64;
  static constexpr std::int64_t in_flight = 2 * 20;  ///< Records a member may have in hand: workers × max_records.
  /// Records a partition that wait: all workers have something to do, yet each partition's turn comes within seconds.
  static constexpr std::int64_t backlog = 300;

  enum class Change { join, terminate, kill, pause, freeze };

  /// Counts what happened, and what must not have.
  struct Verdict {
    std::array<int, 5> changes{};
    int idle = 0;                 ///< Changes that met no load: they count for nothing.
    int slow = 0;                 ///< Changes after which some partition stood still for 30 s.
    double longest_recovery = 0;  ///< In seconds.
    std::int64_t records = 0;
    std::int64_t lost = 0;
    std::int64_t replayed = 0;
    std::int64_t replays_allowed = 0;
    int disorder = 0;
    std::string first_disorder;  ///< What the member said about the partition.
    int torn = 0;
    std::int64_t inexact = 0;
    std::string standstill;  ///< Which partitions, and what members noted last.
    std::string wrong;
  };

  explicit ChurnedGroup(std::string strategy);

  Verdict run(int changes);

 private:
  using Positions = std::map<std::int32_t, std::int64_t>;

  /// What a member did with a partition since it became its own.
  struct MemberOrder {
    std::optional<std::int64_t> next;  ///< Where it has to go on.
    bool is_moved = false;             ///< Or later: others have moved the partition on meanwhile.
    std::vector<std::string> said;
  };

  void join();
  void change();
  void freeze_without_lock(Process& process);
  void end(std::size_t index, int signal);
  void await_progress(const Positions& since);
  void take(const Process& process);
  void note_disorder(const MemberOrder& order);
  void note_standstill(const Positions& since);
  void enter(std::int32_t partition, std::int64_t first, std::int64_t last, bool counts);
  void check_moment();
  void judge();
  Positions positions();
  std::int64_t query(const std::string& statement) const;
  std::string path() const { return folder_ / "offsets.db"; }

  std::string strategy_;
  std::string brokers_ = KafkaServer::shared().brokers();
  std::string topic_ = unique_name("churned");
  std::string group_ = unique_name("churned");
  TemporaryFolder folder_;
  std::mt19937 random_{std::random_device{}()};
  std::unique_ptr<Feeder> feeder_;
  std::vector<std::unique_ptr<Process>> members_;
  std::vector<std::vector<bool>> handled_;  ///< Of each partition, which records.
  Verdict verdict_;
};

std::ostream& operator<<(std::ostream& out, const ChurnedGroup::Verdict& verdict);

}  // namespace tidemark::test
