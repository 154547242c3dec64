// What the tests ask of HBase beside the store: as plainly as another program would.

namespace cpp tidemark.test.probe

struct Column {
  1: required binary family
  2: optional binary qualifier
}

struct Cell {
  1: required binary family
  2: required binary qualifier
  3: required binary value
  4: optional i64 timestamp
}

struct Get {
  1: required binary row
}

struct Result {
  1: optional binary row
  2: required list<Cell> columnValues
}

struct Put {
  1: required binary row
  2: required list<Cell> columnValues
}

struct Delete {
  1: required binary row
  2: optional list<Column> columns
}

struct Scan {
  1: optional binary startRow
}

struct Name {
  2: required binary qualifier
}

struct Family {
  1: required binary name
  13: optional i32 timeToLive
}

struct Table {
  1: required Name tableName
  2: optional list<Family> columns
}

exception IOError {
  1: optional string message
}

service Probe {
  Result get(1: required binary table, 2: required Get tget) throws (1: IOError io)
  void put(1: required binary table, 2: required Put tput) throws (1: IOError io)
  void deleteSingle(1: required binary table, 2: required Delete tdelete) throws (1: IOError io)
  list<Result> getScannerResults(1: required binary table, 2: required Scan tscan, 3: i32 numRows) throws (1: IOError io)
  void createTable(1: required Table desc, 2: list<binary> splitKeys) throws (1: IOError io)
  bool tableExists(1: Name tableName) throws (1: IOError io)
  void disableTable(1: required Name tableName) throws (1: IOError io)
  void deleteTable(1: required Name tableName) throws (1: IOError io)
}
