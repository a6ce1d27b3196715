/// Compiled shaders, cached in memory and on disk.
#pragma once

#include <epoxy/gl.h>

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/gpu/gl_context.h"
#include "app/gpu/shader_source.h"

namespace convlens {

/// A linked compute shader. It is deleted with its context.
class GlProgram {
  public:
    explicit GlProgram(GLuint id) : id_(id) {}

    /// Makes the program current and sets integer uniforms by name. Ignores names that the shader does not have.
    void use(std::initializer_list<std::pair<const char*, int>> uniforms) const;
    /// Sets a float or an ivec3 uniform. The program must be current. Ignores a name that the shader does not have.
    void set(const char* name, float value) const;
    void set(const char* name, int x, int y, int z) const;

  private:
    GLint location(const char* name) const;

    GLuint id_;
    mutable std::vector<std::pair<std::string, GLint>> locations_;
};

/// All programs of a context. Programs are also cached on disk, by driver and source, for later runs.
class GlPrograms {
  public:
    GlPrograms(const GlContext& context, const GlOptions& options);

    /// Returns the program of shader `file`, compiled with the preprocessor macros `defines`; it is valid as long as
    /// this object. Compiles the shader unless the cache in memory or on disk has the program. Fails if the file does
    /// not exist, or if the driver rejects the shader: then the message contains the first lines of the driver's log.
    Expected<const GlProgram*> get(std::string_view file, const Defines& defines);

    int compiled() const { return compiled_; }    ///< Number of programs compiled from source.
    int from_disk() const { return from_disk_; }  ///< Number of programs read from the on-disk cache.

  private:
    Expected<GLuint> compile(std::string_view file, std::string source);
    std::string cache_path(const std::string& source) const;
    GLuint load(const std::string& path) const;
    void save(GLuint program, const std::string& path) const;

    const GlContext& context_;
    std::string shader_dir_, cache_dir_;
    GlFault fault_;  ///< This class simulates GlFault::compile and GlFault::link.
    std::map<std::string, GlProgram, std::less<>> programs_;
    int compiled_ = 0, from_disk_ = 0;
};

}  // namespace convlens
