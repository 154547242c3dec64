// What tidemark asks of HBase's Thrift2 gateway, and no more. Numbers and names are the gateway's.

namespace cpp tidemark.detail.thrift2

struct TColumn {
  1: required binary family
  2: optional binary qualifier
  3: optional i64 timestamp
}

struct TColumnValue {
  1: required binary family
  2: required binary qualifier
  3: required binary value
  4: optional i64 timestamp
}

struct TGet {
  1: required binary row
  2: optional list<TColumn> columns
}

// A row that does not exist comes back without its key.
struct TResult {
  1: optional binary row
  2: required list<TColumnValue> columnValues
}

struct TScan {
  1: optional binary startRow
  2: optional binary stopRow
  3: optional list<TColumn> columns
  11: optional bool reversed
}

enum TDurability {
  USE_DEFAULT = 0
  SKIP_WAL = 1
  ASYNC_WAL = 2
  SYNC_WAL = 3
  FSYNC_WAL = 4
}

struct TPut {
  1: required binary row
  2: required list<TColumnValue> columnValues
  6: optional TDurability durability
}

enum TDeleteType {
  DELETE_COLUMN = 0
  DELETE_COLUMNS = 1
}

struct TDelete {
  1: required binary row
  2: optional list<TColumn> columns
  4: optional TDeleteType deleteType
  7: optional TDurability durability
}

union TMutation {
  1: TPut put
  2: TDelete deleteSingle
}

struct TRowMutations {
  1: required binary row
  2: required list<TMutation> mutations
}

enum TCompareOp {
  EQUAL = 2
}

struct TTableName {
  1: optional binary ns
  2: required binary qualifier
}

struct TColumnFamilyDescriptor {
  1: required binary name
  10: optional i32 maxVersions
  13: optional i32 timeToLive
}

struct TTableDescriptor {
  1: required TTableName tableName
  2: optional list<TColumnFamilyDescriptor> columns
  4: optional TDurability durability
}

exception TIOError {
  1: optional string message
  2: optional bool canRetry
}

exception TIllegalArgument {
  1: optional string message
}

service Gateway {
  list<TResult> getMultiple(1: required binary table, 2: required list<TGet> tgets) throws (1: TIOError io)

  list<TResult> getScannerResults(1: required binary table, 2: required TScan tscan, 3: i32 numRows = 1)
    throws (1: TIOError io)

  // An empty value stands for a column that does not exist.
  bool checkAndMutate(1: required binary table, 2: required binary row, 3: required binary family,
      4: required binary qualifier, 5: required TCompareOp compareOp, 6: binary value,
      7: required TRowMutations rowMutations) throws (1: TIOError io)

  TTableDescriptor getTableDescriptor(1: required TTableName table) throws (1: TIOError io)

  bool tableExists(1: TTableName tableName) throws (1: TIOError io)

  void createTable(1: required TTableDescriptor desc, 2: list<binary> splitKeys) throws (1: TIOError io)
}
