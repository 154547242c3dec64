#include <tidemark/offset_import.hpp>

#include <fstream>

#include "support/catch.hpp"
#include "support/store_error.hpp"
#include "support/temporary_folder.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

std::filesystem::path write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream{file} << text;
  return file;
}

}  // namespace

TEST_CASE("Kafka's checkpoint text is read in its order", "[unit]") {
  const TemporaryFolder folder;
  const auto file = write(folder / "checkpoint", "0\n3\norders 1 250\norders 0 100\nflights 12 9223372036854775807\n");
  CHECK(read_kafka_checkpoint(file) ==
        std::vector<StoredOffset>{{{"orders", 1}, 250}, {{"orders", 0}, 100}, {{"flights", 12}, INT64_MAX}});
  CHECK(read_kafka_checkpoint(write(folder / "none", "0\n0\n")).empty());
}

TEST_CASE("a checkpoint that is damaged is refused with its name and what is wrong", "[unit]") {
  const TemporaryFolder folder;
  const auto error_of = [&](const std::string& text) {
    return store_error_of([&] { read_kafka_checkpoint(write(folder / "checkpoint", text)); });
  };
  CHECK(says(error_of(""), "checkpoint", "first line"));
  CHECK(says(error_of("1\n0\n"), "first line", "0"));
  CHECK(says(error_of("0\n"), "second line"));
  CHECK(says(error_of("0\nmany\n"), "second line"));
  CHECK(says(error_of("0\n2\norders 0 1\n"), "announces 2", "holds 1"));
  for (const std::string line : {"orders 0", "orders 0 -1", "orders 0 1 2", "orders x 1", "orders 0 1e3",
                                 "orders 0 9223372036854775808", "orders -1 5", ""}) {
    CAPTURE(line);
    CHECK(says(error_of("0\n1\n" + line + "\n"), '"' + line + '"'));
  }
  CHECK(says(store_error_of([&] { read_kafka_checkpoint(folder / "missing"); }), "missing", "No such file"));
}

TEST_CASE("librdkafka's offset files are read for one group, whose name may hold anything", "[unit]") {
  const TemporaryFolder folder;
  write(folder / "orders-0-billing.offset", "100\n");
  write(folder / "my-orders-11-billing.offset", "7\n");
  write(folder / "orders-0-pre-billing.offset", "1\n");  // another group's, called pre-billing
  write(folder / "orders-0-eu%2Fbilling%3A1.offset", "55\n");
  write(folder / "orders-0.offset", "9\n");
  write(folder / "README", "none of ours");
  CHECK(read_librdkafka_offset_files(folder.path(), "billing") ==
        std::vector<StoredOffset>{{{"my-orders", 11}, 7}, {{"orders", 0}, 100}});
  CHECK(read_librdkafka_offset_files(folder.path(), "eu/billing:1") == std::vector<StoredOffset>{{{"orders", 0}, 55}});
  CHECK(read_librdkafka_offset_files(folder.path(), "") == std::vector<StoredOffset>{{{"orders", 0}, 9}});
  CHECK(read_librdkafka_offset_files(folder.path(), "nobody").empty());
}

TEST_CASE("an offset file whose name may mean two things is refused", "[unit]") {
  const TemporaryFolder folder;
  write(folder / "orders-0-7.offset", "100\n");
  const auto alone = store_error_of([&] { read_librdkafka_offset_files(folder.path(), ""); });
  CHECK(says(alone, "orders-0-7.offset", "of orders-0 [7]", "of orders [0]", "group whose name begins with \"7\""));
  CHECK(read_librdkafka_offset_files(folder.path(), "7") == std::vector<StoredOffset>{{{"orders", 0}, 100}});
  write(folder / "orders-0-7-billing.offset", "5\n");
  CHECK(says(store_error_of([&] { read_librdkafka_offset_files(folder.path(), "billing"); }), "orders-0 [7]"));
}

TEST_CASE("an offset file without a valid offset is refused", "[unit]") {
  const TemporaryFolder folder;
  for (const std::string text : {"", "-1001\n", "12abc\n", " 12\n", "+5\n", "9223372036854775808\n", "1\n2\n"}) {
    CAPTURE(text);
    write(folder / "orders-0-billing.offset", text);
    CHECK(says(store_error_of([&] { read_librdkafka_offset_files(folder.path(), "billing"); }),
               "orders-0-billing.offset", "one offset"));
  }
  CHECK(says(store_error_of([&] { read_librdkafka_offset_files(folder / "missing", "billing"); }), "missing",
             "No such file"));
}
