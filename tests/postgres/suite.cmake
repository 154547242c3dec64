# Real PostgreSQL servers, each of some 100 MB, and one Kafka broker.
if(TARGET tidemark::postgres)
  set(postgres_exclude EXCLUDE "/none$")
  if(NOT TARGET postgres_exactly_once)
    set(postgres_exclude EXCLUDE "/kills_[^/]*$")
  endif()
  tidemark_test_suite(postgres LABEL postgres TIMEOUT 900
    LIBS tidemark::postgres tidemark::testing PostgreSQL::PostgreSQL fmt::fmt ${postgres_exclude})
  target_include_directories(tidemark_postgres_tests PRIVATE ${PROJECT_SOURCE_DIR}/src)
  tidemark_test_suite(postgres_extended LABEL extended TIMEOUT 3600 LIBS tidemark::postgres)
  add_executable(tidemark_postgres_consumer ${CMAKE_CURRENT_LIST_DIR}/consumer.cpp)
  target_link_libraries(tidemark_postgres_consumer PRIVATE tidemark::postgres)
  tidemark_developer_flags(tidemark_postgres_consumer)
  foreach(target tidemark_postgres_tests tidemark_postgres_extended_tests)
    target_compile_definitions(${target} PRIVATE TIDEMARK_POSTGRES_CONSUMER="$<TARGET_FILE:tidemark_postgres_consumer>")
    add_dependencies(${target} tidemark_postgres_consumer)
  endforeach()
  if(TARGET postgres_exactly_once)
    target_compile_definitions(tidemark_postgres_tests PRIVATE TIDEMARK_EXAMPLE_POSTGRES="$<TARGET_FILE:postgres_exactly_once>")
    add_dependencies(tidemark_postgres_tests postgres_exactly_once)
  endif()

  # Each mutant is tidemark_postgres_tests with one bug in the store: mutants/NAME.patch, applied to a copy of its sources. What the patch names is
  # compiled anew, and linked before the library.
  file(GLOB patches CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/mutants/*.patch)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/stores/postgres/*)
  find_program(TIDEMARK_PATCH patch)
  add_custom_target(tidemark_postgres_mutants)
  foreach(patch IN LISTS patches)
    if(NOT TIDEMARK_PATCH)
      break()
    endif()
    cmake_path(GET patch STEM name)
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/postgres_mutants/${name})
    file(STRINGS ${patch} compiled REGEX "^Compile: ")
    string(REGEX REPLACE "^Compile: " "" compiled "${compiled}")
    list(TRANSFORM compiled PREPEND ${folder}/)
    add_custom_command(OUTPUT ${compiled}
      COMMAND ${CMAKE_COMMAND} -E rm -rf ${folder}/src
      COMMAND ${CMAKE_COMMAND} -E copy_directory ${PROJECT_SOURCE_DIR}/src/stores/postgres ${folder}/src/stores/postgres
      COMMAND ${TIDEMARK_PATCH} --quiet --strip=1 --forward --fuzz=0 --no-backup-if-mismatch --directory=${folder} --input=${patch}
      DEPENDS ${patch} ${sources}
      COMMENT "Mutating: ${name}")
    add_executable(tidemark_postgres_mutant_${name} EXCLUDE_FROM_ALL ${compiled} $<TARGET_OBJECTS:tidemark_postgres_tests>)
    target_include_directories(tidemark_postgres_mutant_${name} BEFORE PRIVATE ${folder}/src)
    target_include_directories(tidemark_postgres_mutant_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(tidemark_postgres_mutant_${name} PRIVATE $<TARGET_PROPERTY:tidemark_postgres_tests,LINK_LIBRARIES>)
    set_target_properties(tidemark_postgres_mutant_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/postgres_mutants)
    add_dependencies(tidemark_postgres_mutants tidemark_postgres_mutant_${name})
  endforeach()
  if(TIDEMARK_PATCH)
    add_test(NAME postgres.mutants_apply
      COMMAND ${PROJECT_SOURCE_DIR}/tests/simulation/mutants_apply.sh ${CMAKE_CURRENT_LIST_DIR}/mutants)
    set_tests_properties(postgres.mutants_apply PROPERTIES LABELS postgres TIMEOUT 120)
  endif()
endif()
