#include "stores/hbase/failure.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "stores/hbase/text.hpp"

namespace tidemark::detail {

namespace {

struct Cause {
  std::string_view words;
  std::string_view remedy;
};

// What no repetition mends, whatever the gateway says of it.
constexpr std::array lasting{
    Cause{"TableNotFoundException",
          "the table does not exist: make it, or set HBaseOffsetStoreOptions::create_table; "
          "see HBaseOffsetStoreOptions::table"},
    Cause{"NoSuchColumnFamilyException",
          "the table has no such column family: see HBaseOffsetStoreOptions::family, or add it with HBase's shell: "
          "alter"},
    Cause{"AccessDeniedException",
          "the gateway's user needs the rights R and W on the table: grant them with HBase's shell"},
    Cause{"TableNotEnabledException", "the table is disabled: enable it with HBase's shell"},
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
  const bool is_ipv6 = options.host.find(':') != std::string::npos;
  return fmt::format("HBase store ({}{}{}:{}): {}", is_ipv6 ? "[" : "", options.host, is_ipv6 ? "]" : "", options.port,
                     what);
}

HBaseRefusal hbase_refusal(const HBaseOffsetStoreOptions& options, std::string_view action, std::string_view words,
                           bool can_retry) {
  const auto remedy = remedy_of(words);
  const auto said = hbase_shortened(words.substr(0, words.find('\n')));
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
