#include "stores/hbase/table.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/hbase/failure.hpp"

namespace tidemark::detail {

namespace {

void make_sure_of_table(HBaseGateway& gateway) {
  const auto& options = gateway.options();
  if (gateway.table_exists()) return;
  if (!options.create_table)
    throw StoreError{
        hbase_message(options, fmt::format("there is no table \"{0}\": make it with HBase's shell: create '{0}', "
                                           "'{1}'; or set HBaseOffsetStoreOptions::create_table",
                                           options.table, options.family)),
        StoreError::Retry::no};
  try {
    gateway.create_table();
  } catch (const StoreError&) {
    if (!gateway.table_exists()) throw;  // otherwise somebody else was quicker
  }
}

}  // namespace

HBaseRetention hbase_open_table(HBaseGateway& gateway) {
  const auto& options = gateway.options();
  make_sure_of_table(gateway);
  HBaseRetention retention;
  try {
    const auto facts = gateway.table_facts();
    if (!facts.has_family)
      throw StoreError{
          hbase_message(options, fmt::format("table \"{0}\" has no column family \"{1}\": see "
                                             "HBaseOffsetStoreOptions::family, or add it with HBase's shell: "
                                             "alter '{0}', '{1}'",
                                             options.table, options.family)),
          StoreError::Retry::no};
    if (facts.may_skip_log) gateway.insist_on_log();
    retention.is_known = true;
    if (facts.time_to_live) retention.time_to_live = std::chrono::seconds{*facts.time_to_live};
  } catch (const HBaseRefusal& refusal) {
    // Who may read and write need not be allowed to look at the table's settings.
    if (refusal.is_retryable()) throw;
    gateway.insist_on_log();
  }
  if (options.refuse_time_to_live && !retention.keeps_offsets())
    throw StoreError{hbase_message(options, fmt::format("table \"{}\" is refused, since "
                                                        "HBaseOffsetStoreOptions::refuse_time_to_live is set: {}",
                                                        options.table, retention.text())),
                     StoreError::Retry::no};
  return retention;
}

}  // namespace tidemark::detail
