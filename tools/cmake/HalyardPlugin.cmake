# halyard_add_plugin(NAME cpu KIND provider|format MANIFEST cpu.json.in SOURCES a.cpp ... [LIBS x ...])
#
# Builds lib/halyard/libhalyard-KIND-NAME.so and, from MANIFEST, lib/halyard/NAME.json beside it.
# Two targets: halyard_KIND_NAME, an object library that holds the sources and to which flags and
# include directories go (unit tests link it), and halyard-KIND-NAME, the module itself.
#
# The manifest may use @HALYARD_PLUGIN_ID@, @HALYARD_PLUGIN_KIND@, @HALYARD_PLUGIN_VERSION@,
# @HALYARD_PLUGIN_LIBRARY@ (file name), @HALYARD_PLUGIN_ARCH@ and @HALYARD_PLUGIN_SANITIZER@.
function(halyard_add_plugin)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;KIND;MANIFEST" "SOURCES;LIBS")
  foreach(required IN ITEMS NAME KIND MANIFEST SOURCES)
    if(NOT arg_${required})
      message(FATAL_ERROR "halyard_add_plugin: ${required} is missing")
    endif()
  endforeach()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "halyard_add_plugin(${arg_NAME}): unknown: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_KIND MATCHES "^(provider|format)$")
    message(FATAL_ERROR "halyard_add_plugin(${arg_NAME}): KIND is provider or format")
  endif()

  set(objects halyard_${arg_KIND}_${arg_NAME})
  add_library(${objects} OBJECT ${arg_SOURCES})
  target_include_directories(${objects} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${objects} PUBLIC Halyard::sdk ${arg_LIBS} PRIVATE halyard_warnings)

  set(module halyard-${arg_KIND}-${arg_NAME})
  add_library(${module} MODULE)
  target_link_libraries(${module} PRIVATE ${objects})
  set_target_properties(${module} PROPERTIES
    LINKER_LANGUAGE CXX
    LIBRARY_OUTPUT_DIRECTORY "${HALYARD_PLUGIN_OUTPUT_DIR}"
    LINK_DEPENDS "${PROJECT_SOURCE_DIR}/tools/cmake/plugin.map"
    INSTALL_RPATH "")
  # One symbol leaves the library; those of static libraries inside it never do. Nothing may be
  # left to be found in the process that loads it.
  target_link_options(${module} PRIVATE
    "-Wl,--version-script=${PROJECT_SOURCE_DIR}/tools/cmake/plugin.map"
    -Wl,--exclude-libs,ALL
    -Wl,-z,defs)

  set(HALYARD_PLUGIN_ID "${arg_NAME}")
  set(HALYARD_PLUGIN_KIND "${arg_KIND}")
  set(HALYARD_PLUGIN_VERSION "${PROJECT_VERSION}")
  set(HALYARD_PLUGIN_LIBRARY
      "${CMAKE_SHARED_MODULE_PREFIX}${module}${CMAKE_SHARED_MODULE_SUFFIX}")
  set(HALYARD_PLUGIN_ARCH "${CMAKE_SYSTEM_PROCESSOR}")
  set(HALYARD_PLUGIN_SANITIZER "${HALYARD_SANITIZE}")
  configure_file("${arg_MANIFEST}" "${HALYARD_PLUGIN_OUTPUT_DIR}/${arg_NAME}.json" @ONLY)

  install(TARGETS ${module} LIBRARY
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/halyard" COMPONENT runtime)
  install(FILES "${HALYARD_PLUGIN_OUTPUT_DIR}/${arg_NAME}.json"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/halyard" COMPONENT runtime)
endfunction()
