#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/stores/hbase/options.hpp>

#include "stores/hbase/pool.hpp"

namespace tidemark::detail {

struct HBaseCell {
  std::string column;
  std::string value;
  std::int64_t timestamp = 0;
};

struct HBaseRow {
  std::string key;
  std::vector<HBaseCell> cells{};  ///< By column. None: the row does not exist.

  /// nullptr where there is no such cell.
  const HBaseCell* find(std::string_view column) const;
};

struct HBaseQuestion {
  std::string key;
  std::vector<std::string> columns;  ///< None: the whole row.
};

/// What becomes of a row. Cells are set with the server's time, which is never below that of the cell compared, unless they have their own.
struct HBaseChange {
  std::vector<HBaseCell> set;
  std::vector<HBaseCell> removed{};  ///< Each as it was read: what is written later stays.
};

enum class HBaseOrder { ascending, descending };

struct HBaseTableFacts {
  std::optional<int> time_to_live{};  ///< Of our family, in seconds.
  bool has_family = false;
  bool may_skip_log = false;  ///< Unless a change asks for better.
};

/// What is asked of the table: each a round trip.
///
/// Thread safety: shared objects safe.
/// Errors:        as HBasePool's.
class HBaseGateway {
 public:
  /// `options` must outlive it.
  explicit HBaseGateway(const HBaseOffsetStoreOptions& options) : options_{options}, pool_{options} {}

  /// A row for each question, in that order, each of one moment.
  std::vector<HBaseRow> get(const std::vector<HBaseQuestion>& questions);

  /// At most `limit` rows: from `start` on, up to but without `stop`, which lies before it in descending order.
  std::vector<HBaseRow> scan(const std::string& start, const std::string& stop, HBaseOrder order, std::int32_t limit);

  /// Changes a row if `column` holds `expected`, where an empty one stands for a cell that does not exist. False: it holds something else.
  bool change_if(const std::string& key, const std::string& column, const std::string& expected,
                 const HBaseChange& change);

  bool table_exists();
  void create_table();
  HBaseTableFacts table_facts();
  /// Writes to the log, whatever the table says.
  void insist_on_log() { insists_on_log_ = true; }

  const HBaseOffsetStoreOptions& options() const { return options_; }

 private:
  const HBaseOffsetStoreOptions& options_;
  HBasePool pool_;
  bool insists_on_log_ = false;
};

}  // namespace tidemark::detail
