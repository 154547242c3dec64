#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "cluster/event.hpp"
#include "cluster/queue.hpp"
#include "scheduler.hpp"

namespace simulation {

class Cluster;
class Log;

/// librdkafka's consumer, as far as its behaviour is known to matter: one rebalance at a time that waits for its answer, fetchers
/// that stop later than asked and forget where their queue was forwarded to, messages from before that are dropped when popped; until a
/// rebalance is answered nothing is fetched, and what was prefetched is fetched again; once it is closed, it answers no question any more.
class Client {
 public:
  using Partitions = std::set<tidemark::TopicPartition>;
  using Starts = std::map<tidemark::TopicPartition, std::int64_t>;

  Client(Cluster& cluster, Process& process);
  ~Client();

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Process& process() { return process_; }
  /// The configuration that it was made with.
  void set_conf(rd_kafka_conf_t* conf) { conf_ = conf; }
  rd_kafka_conf_t* conf() const { return conf_; }
  const std::shared_ptr<Queue>& main_queue() { return main_; }
  Toppar& toppar(const tidemark::TopicPartition& partition);
  rd_kafka_topic_t* topic(const std::string& name);

  // ---- what the application calls

  void subscribe();
  void assign_all(const Starts& starts);
  void unassign_all();
  bool assign_more(const Starts& starts);
  bool unassign(const Partitions& partitions);
  /// Once the client's own thread has served everything that was asked of it before.
  void wait_for_turn();
  bool is_subscribed() const { return is_subscribed_; }
  bool is_lost() const { return is_lost_; }
  /// Whether the application was asked to give partitions up, and has yet to answer.
  bool is_asked_to_give() const { return waiting_ == Waiting::for_unassign && !is_answered_; }
  bool has_assigned(const tidemark::TopicPartition& partition) const {
    const auto found = toppars_.find(partition);
    return found != toppars_.end() && found->second.is_assigned;
  }
  /// Its thread, which sends the heartbeats, sleeps on by so much, unless somebody asks it something.
  void oversleep(Time time);
  void wake_up();
  /// When the application was last asked to give partitions up.
  Time asked_at() const { return asked_at_; }
  void close();
  bool is_closed() const { return is_closed_; }
  /// What it reads, as the application said.
  Partitions assigned() const;
  /// What the group gave it.
  const Partitions& has() const { return has_; }
  /// The group has put it out, and it has yet to give up all it has.
  bool is_out() const { return is_out_; }
  void fetch_soon();
  void consumed(const Toppar& toppar);
  /// Calls this whenever records of a broker have come.
  void on_fetched(std::function<void(std::int32_t broker)> told) { on_fetched_ = std::move(told); }

  // ---- what brokers tell

  void hear_of_rebalance();
  void hear_of_assignment(int generation, const Partitions& partitions);
  void hear_of_expulsion();
  void look_for(const tidemark::TopicPartition& partition);
  /// The partition's log was truncated to `end`. Returns what it would have read next, if that lies above.
  std::optional<std::int64_t> hear_of_truncation(const tidemark::TopicPartition& partition, std::int64_t end);
  /// An error event, soon.
  void report(rd_kafka_resp_err_t code, bool is_fatal);
  /// It can't even leave the group any more.
  bool is_fatal() const { return is_fatal_; }

 private:
  enum class Waiting { no, for_assign, for_unassign };

  void request(std::function<void()> job);
  void serve();
  void start(const tidemark::TopicPartition& partition, std::int64_t offset);
  void stop(Toppar& toppar);
  void stopped(Toppar& toppar);
  void begin(Toppar& toppar);
  void fetch();
  bool fetch(Toppar& toppar);
  void hold_back();
  void meet_damage(Toppar& toppar, const Log& log, std::int64_t offset);
  void push_error(Toppar& toppar, rd_kafka_resp_err_t code, std::int64_t offset, const std::string& text = "simulated");

  void answered(Waiting by);
  void go_on();
  void ask(Waiting answer, Partitions partitions);
  void rejoin();
  void soon(void (Client::*what)());

  Cluster& cluster_;
  Scheduler& scheduler_;
  Process& process_;
  rd_kafka_conf_t* conf_ = nullptr;
  std::shared_ptr<Queue> main_ = std::make_shared<Queue>();
  std::map<tidemark::TopicPartition, Toppar> toppars_;
  std::map<std::string, rd_kafka_topic_t*> topics_;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);

  std::deque<std::function<void()>> requests_;
  std::function<void(std::int32_t broker)> on_fetched_;
  bool is_serving_ = false;
  bool is_asleep_ = false;
  std::uint64_t sleeps_ = 0;
  bool is_fetch_due_ = false;

  bool is_subscribed_ = false;
  Waiting waiting_ = Waiting::no;  // for the application's answer to a rebalance
  Partitions has_;
  bool is_answered_ = false;  // but its fetchers have yet to stop
  bool is_lost_ = false;
  bool is_out_ = false;
  bool rejoins_ = false;
  bool is_closing_ = false;
  bool is_closed_ = false;
  bool is_fatal_ = false;
  int generation_ = 0;
  Time asked_at_{0};
  std::optional<Partitions> assigned_next_;  // after what is to be revoked first
};

}  // namespace simulation
