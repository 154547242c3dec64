# A real HBase takes half a minute to come up, so all of these tests are one process.
if(TARGET tidemark::hbase)
  function(tidemark_hbase_suite folder)
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*_test.cpp)
    set(target tidemark_${folder}_tests)
    # The probe is a client of its own, and so are the calls that it makes.
    add_executable(${target} ${sources} hbase/hbase_probe.cpp)
    set(generated ${PROJECT_BINARY_DIR}/hbase_probe_${folder})
    file(MAKE_DIRECTORY ${generated})
    add_custom_command(
      OUTPUT ${generated}/Probe.cpp ${generated}/Probe.h ${generated}/probe_types.cpp ${generated}/probe_types.h
      COMMAND ${TIDEMARK_THRIFT} --gen cpp:no_skeleton -out ${generated} ${PROJECT_SOURCE_DIR}/tests/hbase/probe.thrift
      DEPENDS ${PROJECT_SOURCE_DIR}/tests/hbase/probe.thrift VERBATIM)
    target_sources(${target} PRIVATE ${generated}/Probe.cpp ${generated}/probe_types.cpp)
    set_source_files_properties(${generated}/Probe.cpp ${generated}/probe_types.cpp PROPERTIES COMPILE_OPTIONS -w)
    target_include_directories(${target} SYSTEM PRIVATE ${generated})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${target} PRIVATE tidemark::hbase tidemark::testing Thrift::thrift fmt::fmt tidemark_test_support)
    tidemark_developer_flags(${target})
  endfunction()

  add_executable(tidemark_hbase_member hbase/member.cpp)
  target_link_libraries(tidemark_hbase_member PRIVATE tidemark::hbase)
  tidemark_developer_flags(tidemark_hbase_member)

  tidemark_hbase_suite(hbase)
  target_compile_definitions(tidemark_hbase_tests PRIVATE TIDEMARK_HBASE_MEMBER="$<TARGET_FILE:tidemark_hbase_member>")
  add_dependencies(tidemark_hbase_tests tidemark_hbase_member)
  if(TARGET hbase_offsets)
    target_compile_definitions(tidemark_hbase_tests PRIVATE
      "TIDEMARK_EXAMPLE_PROGRAMS=\"${PROJECT_BINARY_DIR}/examples\"" "TIDEMARK_EXAMPLE_SOURCES=\"${PROJECT_SOURCE_DIR}/examples\"")
    add_dependencies(tidemark_hbase_tests hbase_offsets)
  endif()
  add_test(NAME hbase COMMAND tidemark_hbase_tests)
  set_tests_properties(hbase PROPERTIES LABELS hbase TIMEOUT 900)

  tidemark_hbase_suite(hbase_extended)
  add_test(NAME hbase_extended COMMAND tidemark_hbase_extended_tests)
  set_tests_properties(hbase_extended PROPERTIES LABELS extended TIMEOUT 3600)
endif()
