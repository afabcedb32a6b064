# One folder is one library and, where tests are built, one test program: adding a file is adding a file.
#
#   yagura_library([LINKS target...] [LTO] [TESTS_LINK target...])
#
# Called in a folder's CMakeLists.txt. spine/base becomes the target spine_base; *_test.cpp in it become
# spine_base_test, run by ctest under that name.

# The standard library's and the test library's headers, read once instead of three hundred times. Only where the compiler
# is clang and nothing is shipped: a source that forgets an include still fails in the release build.
if(YAGURA_PRECOMPILE)
  set(headers <algorithm> <array> <chrono> <filesystem> <functional> <map> <memory> <optional> <span> <string> <string_view> <vector>)
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp") # For ccache, which compares contents.
  file(WRITE ${CMAKE_BINARY_DIR}/generated/precompiled.cpp "")
  add_library(precompiled OBJECT ${CMAKE_BINARY_DIR}/generated/precompiled.cpp)
  target_precompile_headers(precompiled PRIVATE ${headers})
  add_library(precompiled_tests OBJECT ${CMAKE_BINARY_DIR}/generated/precompiled.cpp)
  target_link_libraries(precompiled_tests PRIVATE GTest::gmock)
  target_precompile_headers(precompiled_tests PRIVATE ${headers} <gtest/gtest.h>)
endif()
function(yagura_precompiled target from)
  if(YAGURA_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

function(yagura_library)
  cmake_parse_arguments(L "LTO" "" "LINKS;TESTS_LINK" ${ARGN})
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  string(MAKE_C_IDENTIFIER "${folder}" target)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC ${L_LINKS})
    yagura_precompiled(${target} precompiled)
    if(L_LTO AND YAGURA_LTO)
      set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
    endif()
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${L_LINKS})
  endif()
  if(YAGURA_TESTS)
    file(GLOB_RECURSE tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp")
    # A folder inside that is a library of its own has its own tests.
    file(GLOB inner CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt")
    foreach(file IN LISTS inner)
      get_filename_component(inside ${file} DIRECTORY)
      list(FILTER tests EXCLUDE REGEX "^${inside}/")
    endforeach()
    if(tests)
      add_executable(${target}_test ${tests})
      target_compile_definitions(${target}_test PRIVATE YAGURA_SOURCE="${CMAKE_SOURCE_DIR}")
      target_link_libraries(${target}_test PRIVATE ${target} tests_support ${L_TESTS_LINK} GTest::gmock GTest::gtest_main)
      yagura_precompiled(${target}_test precompiled_tests)
      add_test(NAME ${target} COMMAND ${target}_test)
    endif()
  endif()
endfunction()
