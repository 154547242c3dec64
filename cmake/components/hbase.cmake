find_package(Thrift 0.17 QUIET)
if(Thrift_FOUND AND Thrift_COMPILER)
  set(hbase_found TRUE)
endif()
tidemark_component_option(TIDEMARK_BUILD_HBASE "Build tidemark::hbase" hbase_found)
if(TIDEMARK_BUILD_HBASE)
  find_package(Thrift 0.17 REQUIRED)
  if(NOT Thrift_COMPILER)
    message(FATAL_ERROR "tidemark::hbase needs Thrift's compiler, such as Debian's thrift-compiler, or TIDEMARK_BUILD_HBASE=OFF")
  endif()
  set(hbase_idl ${CMAKE_CURRENT_SOURCE_DIR}/src/stores/hbase/thrift2.thrift)
  set(hbase_generated ${CMAKE_CURRENT_BINARY_DIR}/hbase_thrift2)
  file(MAKE_DIRECTORY ${hbase_generated})
  add_custom_command(
    OUTPUT ${hbase_generated}/Gateway.cpp ${hbase_generated}/Gateway.h ${hbase_generated}/thrift2_types.cpp
      ${hbase_generated}/thrift2_types.h
    COMMAND ${Thrift_COMPILER} --gen cpp:no_skeleton,moveable_types -out ${hbase_generated} ${hbase_idl}
    DEPENDS ${hbase_idl} VERBATIM)
  # Others' code: neither their warnings nor ours are of use.
  set_source_files_properties(${hbase_generated}/Gateway.cpp ${hbase_generated}/thrift2_types.cpp
    PROPERTIES COMPILE_OPTIONS -w)
  tidemark_library(hbase
    SOURCES_FROM src/stores/hbase
    SOURCES src/stores/hbase.cpp ${hbase_generated}/Gateway.cpp ${hbase_generated}/thrift2_types.cpp
    PUBLIC tidemark::tidemark
    PRIVATE Thrift::thrift fmt::fmt
    PACKAGES "Thrift 0.17"
    PKGCONFIG "thrift fmt"
    DESCRIPTION "tidemark's offset store in HBase")
  target_include_directories(tidemark_hbase SYSTEM PRIVATE ${hbase_generated})
endif()
