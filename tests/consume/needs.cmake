# cmake -P needs.cmake: prints what the components need, as they declare it themselves. A line each:
#   WHAT|NEED|ARGUMENT OF CMAKE BY WHICH IT IS MISSING|ARGUMENT BY WHICH WHAT IS ASKED FOR
function(tidemark_option variable what)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "AUTO_IF" "PACKAGES;PROGRAMS")
  foreach(need IN LISTS arg_PACKAGES)
    string(REGEX REPLACE "[ |].*" "" need "${need}")
    message("${what}|${need}|-DCMAKE_DISABLE_FIND_PACKAGE_${need}=ON|-D${variable}=ON")
  endforeach()
  foreach(need IN LISTS arg_PROGRAMS)
    string(REGEX REPLACE "[|].*" "" need "${need}")
    string(TOUPPER "${need}" program)
    message("${what}|the program ${need}|-DTIDEMARK_${program}=|-D${variable}=ON")
  endforeach()
endfunction()

function(tidemark_component name)
  string(TOUPPER "TIDEMARK_BUILD_${name}" variable)
  tidemark_option(${variable} "tidemark::${name}" ${ARGN})
endfunction()

file(GLOB components ${CMAKE_CURRENT_LIST_DIR}/../../cmake/components/*.cmake)
foreach(component IN LISTS components)
  include(${component})
endforeach()
