#pragma once

#include <cstdint>

#include <tidemark/stores/sqlite.hpp>
#include <tidemark/tidemark.hpp>

#include "flight.hpp"

/// The table of totals, one row a carrier, beside the store's own table of offsets.
class CarrierTotals {
 public:
  explicit CarrierTotals(tidemark::SqliteOffsetStore& store) : store_{store} {
    store_.execute(
        "create table if not exists totals(carrier text primary key, flights integer not null,"
        " cancelled integer not null, delay_minutes integer not null)");
  }

  static void add(const tidemark::Batch<Flight>& batch, tidemark::SqliteTransaction& transaction) {
    for (const auto& record : batch) {
      const auto delay = record.value().departure_delay;
      transaction.execute(
          "insert into totals values (?1, 1, ?2, ?3) on conflict do update set flights = flights + 1,"
          " cancelled = cancelled + ?2, delay_minutes = delay_minutes + ?3",
          record.key().text(), !delay, delay.value_or(0));
    }
  }

  /// As committed: what a crash would leave.
  std::int64_t flights() const {
    return store_.query("select coalesce(sum(flights), 0) from totals").at(0).get<std::int64_t>(0);
  }

 private:
  tidemark::SqliteOffsetStore& store_;
};
