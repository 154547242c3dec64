# Finds hiredis, the C client of Redis, as Hiredis::hiredis: by its own CMake package where that has a target, else by pkg-config,
# which is all that Debian 12's package has.
#
# Sets Hiredis_FOUND and Hiredis_VERSION.
find_package(hiredis CONFIG QUIET)
if(TARGET hiredis::hiredis AND NOT TARGET Hiredis::hiredis)
  add_library(Hiredis::hiredis INTERFACE IMPORTED)
  target_link_libraries(Hiredis::hiredis INTERFACE hiredis::hiredis)
  set(Hiredis_VERSION ${hiredis_VERSION})
elseif(NOT TARGET Hiredis::hiredis)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(Hiredis_PC QUIET IMPORTED_TARGET GLOBAL hiredis)
  endif()
  if(TARGET PkgConfig::Hiredis_PC)
    set(Hiredis_VERSION ${Hiredis_PC_VERSION})
    add_library(Hiredis::hiredis ALIAS PkgConfig::Hiredis_PC)
  endif()
endif()

if(TARGET Hiredis::hiredis)
  set(Hiredis_LIBRARY Hiredis::hiredis)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Hiredis REQUIRED_VARS Hiredis_LIBRARY VERSION_VAR Hiredis_VERSION
  REASON_FAILURE_MESSAGE "install hiredis with its headers, such as Debian's libhiredis-dev, and pkg-config")
