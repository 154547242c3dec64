#include "core/silence_meter.hpp"

#include <chrono>
#include <vector>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::core;

namespace {

const TopicPartition orders{"orders", 0};
const TopicPartition payments{"payments", 0};

/// Looks once a second, at a meter of 10 s.
struct Scene {
  Progress progress;
  SilenceMeter meter{10s};
  SilenceMeter::TimePoint now{1h};
  bool is_held = false;
  std::vector<std::pair<TopicPartition, std::chrono::milliseconds>> told;

  Scene() { progress.own(orders, 5, 5); }

  void pass(std::chrono::seconds time, std::chrono::seconds step = 1s) {
    for (const auto end = now + time; now < end;) {
      now += step;
      meter.look(
          progress, now, [this](const TopicPartition&) { return is_held; },
          [this](const TopicPartition& partition, std::int64_t next, std::chrono::milliseconds quiet_for) {
            CHECK(next == progress.find(partition)->next());
            told.emplace_back(partition, quiet_for);
          });
    }
  }
};

}  // namespace

TEST_CASE("a partition of which nothing comes is told of, again and again", "[unit]") {
  Scene scene;
  scene.pass(9s);
  CHECK(scene.told.empty());
  scene.pass(5s);
  REQUIRE(scene.told.size() == 1);
  CHECK(scene.told.front().first == orders);
  CHECK(scene.told.front().second >= 10s);
  scene.pass(20s);
  CHECK(scene.told.size() == 3);
}

TEST_CASE("a record ends the silence, and so does word that there is none", "[unit]") {
  Scene scene;
  for (int record = 5; record < 15; ++record) {
    scene.pass(8s);
    CHECK(scene.progress.find(orders)->take(record));
  }
  CHECK(scene.told.empty());
  CHECK_FALSE(scene.progress.find(orders)->reach_end(15));
  scene.pass(1min);
  CHECK(scene.told.empty());
}

TEST_CASE("others that get on do not hide the one that does not", "[unit]") {
  Scene scene;
  scene.progress.own(payments, 0, 0);
  for (int record = 0; record < 14; ++record) {
    CHECK(scene.progress.find(payments)->take(record));
    scene.pass(1s);
  }
  REQUIRE(scene.told.size() == 1);
  CHECK(scene.told.front().first == orders);
}

TEST_CASE("time in which nobody looks counts little: fetchers rest while a worker is busy", "[unit]") {
  Scene scene;
  scene.pass(4s);
  scene.pass(3600s, 3600s);
  CHECK(scene.told.empty());
  scene.pass(300s, 60s);
  CHECK(scene.told.size() == 2);
}

TEST_CASE("what is held back as it was asked to be is not silent, nor what is parked", "[unit]") {
  Scene scene;
  scene.is_held = true;
  scene.pass(1min);
  scene.is_held = false;
  scene.progress.find(orders)->pause();
  scene.pass(1min);
  CHECK(scene.told.empty());
}
