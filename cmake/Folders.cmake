# One folder is one library and, where tests are built, one test program: adding a file is adding a file.
#
#   yagura_library([LINKS target...] [LTO | MUCH_RUN | BY_RECORDS | ASKED_BY_PEOPLE] [HEADERS file.h...] [TESTS_HEADERS file.h...] [TESTS_LINK target...] [TOGETHER "file.cpp file.cpp"...]
#                  [TESTS_TOGETHER "..."...] [THREADED file_test.cpp...] [COST n])
#
# LTO: on the way of packets. MUCH_RUN: every capture's way goes through it, as through what is LTO: under sanitizers they are
# compiled with -O1 instead of -O0, which takes twice as long, but then tests and captures run through them in a sixth of the
# time; and what a sanitizer says of them names the line. Elsewhere it names the function, which saves a seventh of compiling
# (-DCMAKE_CXX_FLAGS_DEBUG="-g1 -O0" gives the lines). ASKED_BY_PEOPLE: it works when a person asks, a few times a second at most: -O1 instead of -O3,
# which a person cannot tell and a build can, by a third. BY_RECORDS: it works when a record comes, which the fold has made of many
# packets, and most of its time is the database's: the same.
# TOGETHER: each list is compiled as one, where precompiled headers are wanted, too: what its files include and instantiate
# is most of their work. Their unnamed namespaces become one: a name that two of them have is an error, not a wrong program.
# HEADERS: what most of a folder's files include, written from the root; read once for the folder where precompiled headers are
# wanted. That costs as much as five files: for folders of many more. TESTS_HEADERS: the same for its tests.
# THREADED: those of its tests that have threads; under the thread sanitizer the others are not built.
# Called in a folder's CMakeLists.txt. spine/base becomes the target spine_base; *_test.cpp in it become
# spine_base_test, run by ctest under that name.

# The standard library's and the test library's headers, read once instead of three hundred times. A source that forgets an
# include fails without them: in the presets debug and fuzz, and where clang-tidy looks at it.
set(YAGURA_HEADERS <algorithm> <array> <atomic> <charconv> <chrono> <cmath> <deque> <filesystem> <fstream> <functional> <map> <memory> <mutex>
    <optional> <random> <set> <span> <string> <string_view> <unordered_map> <variant> <vector>)
