# Finds the multi-threaded C client of Apache ZooKeeper, as ZooKeeper::zookeeper_mt. It brings neither a CMake package nor a pkg-config file.
#
# Sets ZooKeeper_FOUND and ZooKeeper_VERSION.
find_path(ZooKeeper_INCLUDE_DIR zookeeper/zookeeper.h)
find_library(ZooKeeper_LIBRARY zookeeper_mt)
mark_as_advanced(ZooKeeper_INCLUDE_DIR ZooKeeper_LIBRARY)
set(version_header "${ZooKeeper_INCLUDE_DIR}/zookeeper/zookeeper_version.h")
if(EXISTS "${version_header}")
  file(STRINGS "${version_header}" version_line REGEX "define ZOO_VERSION ")
  string(REGEX REPLACE ".*\"(.*)\".*" "\\1" ZooKeeper_VERSION "${version_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ZooKeeper REQUIRED_VARS ZooKeeper_LIBRARY ZooKeeper_INCLUDE_DIR VERSION_VAR ZooKeeper_VERSION
  REASON_FAILURE_MESSAGE "install ZooKeeper's C client with its headers, such as Debian's libzookeeper-mt-dev")

if(ZooKeeper_FOUND AND NOT TARGET ZooKeeper::zookeeper_mt)
  find_package(Threads REQUIRED)
  add_library(ZooKeeper::zookeeper_mt UNKNOWN IMPORTED)
  set_target_properties(ZooKeeper::zookeeper_mt PROPERTIES
    IMPORTED_LOCATION "${ZooKeeper_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${ZooKeeper_INCLUDE_DIR};${ZooKeeper_INCLUDE_DIR}/zookeeper"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
