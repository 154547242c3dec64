#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace tidemark::test {

/// Another client of HBase: plain calls over Thrift's own socket, and nothing of the store.
///
/// Errors: Thrift's.
class HBaseProbe {
 public:
  explicit HBaseProbe(std::uint16_t port, std::string table = "tidemark_offsets");
  ~HBaseProbe();

  /// `time_to_live` in seconds; 0: for ever.
  void create_table(int time_to_live = 0, const std::string& family = "offsets");
  void disable_table();
  void delete_table();
  bool table_exists();

  void put(const std::string& row, const std::string& column, const std::string& value);
  void remove(const std::string& row, const std::string& column);
  /// The value of a cell; nullopt where there is none.
  std::optional<std::string> get(const std::string& row, const std::string& column);
  /// "column=value" of each cell of a row but the token, in HBase's order, with a space between.
  std::string row(const std::string& row);
  /// The keys of all rows, in HBase's order, with a space between.
  std::string keys();
  /// Removes every row, and returns when what is written from then on is younger than that.
  void clear();

 private:
  struct Client;
  std::unique_ptr<Client> client_;
  std::string table_;
};

}  // namespace tidemark::test
