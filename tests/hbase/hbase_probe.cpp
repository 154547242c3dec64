#include "hbase/hbase_probe.hpp"

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TSocket.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "Probe.h"
#include "support/eventually.hpp"

namespace tidemark::test {

namespace thrift = apache::thrift;

struct HBaseProbe::Client {
  explicit Client(std::uint16_t port)
      : socket{std::make_shared<thrift::transport::TSocket>("127.0.0.1", port)},
        calls{std::make_shared<thrift::protocol::TBinaryProtocol>(
            std::make_shared<thrift::transport::TBufferedTransport>(socket))} {
    socket->open();
  }

  std::shared_ptr<thrift::transport::TSocket> socket;
  probe::ProbeClient calls;
};

namespace {

probe::Name name_of(const std::string& table) {
  probe::Name name;
  name.__set_qualifier(table);
  return name;
}

}  // namespace

HBaseProbe::HBaseProbe(std::uint16_t port, std::string table)
    : client_{std::make_unique<Client>(port)}, table_{std::move(table)} {}

HBaseProbe::~HBaseProbe() = default;

void HBaseProbe::create_table(int time_to_live, const std::string& family) {
  probe::Family made;
  made.__set_name(family);
  if (time_to_live > 0) made.__set_timeToLive(time_to_live);
  probe::Table table;
  table.__set_tableName(name_of(table_));
  table.__set_columns({made});
  client_->calls.createTable(table, {});
}

void HBaseProbe::disable_table() { client_->calls.disableTable(name_of(table_)); }

void HBaseProbe::delete_table() { client_->calls.deleteTable(name_of(table_)); }

bool HBaseProbe::table_exists() { return client_->calls.tableExists(name_of(table_)); }

void HBaseProbe::put(const std::string& row, const std::string& column, const std::string& value) {
  probe::Cell cell;
  cell.__set_family("offsets");
  cell.__set_qualifier(column);
  cell.__set_value(value);
  probe::Put put;
  put.__set_row(row);
  put.__set_columnValues({cell});
  client_->calls.put(table_, put);
}

void HBaseProbe::remove(const std::string& row, const std::string& column) {
  probe::Column removed;
  removed.__set_family("offsets");
  removed.__set_qualifier(column);
  probe::Delete removal;
  removal.__set_row(row);
  removal.__set_columns({removed});
  client_->calls.deleteSingle(table_, removal);
}

std::optional<std::string> HBaseProbe::get(const std::string& row, const std::string& column) {
  probe::Get get;
  get.__set_row(row);
  probe::Result result;
  client_->calls.get(result, table_, get);
  for (const auto& cell : result.columnValues)
    if (cell.qualifier == column) return cell.value;
  return std::nullopt;
}

std::string HBaseProbe::row(const std::string& row) {
  probe::Get get;
  get.__set_row(row);
  probe::Result result;
  client_->calls.get(result, table_, get);
  std::string text;
  for (const auto& cell : result.columnValues)
    if (cell.qualifier != "commit") text += (text.empty() ? "" : " ") + cell.qualifier + "=" + cell.value;
  return text;
}

std::string HBaseProbe::keys() {
  std::vector<probe::Result> results;
  client_->calls.getScannerResults(results, table_, {}, 1'000);
  std::string text;
  for (const auto& result : results) text += (text.empty() ? "" : " ") + result.row;
  return text;
}

void HBaseProbe::clear() {
  std::vector<probe::Result> results;
  client_->calls.getScannerResults(results, table_, {}, 1'000);
  for (const auto& result : results) {
    probe::Delete removal;
    removal.__set_row(result.row);
    client_->calls.deleteSingle(table_, removal);
  }
  // HBase takes a removal to cover all that was written in its millisecond.
  using Clock = std::chrono::system_clock;
  const auto now = [] { return std::chrono::floor<std::chrono::milliseconds>(Clock::now()); };
  static_cast<void>(eventually([&, removed = now()] { return now() > removed; }));
}

}  // namespace tidemark::test