if(YAGURA_PRECOMPILE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp") # For ccache, which compares contents.
  endif()
  file(WRITE ${CMAKE_BINARY_DIR}/generated/precompiled.cpp "")
  add_library(precompiled OBJECT ${CMAKE_BINARY_DIR}/generated/precompiled.cpp)
  target_precompile_headers(precompiled PRIVATE ${YAGURA_HEADERS})
  if(YAGURA_SANITIZE)
    add_library(precompiled_quick OBJECT ${CMAKE_BINARY_DIR}/generated/precompiled.cpp)
    target_compile_options(precompiled_quick PRIVATE -O1 -g1)
    target_precompile_headers(precompiled_quick PRIVATE ${YAGURA_HEADERS})
  endif()
  if(YAGURA_TESTS)
    add_library(precompiled_tests OBJECT ${CMAKE_BINARY_DIR}/generated/precompiled.cpp)
    target_link_libraries(precompiled_tests PRIVATE GTest::gmock)
    target_precompile_headers(precompiled_tests PRIVATE ${YAGURA_HEADERS} <gtest/gtest.h>)
  endif()
endif()
function(yagura_precompiled target from)
  if(NOT YAGURA_PRECOMPILE)
    return()
  endif()
  # g++ takes longer to write a folder's own than its files then save.
  if(ARGN AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # As a library's: a path would make what is compiled differ from folder to folder.
    list(TRANSFORM ARGN REPLACE "^(.+)$" "<\\1>" OUTPUT_VARIABLE own)
    if(from STREQUAL precompiled_tests)
      list(APPEND own <gtest/gtest.h>)
    endif()
    target_precompile_headers(${target} PRIVATE ${YAGURA_HEADERS} ${own})
  else()
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

# Where nothing reads memory at an address that it has worked out itself, a null pointer ends a program by its access alone and
# nothing is unaligned: undefined behaviour's two checks of every access are a tenth of compiling it and half of its code.
# The fuzzers have them everywhere.
function(yagura_without_checks_of_addresses target)
  if(YAGURA_SANITIZE MATCHES "undefined" AND NOT YAGURA_FUZZ)
    target_compile_options(${target} PRIVATE -fno-sanitize=null,alignment)
  endif()
endfunction()

function(yagura_unhurried target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU") # Of optionals, with -O1 alone.
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Wno-maybe-uninitialized>)
  endif()
  yagura_without_checks_of_addresses(${target})
endfunction()

function(yagura_together target)
  if(NOT YAGURA_PRECOMPILE OR NOT ARGN)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  set(group 0)
  foreach(list IN LISTS ARGN)
    math(EXPR group "${group} + 1")
    separate_arguments(files UNIX_COMMAND "${list}")
    foreach(file IN LISTS files)
      if(NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
        message(FATAL_ERROR "${target}: TOGETHER names ${file}, which is not in ${CMAKE_CURRENT_SOURCE_DIR}")
      endif()
      set_source_files_properties("${CMAKE_CURRENT_SOURCE_DIR}/${file}" PROPERTIES UNITY_GROUP "together_${group}")
    endforeach()
  endforeach()
endfunction()

function(yagura_library)
  cmake_parse_arguments(L "LTO;MUCH_RUN;BY_RECORDS;ASKED_BY_PEOPLE" "COST" "LINKS;HEADERS;TESTS_HEADERS;TESTS_LINK;TOGETHER;TESTS_TOGETHER;THREADED" ${ARGN})
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  string(MAKE_C_IDENTIFIER "${folder}" target)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC ${L_LINKS})
    if((L_LTO OR L_MUCH_RUN) AND YAGURA_SANITIZE)
      target_compile_options(${target} PRIVATE -O1 -g1)
      yagura_precompiled(${target} precompiled_quick ${L_HEADERS})
    else()
      yagura_precompiled(${target} precompiled ${L_HEADERS})
    endif()
    yagura_together(${target} ${L_TOGETHER})
    if(L_ASKED_BY_PEOPLE OR L_BY_RECORDS)
      yagura_unhurried(${target})
    endif()
    if(L_LTO AND YAGURA_LTO)
      set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
    endif()
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${L_LINKS})
  endif()
  if(NOT L_COST)
    set(L_COST 1)
  endif()
  if(YAGURA_TESTS)
    file(GLOB_RECURSE tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp")
    # A folder inside that is a library of its own has its own tests.
    file(GLOB inner CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt")
    foreach(file IN LISTS inner)
      get_filename_component(inside ${file} DIRECTORY)
      list(FILTER tests EXCLUDE REGEX "^${inside}/")
    endforeach()
    if(L_THREADED AND YAGURA_SANITIZE STREQUAL "thread")
      list(TRANSFORM L_THREADED PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" OUTPUT_VARIABLE tests)
      set(L_TESTS_HEADERS "") # Too few to be worth reading them once.
      set(L_TESTS_TOGETHER "")
    endif()
    if(tests)
      add_executable(${target}_test ${tests})
      yagura_without_checks_of_addresses(${target}_test)
      target_compile_definitions(${target}_test PRIVATE YAGURA_SOURCE="${CMAKE_SOURCE_DIR}")
      target_link_libraries(${target}_test PRIVATE ${target} tests_support ${L_TESTS_LINK} GTest::gmock GTest::gtest_main)
      yagura_precompiled(${target}_test precompiled_tests ${L_TESTS_HEADERS})
      yagura_together(${target}_test ${L_TESTS_TOGETHER})
      add_test(NAME ${target} COMMAND ${target}_test)
      set_tests_properties(${target} PROPERTIES COST ${L_COST}) # Seconds or so: the longest begin first.
    endif()
  endif()
endfunction()
