tidemark_component(hbase PACKAGES "Thrift 0.17|libthrift-dev pkg-config" PROGRAMS "thrift|thrift-compiler")
if(TIDEMARK_BUILD_HBASE)
  set(hbase_idl ${CMAKE_CURRENT_SOURCE_DIR}/src/stores/hbase/thrift2.thrift)
  set(hbase_generated ${CMAKE_CURRENT_BINARY_DIR}/hbase_thrift2)
  file(MAKE_DIRECTORY ${hbase_generated})
  add_custom_command(
    OUTPUT ${hbase_generated}/Gateway.cpp ${hbase_generated}/Gateway.h ${hbase_generated}/thrift2_types.cpp
      ${hbase_generated}/thrift2_types.h
    COMMAND ${TIDEMARK_THRIFT} --gen cpp:no_skeleton,moveable_types -out ${hbase_generated} ${hbase_idl}
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
