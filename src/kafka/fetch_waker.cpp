#include "kafka/fetch_waker.hpp"

#include "kafka/config.hpp"

namespace tidemark::kafka {
namespace {

constexpr std::chrono::milliseconds least_interval{2};

}  // namespace

FetchWaker::FetchWaker(rd_kafka_t* client) : brokers_{client}, needed_{!has_fetch_backoff()} {}

void FetchWaker::on_read(TimePoint now) {
  read_since_ = true;
  if (needed_ && now - last_ >= least_interval) wake(now);
}

void FetchWaker::before_wait(TimePoint now) {
  if (needed_ && read_since_) wake(now);
}

void FetchWaker::wake(TimePoint now) {
  last_ = now;
  read_since_ = false;
  brokers_.wake();
}

}  // namespace tidemark::kafka
