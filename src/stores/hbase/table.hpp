#pragma once

#include <tidemark/stores/hbase/retention.hpp>

#include "stores/hbase/gateway.hpp"

namespace tidemark::detail {

/// Sees to it that the table is there, and can be used.
///
/// Errors: StoreError.
HBaseRetention hbase_open_table(HBaseGateway& gateway);

}  // namespace tidemark::detail
