#pragma once

#include <tidemark/stores/hdfs/options.hpp>

namespace tidemark::hdfs {

/// The options, with `directory` free of a slash at its end.
///
/// Errors: ConfigError, naming the option.
HdfsOffsetStoreOptions checked(HdfsOffsetStoreOptions options);

}  // namespace tidemark::hdfs
