# halyard_add_schema(TARGET FILE.proto): a static library of the messages, in the lite runtime.
#
# The messages' symbols are hidden and the lite runtime registers nothing by name, so a process that holds
# the same messages, or another copy of protobuf, is not disturbed. The runtime itself is Debian's shared
# library: its static one cannot stand in a plugin. plugins/protobuf finds out where the
# process has put another one before it.

function(halyard_add_schema target file)
  find_package(Protobuf 3.21 REQUIRED)
  get_filename_component(name "${file}" NAME_WE)
  get_filename_component(folder "${file}" ABSOLUTE)
  get_filename_component(folder "${folder}" DIRECTORY)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/schema")
  file(MAKE_DIRECTORY "${out}")
  add_custom_command(OUTPUT "${out}/${name}.pb.cc" "${out}/${name}.pb.h"
    COMMAND "${Protobuf_PROTOC_EXECUTABLE}" "--cpp_out=${out}" "--proto_path=${folder}" "${name}.proto"
    DEPENDS "${folder}/${name}.proto"
    COMMENT "Generating ${name}.pb.cc" VERBATIM)
  add_library(${target} STATIC "${out}/${name}.pb.cc" "${out}/${name}.pb.h")
  # SYSTEM: what protoc writes is not held to this tree's warnings.
  target_include_directories(${target} SYSTEM PUBLIC "${out}")
  target_link_libraries(${target} PUBLIC halyard_protobuf)
endfunction()
