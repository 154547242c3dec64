#pragma once

#include "stores/common/descriptor.hpp"
#include "stores/file/directory.hpp"

namespace tidemark::file {

/// Makes its holder the only writer of a group's folder, until it is gone. Also within one process: the lock belongs to the open
/// file, not to the process.
///
/// Errors: StoreError where somebody else holds it; it names the process.
class GroupLock {
 public:
  explicit GroupLock(const Directory& folder);

 private:
  stores::Descriptor file_;
};

}  // namespace tidemark::file
