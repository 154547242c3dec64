# The wall clock of a consumer's process is stepped, by a library that is preloaded. The sanitizers want to be loaded first.
if(TARGET tidemark::sqlite AND CMAKE_SYSTEM_NAME STREQUAL Linux AND NOT TIDEMARK_SANITIZE)
  add_library(tidemark_wall_clock MODULE ${CMAKE_CURRENT_LIST_DIR}/wall_clock.cpp)
  target_link_libraries(tidemark_wall_clock PRIVATE ${CMAKE_DL_LIBS} Threads::Threads)
  tidemark_developer_flags(tidemark_wall_clock)
  add_executable(tidemark_clock_member ${CMAKE_CURRENT_LIST_DIR}/member.cpp)
  target_link_libraries(tidemark_clock_member PRIVATE tidemark::tidemark tidemark::sqlite fmt::fmt)
  tidemark_developer_flags(tidemark_clock_member)
  tidemark_test_suite(clock LABEL world TIMEOUT 600 LIBS fmt::fmt)
  target_sources(tidemark_clock_tests PRIVATE ${CMAKE_CURRENT_LIST_DIR}/stepped_member.cpp)
  target_compile_definitions(tidemark_clock_tests PRIVATE
    TIDEMARK_CLOCK_MEMBER="$<TARGET_FILE:tidemark_clock_member>"
    TIDEMARK_WALL_CLOCK_LIBRARY="$<TARGET_FILE:tidemark_wall_clock>")
  add_dependencies(tidemark_clock_tests tidemark_clock_member tidemark_wall_clock)
endif()
