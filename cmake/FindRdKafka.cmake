# Finds librdkafka's C library as RdKafka::rdkafka: by its own CMake package where that is installed, else by pkg-config, which is
# all that Debian's package has. librdkafka's CMake package names the same target.
#
# Sets RdKafka_FOUND and RdKafka_VERSION.
find_package(RdKafka CONFIG QUIET)
if(NOT TARGET RdKafka::rdkafka)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(RdKafka_PC QUIET IMPORTED_TARGET GLOBAL rdkafka)
  endif()
  if(TARGET PkgConfig::RdKafka_PC)
    set(RdKafka_VERSION ${RdKafka_PC_VERSION})
    add_library(RdKafka::rdkafka ALIAS PkgConfig::RdKafka_PC)
  endif()
endif()

if(TARGET RdKafka::rdkafka)
  set(RdKafka_LIBRARY RdKafka::rdkafka)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RdKafka REQUIRED_VARS RdKafka_LIBRARY VERSION_VAR RdKafka_VERSION
  REASON_FAILURE_MESSAGE "install librdkafka with its headers, such as Debian's librdkafka-dev, and pkg-config")
