#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "testing/conformance_failure.hpp"
#include "testing/conformance_spec.hpp"
#include "testing/conformance_subject.hpp"

namespace tidemark::testing {

namespace {

using namespace std::string_literals;

struct Place {
  std::string group;
  TopicPartition partition;
};

/// Kafka allows letters, digits, '.', '_' and '-' in a topic, up to 249 of them.
std::vector<std::string> allowed_topics() {
  return {"flights",
          "Flights",
          "FLIGHTS",
          "a.b",
          "a_b",
          "a-b",
          "a-0",
          std::string(249, 'x'),
          std::string(248, 'x'),
          "__internal",
          "...",
          "a.b-1",
          "0",
          "-",
          "null",
          "offsets",
          "tmp.json",
          "-rf",
          "LOCK",
          "tidemark_offsets"};
}

/// Each is there to break an encoding: separators, quotes, patterns, paths, control bytes, look-alikes.
std::vector<std::string> odd_names() {
  return {"",
          " ",
          "a",
          "a ",
          " a",
          "A",
          ".",
          "..",
          "../../etc/passwd",
          "/",
          "a/b",
          "a%2Fb",
          "a%2fb",
          "%",
          "%s%n%d",
          "_",
          "a%",
          "a_",
          "*",
          "?",
          "[a]",
          "a:b",
          "a;b",
          "a,b",
          "a=b",
          "a|b",
          "a\tb",
          "a\nb",
          "a\r\nb",
          "a\\b",
          "a\\nb",
          "'",
          "''",
          "\"",
          "'; DROP TABLE tidemark_offsets; --",
          "`a`",
          "$(id)",
          "{a}",
          "{}",
          "a\0b"s,
          "a\0"s,
          "\x01\x1f\x7f",
          "\xff\xfe",
          "\xc3",
          "caf\u00e9",
          "cafe\u0301",
          "\u0434\u0430\u043d\u043d\u044b\u0435",
          "\u4ed5\u5206\u3051",
          "\u202e\u05e9\u05dc\u05d5\u05dd",
          "\U0001F6EB",
          "\ufeffa",
          std::string(249, 'x'),
          std::string(10'240, 'g'),
          std::string(10'239, 'g') + "h"};
}

/// Commits a different offset at each place, then asks for all of them.
void must_tell_apart(const StoreUnderTest& store, const std::vector<Place>& places, bool may_refuse) {
  ConformanceSubject subject{store};
  std::vector<bool> refused(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto next = static_cast<std::int64_t>(i) + 1'000;
    try {
      subject.must_commit({{places[i].partition, next, next}}, places[i].group);
    } catch (const StoreError& error) {
      if (!may_refuse || error.is_retryable())
        throw ConformanceFailure{fmt::format("group {}, {}: refused: {}", printable(places[i].group),
                                             text_of(places[i].partition), error.what())};
      refused[i] = true;
    }
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    try {
      subject.must_hold(places[i].partition,
                        refused[i] ? std::nullopt : std::optional{static_cast<std::int64_t>(i) + 1'000},
                        places[i].group);
    } catch (const StoreError&) {
      if (!refused[i]) throw;  // a name that commit refuses may be refused by load too
    }
  }
}

void groups_are_apart(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  const TopicPartition flights0{"flights", 0};
  subject.must_commit({{flights0, 0, 10}}, "billing");
  subject.must_hold(flights0, std::nullopt, "audit");
  subject.must_commit({{flights0, 3, 4}}, "audit");
  subject.must_hold(flights0, 10, "billing");
  subject.must_hold(flights0, 4, "audit");
}

void partitions_are_apart(const StoreUnderTest& store) {
  must_tell_apart(store,
                  {{"g", {"a", 1}},
                   {"g", {"a", 11}},
                   {"g", {"a1", 1}},
                   {"g", {"a-1", 1}},
                   {"g", {"a-1-1", 1}},
                   {"g", {"b", 1}},
                   {"g", {"a", 0}},
                   {"g", {"a", 2}},
                   {"g", {"a-1", 11}}},
                  false);
}

void joined_names_are_apart(const StoreUnderTest& store) {
  std::vector<Place> places;
  for (const auto* separator : {".", "-", "_", "--"}) {
    places.push_back({fmt::format("a{}b", separator), {"c", 0}});
    places.push_back({"a", {fmt::format("b{}c", separator), 0}});
  }
  must_tell_apart(store, places, false);
}

void oddly_joined_names_are_apart(const StoreUnderTest& store) {
  std::vector<Place> places;
  for (const auto& separator : {":"s, "/"s, "|"s, " "s, "\t"s, "\n"s, "\0"s, "\x1f"s, "%2F"s, "'"s, ","s}) {
    places.push_back({"a" + separator + "b", {"c", 0}});
    places.push_back({"a", {"b" + separator + "c", 0}});
  }
  must_tell_apart(store, places, store.capabilities.refuses_odd_names);
}

void allowed_topics_are_apart(const StoreUnderTest& store) {
  std::vector<Place> places;
  for (const auto& topic : allowed_topics()) places.push_back({std::string{kit_group}, {topic, 0}});
  must_tell_apart(store, places, false);
}

void odd_topics_are_apart(const StoreUnderTest& store) {
  std::vector<Place> places;
  for (const auto& name : odd_names()) places.push_back({std::string{kit_group}, {name, 0}});
  must_tell_apart(store, places, store.capabilities.refuses_odd_names);
}

void odd_groups_are_apart(const StoreUnderTest& store) {
  std::vector<Place> places;
  for (const auto& name : odd_names()) places.push_back({name, {"flights", 0}});
  must_tell_apart(store, places, store.capabilities.refuses_odd_names);
}

}  // namespace

std::vector<ConformanceSpec> name_checks() {
  return {{"groups do not see each other's offsets", {}, groups_are_apart},
          {"topics and partitions do not see each other's offsets", {}, partitions_are_apart},
          {"names that look alike when joined are told apart", {}, joined_names_are_apart},
          {"odd names that look alike when joined are told apart", {}, oddly_joined_names_are_apart},
          {"every topic name that Kafka allows is taken", {}, allowed_topics_are_apart},
          {"odd topic names are told apart", {}, odd_topics_are_apart},
          {"odd group names are told apart", {}, odd_groups_are_apart}};
}

}  // namespace tidemark::testing
