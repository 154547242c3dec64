#include "stores/hbase/failure.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "stores/common/text.hpp"

namespace tidemark::detail {

namespace {

constexpr std::string_view missing_table =
    "the table does not exist: make it with HBase's shell, or see HBaseOffsetStoreOptions::create_table and table";
constexpr std::string_view missing_family =
    "the table has no such column family: see HBaseOffsetStoreOptions::family, or add it with HBase's shell: alter";
constexpr std::string_view missing_right =
    "the gateway's user needs the rights R and W on the table: grant them with HBase's shell";
constexpr std::string_view disabled_table = "the table is disabled: enable it with HBase's shell";

struct Cause {
  std::string_view words;
  std::string_view remedy;
};

// What no repetition mends, whatever the gateway says of it. Some answers are the exception's name and more, some its message only.
constexpr std::array lasting{
    Cause{"TableNotFoundException", missing_table},
    Cause{"NoSuchColumnFamilyException", missing_family},
    Cause{"does not exist in region", missing_family},
    Cause{"AccessDeniedException", missing_right},
    Cause{"Insufficient permissions", missing_right},
    Cause{"TableNotEnabledException", disabled_table},
    Cause{" is disabled", disabled_table},
    Cause{"NamespaceNotFoundException",
          "the table's namespace does not exist: make it with HBase's shell: create_namespace"},
};

std::optional<std::string_view> remedy_of(std::string_view words) {
  for (const auto& cause : lasting)
    if (words.find(cause.words) != std::string_view::npos) return cause.remedy;
  return std::nullopt;
}

}  // namespace

std::string hbase_message(const HBaseOffsetStoreOptions& options, std::string_view what) {
  return fmt::format("HBase store ({}): {}", stores::host_and_port(options.host, options.port), what);
}

HBaseRefusal hbase_refusal(const HBaseOffsetStoreOptions& options, std::string_view action, std::string_view words,
                           bool can_retry) {
  // Of a missing table, HBase says no more than its name.
  const auto remedy = words == options.table ? std::optional{missing_table} : remedy_of(words);
  const auto said = stores::shortened(words.substr(0, words.find('\n')));
  return {
      hbase_message(
          options,
          fmt::format("cannot {} in table \"{}\": {}; {}", action, options.table, said,
                      remedy      ? *remedy
                      : can_retry ? "HBase may be starting, moving the table's region, or out of reach of its gateway"
                                  : "see the gateway's log")),
      remedy || !can_retry ? StoreError::Retry::no : StoreError::Retry::yes};
}

}  // namespace tidemark::detail
