#include "stores/hbase/options_check.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <tidemark/error.hpp>

namespace tidemark::detail {

namespace {

void require(bool holds, const char* otherwise) {
  if (!holds) throw ConfigError{std::string{"HBaseOffsetStoreOptions::"} + otherwise};
}

bool is_name(std::string_view text, std::string_view also) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           also.find(c) != std::string_view::npos;
  });
}

}  // namespace

HBaseOffsetStoreOptions hbase_checked(HBaseOffsetStoreOptions options) {
  require(!options.host.empty(), "host: name the machine of the Thrift2 gateway");
  require(options.port != 0, "port is 0: the gateway's is 9090, unless it was started with another");
  const std::string_view table = options.table;
  const auto colon = table.find(':');
  const bool is_table = colon == std::string_view::npos
                            ? is_name(table, "_-.")
                            : is_name(table.substr(0, colon), "_") && is_name(table.substr(colon + 1), "_-.");
  require(is_table, "table: HBase takes letters, digits, '_', '-' and '.', and a namespace before a ':'");
  require(
      !options.family.empty() && options.family.find_first_of(":/") == std::string::npos && options.family[0] != '.',
      "family: HBase takes no ':', no '/', and no '.' in front");
  require(options.connect_timeout.count() > 0, "connect_timeout must be positive");
  require(options.command_timeout.count() > 0, "command_timeout must be positive");
  require(options.checkout_timeout.count() >= 0, "checkout_timeout is negative");
  require(options.max_idle_time.count() >= 0, "max_idle_time is negative");
  require(options.max_connections > 0, "max_connections must be at least 1");
  return options;
}

}  // namespace tidemark::detail
