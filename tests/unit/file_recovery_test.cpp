#include "stores/file/recovery.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "stores/file/log_line.hpp"
#include "support/catch.hpp"
#include "support/store_error.hpp"

using namespace tidemark;
using namespace tidemark::file;
using namespace tidemark::test;
using namespace std::string_literals;

namespace {

const std::string group = "billing";
const std::string file_name = "/var/lib/billing/offsets.log";

/// A log as the store writes it, and what holds after each of its lines.
struct Log {
  std::string bytes;
  std::vector<std::size_t> line_ends;
  std::vector<OffsetTable> tables;  // [i]: after line i + 1

  void add(const std::string& line, const Edits& edits) {
    auto table = tables.empty() ? OffsetTable{} : tables.back();
    apply_edits(edits, table);
    bytes += line;
    line_ends.push_back(bytes.size());
    tables.push_back(std::move(table));
  }
};

Log log_of(const std::vector<Edits>& commits) {
  Log log;
  log.add(encode_header(group), {});
  std::uint64_t sequence = 41;
  for (const auto& edits : commits) log.add(encode({sequence++, edits}), edits);
  return log;
}

Log several_commits() {
  return log_of({{{{"orders", 0}, 100}, {{"orders", 1}, 64}},
                 {{{"orders", 0}, 128}, {{"pay ments", 0}, 1}},
                 {{{"orders", 1}, std::nullopt}},
                 {{{"orders", 0}, 9223372036854775807}, {{"@@", 0}, 16}}});
}

Edits wide_commit(std::int64_t next) {
  Edits edits;
  for (int partition = 0; partition < 300; ++partition) edits[{"wide", partition}] = next;
  return edits;
}

std::optional<StoreError> error_of(std::string_view bytes) {
  return store_error_of([&] { recover(bytes, group, file_name); });
}

}  // namespace

TEST_CASE("a whole log gives what its last line left", "[unit]") {
  const auto log = several_commits();
  const auto recovered = recover(log.bytes, group, file_name);
  CHECK(recovered.table == log.tables.back());
  CHECK(recovered.sequence == 44);
  CHECK(recovered.whole_bytes == log.bytes.size());
}

TEST_CASE("a log cut at any length gives its longest whole beginning", "[unit]") {
  const auto log = several_commits();
  for (auto length = log.line_ends[1]; length <= log.bytes.size(); ++length) {
    const auto whole_lines = std::ranges::upper_bound(log.line_ends, length) - log.line_ends.begin();
    const auto recovered = recover(std::string_view{log.bytes}.substr(0, length), group, file_name);
    CAPTURE(length, whole_lines);
    REQUIRE(recovered.table == log.tables[static_cast<std::size_t>(whole_lines) - 1]);
    REQUIRE(recovered.whole_bytes == log.line_ends[static_cast<std::size_t>(whole_lines) - 1]);
  }
}

TEST_CASE("a log cut within the lines that were synced before it was put in place is damaged", "[unit]") {
  const auto log = several_commits();
  for (std::size_t length = 0; length < log.line_ends[1]; ++length) {
    CAPTURE(length);
    REQUIRE(says(error_of(std::string_view{log.bytes}.substr(0, length)), file_name, "ends too early", "backup"));
  }
}

TEST_CASE("a flipped bit anywhere is found and never changes an offset", "[unit]") {
  auto log = several_commits();
  for (std::size_t at = 0; at < log.bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      const auto flipped = static_cast<char>(log.bytes[at] ^ (1 << bit));
      const auto whole = std::exchange(log.bytes[at], flipped);
      CAPTURE(at, bit);
      REQUIRE(says(error_of(log.bytes), file_name, "is damaged at line"));
      log.bytes[at] = whole;
    }
  }
}

TEST_CASE("two bytes that changed places anywhere are found", "[unit]") {
  auto log = several_commits();
  for (std::size_t at = 1; at < log.bytes.size(); ++at) {
    if (log.bytes[at] == log.bytes[at - 1]) continue;
    std::swap(log.bytes[at], log.bytes[at - 1]);
    CAPTURE(at);
    REQUIRE(error_of(log.bytes));
    std::swap(log.bytes[at], log.bytes[at - 1]);
  }
}

TEST_CASE("an error names line and byte, and how to cut the file gives the line before", "[unit]") {
  auto log = several_commits();
  const auto damaged = log.line_ends[2] + 3;
  log.bytes[damaged] ^= 1;
  const auto place = std::to_string(log.line_ends[2]);
  CHECK(says(error_of(log.bytes), "line 4, byte " + place, "truncate -s " + place));
  const auto recovered = recover(std::string_view{log.bytes}.substr(0, log.line_ends[2]), group, file_name);
  CHECK(recovered.table == log.tables[2]);
}

TEST_CASE("a line that is missing, doubled or out of order is found", "[unit]") {
  const auto log = several_commits();
  const auto line = [&](std::size_t index) {
    return log.bytes.substr(log.line_ends[index - 1], log.line_ends[index] - log.line_ends[index - 1]);
  };
  const auto start = log.bytes.substr(0, log.line_ends[1]);
  CHECK(says(error_of(start + line(3) + line(4)), "line 3", "missing"));
  CHECK(says(error_of(start + line(2) + line(2)), "line 4", "missing"));
  CHECK(says(error_of(start + line(3) + line(2)), "line 3", "missing"));
}

TEST_CASE("sectors that a crash kept from the disk make the last line torn", "[unit]") {
  const auto log = log_of({{}, wide_commit(1), wide_commit(2)});
  const auto start = log.line_ends[2];
  const auto first_border = (start / 512 + 1) * 512;
  REQUIRE(log.bytes.size() > first_border + 2 * 512);
  const auto lost = [&](std::size_t begin, std::size_t end) {
    auto bytes = log.bytes;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.begin() + static_cast<std::ptrdiff_t>(end),
              '\0');
    return bytes;
  };
  const auto torn = {lost(start, first_border), lost(first_border, first_border + 512),
                     lost(start, first_border + 1024), lost(first_border, log.bytes.size()),
                     lost(start, log.bytes.size())};
  for (const auto& bytes : torn) {
    const auto recovered = recover(bytes, group, file_name);
    CHECK(recovered.table == log.tables[2]);
    CHECK(recovered.whole_bytes == start);
  }
  CHECK(error_of(lost(start + 20, start + 30)));
  CHECK(error_of(lost(first_border, first_border + 100)));
}

TEST_CASE("lost sectors in an earlier line are damage, not a torn write", "[unit]") {
  const auto log = log_of({{}, wide_commit(1), wide_commit(2)});
  auto bytes = log.bytes;
  const auto border = (log.line_ends[1] / 512 + 1) * 512;
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(border), 512, '\0');
  CHECK(says(error_of(bytes), "line 3"));
}

TEST_CASE("an empty file is damage: a log is never empty", "[unit]") {
  CHECK(says(error_of(""), file_name, "line 1, byte 0", "remove it"));
}

TEST_CASE("what somebody else's file holds is not taken for offsets", "[unit]") {
  CHECK(says(error_of("0\n2\norders 0 100\norders 1 64\n"), "line 1"));
  CHECK(says(error_of(std::string(4096, '\0')), "line 1"));
  CHECK(says(error_of(seal("tidemark-offsets 2 group=billing") + encode({1, {}})), "version"));
}

TEST_CASE("the log of another group is refused by both names", "[unit]") {
  const auto bytes = encode_header("shipping") + encode({1, {{{"orders", 0}, 5}}});
  CHECK(says(error_of(bytes), file_name, "shipping", "billing"));
}
