# Words of the console that a file for a spreadsheet shares with it, embedded: one word for one thing.
#
#   yagura_words(TARGET FUNCTION prefix...)
#
# FUNCTION becomes yagura::see::FUNCTION(), the rows of console/src/words whose keys begin with one of the prefixes
# and a point, in the order of their keys.
function(yagura_words target function)
  list(JOIN ARGN "|" prefixes)
  foreach(language en ja)
    set(file "${CMAKE_SOURCE_DIR}/console/src/words/${language}.json")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    file(STRINGS "${file}" lines ENCODING UTF-8 REGEX "^ *\"(${prefixes})\\.[^\"]*\": \"[^\"\\\\]*\",?$")
    foreach(line IN LISTS lines)
      string(REGEX MATCH "^ *\"([^\"]*)\": \"([^\"]*)\"" all "${line}")
      set("${language}_${CMAKE_MATCH_1}" "${CMAKE_MATCH_2}")
      list(APPEND keys "${CMAKE_MATCH_1}")
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES keys)
  list(SORT keys)
  set(WORDS_ROWS "")
  foreach(key IN LISTS keys)
    string(APPEND WORDS_ROWS "    Words{\"${key}\", \"${en_${key}}\", \"${ja_${key}}\"},\n")
  endforeach()
  set(WORDS_FUNCTION ${function})
  configure_file(${CMAKE_SOURCE_DIR}/cmake/words.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
endfunction()
