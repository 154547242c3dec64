#pragma once

#include <string>

#include <tidemark/error.hpp>

namespace tidemark::hdfs {

/// For what nobody's waiting mends.
inline StoreError lasting(const std::string& what) { return StoreError{what, StoreError::Retry::no}; }

/// For what may pass.
inline StoreError passing(const std::string& what) { return StoreError{what, StoreError::Retry::yes}; }

}  // namespace tidemark::hdfs
