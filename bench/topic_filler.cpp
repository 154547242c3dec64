#include "topic_filler.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <string_view>

#include "filler.hpp"
#include "support/kafka_admin.hpp"

namespace tidemark::bench {
namespace {

/// Text of words that come again: lz4 makes about half of it.
std::string text_of_words(std::size_t size) {
  std::mt19937 random{1};
  const auto letter = [&] { return static_cast<char>('a' + random() % 26); };
  std::string words(256 * 8, ' ');
  std::ranges::generate(words, letter);
  std::string text;
  while (text.size() < size) text.append(words, random() % 256 * 8, 8);
  return text;
}

void create(const std::string& brokers, const Filling& filling) {
  constexpr int at_once = 5'000;  // Kafka refuses a request for many more
  test::KafkaAdmin admin{brokers};
  admin.create_topic(filling.topic, std::min(filling.partitions, at_once));
  for (int made = at_once; made < filling.partitions; made += at_once)
    admin.grow_topic(filling.topic, std::min(filling.partitions, made + at_once));
}

}  // namespace

void fill_topic(const std::string& brokers, const Filling& filling) {
  create(brokers, filling);
  Filler filler{brokers,
                filling.topic,
                {{"compression.codec", filling.compression},
                 {"linger.ms", "20"},
                 {"batch.num.messages", filling.run > 1 ? std::to_string(filling.run) : "20000"},
                 {"queue.buffering.max.messages", "200000"}}};
  // Each value is another part of a text much longer than what a compressor looks back at.
  const auto text = text_of_words((4u << 20) + filling.value_bytes);
  std::string value;
  std::mt19937_64 random{1};
  for (std::uint64_t i = 0; i < filling.records; ++i) {
    value.assign(text, i * 1031 % (4u << 20), filling.value_bytes);
    std::memcpy(value.data(), &i, std::min(sizeof i, value.size()));
    filler.produce(static_cast<std::int32_t>(i / filling.run % static_cast<std::uint64_t>(filling.partitions)),
                   filling.keys == 0 ? i : random() % filling.keys, value);
  }
  filler.flush();
}

}  // namespace tidemark::bench
