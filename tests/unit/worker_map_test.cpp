#include "core/worker_map.hpp"

#include <set>

#include "support/catch.hpp"

using tidemark::TopicPartition;
using tidemark::core::WorkerMap;

TEST_CASE("new partitions go to the worker that has the fewest", "[unit]") {
  WorkerMap map{3};
  std::multiset<std::size_t> workers;
  for (int i = 0; i < 9; ++i) workers.insert(map.place({"orders", i}));
  for (std::size_t worker = 0; worker < 3; ++worker) CHECK(workers.count(worker) == 3);
}

TEST_CASE("a partition stays with its worker until that has let go of it", "[unit]") {
  WorkerMap map{2};
  const TopicPartition partition{"orders", 7};
  const auto worker = map.place(partition);
  map.place({"orders", 1});
  map.place({"orders", 2});
  CHECK(map.place(partition) == worker);
}

TEST_CASE("a released partition's place is free for the next", "[unit]") {
  WorkerMap map{2};
  const auto first = map.place({"orders", 0});
  map.place({"orders", 1});
  map.release({"orders", 0});
  CHECK(map.place({"orders", 2}) == first);
}

TEST_CASE("asking twice for a place counts once, and so does releasing", "[unit]") {
  WorkerMap map{2};
  const auto first = map.place({"orders", 0});
  map.place({"orders", 0});
  map.place({"orders", 0});
  CHECK(map.place({"orders", 1}) != first);
  map.release({"orders", 0});
  map.release({"orders", 0});
  map.release({"payments", 0});
  CHECK(map.place({"orders", 2}) == first);
  CHECK(map.place({"orders", 3}) != map.place({"orders", 4}));
}

TEST_CASE("the same partition number of two topics is two partitions", "[unit]") {
  WorkerMap map{2};
  CHECK(map.place({"orders", 0}) != map.place({"payments", 0}));
}

TEST_CASE("one worker has them all", "[unit]") {
  WorkerMap map{1};
  for (int i = 0; i < 5; ++i) CHECK(map.place({"orders", i}) == 0);
}
