# The program for the browser: one .wasm, its script, and the assets as one file that the script unpacks.
option(CONVLENS_WEB_THREADS "Use threads, which need a cross-origin isolated page" ON)
set_target_properties(convlens PROPERTIES OUTPUT_NAME $<IF:$<BOOL:${CONVLENS_WEB_THREADS}>,convlens,convlens-1>)
target_link_options(convlens PRIVATE
  -sINITIAL_MEMORY=256MB -sALLOW_MEMORY_GROWTH=1 -sMAXIMUM_MEMORY=4GB -sSTACK_SIZE=1MB -sDEFAULT_PTHREAD_STACK_SIZE=1MB
  -sENVIRONMENT=web,worker -sEXIT_RUNTIME=0 -sFORCE_FILESYSTEM=1 -lidbfs.js
  -sEXPORTED_RUNTIME_METHODS=FS,ENV,ccall,addRunDependency,removeRunDependency,stringToNewUTF8,HEAPU8
  --preload-file ${CMAKE_SOURCE_DIR}/assets@/assets)
if(CONVLENS_WEB_THREADS)
  # Every thread of the program starts at once: the workers of the window, and one per core for loops.
  target_link_options(convlens PRIVATE "-sPTHREAD_POOL_SIZE=Module.page.threads()")
endif()

# Links a program that Node runs, with the machine's files: the tests, and the command line to measure the engine with.
function(convlens_for_node target)
  target_link_options(${target} PRIVATE -sNODERAWFS=1 -sENVIRONMENT=node,worker -sEXIT_RUNTIME=1 -sINITIAL_MEMORY=256MB
    -sALLOW_MEMORY_GROWTH=1 -sMAXIMUM_MEMORY=4GB -sSTACK_SIZE=4MB -sDEFAULT_PTHREAD_STACK_SIZE=1MB)
  if(CONVLENS_WEB_THREADS)
    target_link_options(${target} PRIVATE -sPROXY_TO_PTHREAD=1 -sPTHREAD_POOL_SIZE=12)
  endif()
endfunction()
add_executable(convlens-node EXCLUDE_FROM_ALL app/main.cpp)
target_link_libraries(convlens-node PRIVATE convlens_app lib::cli11)
convlens_for_node(convlens-node)
