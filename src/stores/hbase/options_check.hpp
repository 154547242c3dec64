#pragma once

#include <tidemark/stores/hbase/options.hpp>

namespace tidemark::detail {

/// The options, if they can work.
///
/// Errors: ConfigError that names the option.
HBaseOffsetStoreOptions hbase_checked(HBaseOffsetStoreOptions options);

}  // namespace tidemark::detail
