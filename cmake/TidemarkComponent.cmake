# tidemark_library(NAME …): a library of the package, as tidemark::NAME in the tree and installed.
#   SOURCES_FROM dirs…   every .cpp below these folders      SOURCES files…
#   PUBLIC / PRIVATE …   libraries to link
#   PACKAGES "Name version"…   what a project that links it has to find
#   PKGCONFIG "modules"        the private requirements of its .pc file
#   PKGCONFIG_LIBS "flags"     what it links beside them, since that has no .pc file
#   DESCRIPTION text
function(tidemark_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PKGCONFIG;PKGCONFIG_LIBS;DESCRIPTION" "SOURCES_FROM;SOURCES;PUBLIC;PRIVATE;PACKAGES")
  set(target tidemark)
  if(NOT name STREQUAL "tidemark")
    set(target tidemark_${name})
  endif()

  set(sources ${arg_SOURCES})
  foreach(dir IN LISTS arg_SOURCES_FROM)
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/*.cpp)
    list(APPEND sources ${found})
  endforeach()

  add_library(${target} ${sources})
  add_library(tidemark::${name} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    POSITION_INDEPENDENT_CODE ON)
  tidemark_developer_flags(${target})

  if(TIDEMARK_INSTALL)
    install(TARGETS ${target} EXPORT tidemark-${name}-targets)
    install(EXPORT tidemark-${name}-targets NAMESPACE tidemark:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tidemark)
    tidemark_install_dependencies(${name} "${arg_PACKAGES}")
    tidemark_install_pkgconfig(${name} ${target} "${arg_PKGCONFIG}" "${arg_PKGCONFIG_LIBS}" "${arg_DESCRIPTION}")
  endif()
endfunction()

# What find_package(tidemark COMPONENTS name) looks for before it loads the component's targets.
function(tidemark_install_dependencies name packages)
  set(text "")
  foreach(package IN LISTS packages)
    string(APPEND text "find_dependency(${package})\n")
  endforeach()
  set(file ${CMAKE_CURRENT_BINARY_DIR}/tidemark-${name}-dependencies.cmake)
  file(WRITE ${file} "${text}")
  install(FILES ${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tidemark)
endfunction()

function(tidemark_install_pkgconfig name target requires_private libs_private description)
  set(requires "")
  if(NOT target STREQUAL "tidemark")
    set(requires "tidemark = ${PROJECT_VERSION}")
  endif()
  set(file_name tidemark)
  if(requires)
    set(file_name tidemark-${name})
  endif()
  set(PC_NAME ${file_name})
  set(PC_LIBRARY ${target})
  set(PC_REQUIRES "${requires}")
  set(PC_REQUIRES_PRIVATE "${requires_private}")
  set(PC_LIBS "")
  # A static library leaves its own dependencies to whoever links it.
  if(NOT BUILD_SHARED_LIBS)
    set(PC_REQUIRES "${requires} ${requires_private}")
    set(PC_REQUIRES_PRIVATE "")
    set(PC_LIBS " ${libs_private}")
  endif()
  set(PC_DESCRIPTION "${description}")
  configure_file(${PROJECT_SOURCE_DIR}/cmake/tidemark.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${file_name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${file_name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

function(tidemark_install_package)
  include(CMakePackageConfigHelpers)
  set(destination ${CMAKE_INSTALL_LIBDIR}/cmake/tidemark)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/tidemark-config.cmake.in
    ${PROJECT_BINARY_DIR}/tidemark-config.cmake INSTALL_DESTINATION ${destination})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/tidemark-config-version.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/tidemark-config.cmake ${PROJECT_BINARY_DIR}/tidemark-config-version.cmake
    ${PROJECT_SOURCE_DIR}/cmake/FindRdKafka.cmake ${PROJECT_SOURCE_DIR}/cmake/FindHiredis.cmake
    ${PROJECT_SOURCE_DIR}/cmake/FindZooKeeper.cmake ${PROJECT_SOURCE_DIR}/cmake/FindThrift.cmake
    DESTINATION ${destination})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tidemark DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endfunction()

# tidemark_component(NAME needs…): sets TIDEMARK_BUILD_NAME, as tidemark_option does.
function(tidemark_component name)
  string(TOUPPER "TIDEMARK_BUILD_${name}" variable)
  tidemark_option(${variable} "tidemark::${name}" AUTO_IF ${TIDEMARK_BUILD_COMPONENTS} ${ARGN})
  set(${variable} ${${variable}} PARENT_SCOPE)
endfunction()
