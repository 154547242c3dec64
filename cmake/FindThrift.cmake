# Finds Apache Thrift's C++ library, as Thrift::thrift, by pkg-config.
#
# Sets Thrift_FOUND and Thrift_VERSION.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND AND NOT TARGET Thrift::thrift)
  pkg_check_modules(Thrift_PC QUIET IMPORTED_TARGET GLOBAL thrift)
  if(TARGET PkgConfig::Thrift_PC)
    set(Thrift_VERSION ${Thrift_PC_VERSION})
    add_library(Thrift::thrift ALIAS PkgConfig::Thrift_PC)
  endif()
endif()

if(TARGET Thrift::thrift)
  set(Thrift_LIBRARY Thrift::thrift)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Thrift REQUIRED_VARS Thrift_LIBRARY VERSION_VAR Thrift_VERSION
  REASON_FAILURE_MESSAGE "install Thrift's C++ library with its headers, such as Debian's libthrift-dev, and pkg-config")
