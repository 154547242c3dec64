#include <tidemark/decoder.hpp>

#include <limits>
#include <optional>
#include <string>

#include <tidemark/testing/batch_builder.hpp>

#include "support/catch.hpp"

using namespace tidemark;
using namespace std::string_literals;

namespace {

template <class T>
T decoded(std::optional<std::string> value) {
  testing::BatchBuilder builder;
  builder.add({.topic = "orders", .value = std::move(value)});
  return builder.build<T>()[0].value();
}

}  // namespace

TEST_CASE("integers are decoded as Kafka's Java serializers write them", "[unit]") {
  CHECK(decoded<std::int16_t>("\xff\xfe"s) == -2);
  CHECK(decoded<std::int32_t>("\x00\x01\x02\x03"s) == 0x010203);
  CHECK(decoded<std::int32_t>("\x80\x00\x00\x00"s) == std::numeric_limits<std::int32_t>::min());
  CHECK(decoded<std::int64_t>("\x7f\xff\xff\xff\xff\xff\xff\xff"s) == std::numeric_limits<std::int64_t>::max());
  CHECK(decoded<std::int64_t>("\xff\xff\xff\xff\xff\xff\xff\xff"s) == -1);
}

TEST_CASE("a value of another size is no integer, nor is null", "[unit]") {
  CHECK_THROWS_AS(decoded<std::int32_t>("7"), DecodeError);
  CHECK_THROWS_AS(decoded<std::int32_t>("12345678"), DecodeError);
  CHECK_THROWS_AS(decoded<std::int64_t>(std::nullopt), DecodeError);
}

TEST_CASE("a string is the value as it is, whether it is made anew or written over another", "[unit]") {
  CHECK(decoded<std::string>("ada\0b"s) == "ada\0b"s);
  CHECK(decoded<std::string>(std::nullopt).empty());
  testing::BatchBuilder builder;
  builder.add({.topic = "orders", .value = "ada"});
  CHECK(Decoder<std::string>{}(builder.build()[0]) == "ada");
}
