find_package(CURL 7.68 QUIET)
find_package(nlohmann_json 3.9 QUIET)
tidemark_component_option(TIDEMARK_BUILD_HDFS "Build tidemark::hdfs" CURL_FOUND AND nlohmann_json_FOUND)
if(TIDEMARK_BUILD_HDFS)
  find_package(CURL 7.68 REQUIRED)
  find_package(nlohmann_json 3.9 REQUIRED)
  tidemark_library(hdfs
    SOURCES_FROM src/stores/hdfs
    SOURCES src/stores/hdfs.cpp
    PUBLIC tidemark::tidemark
    PRIVATE CURL::libcurl $<BUILD_INTERFACE:nlohmann_json::nlohmann_json> fmt::fmt
    PACKAGES "CURL 7.68"
    PKGCONFIG "libcurl fmt"
    DESCRIPTION "tidemark's offset store in Spark's checkpoint log, on HDFS or a local directory")
endif()
