/// Compiles shaders and caches program binaries on disk.
#include "app/gpu/gl_program.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>

#include "engine/core/host.h"
#include "engine/io/file.h"

namespace convlens {
namespace {

/// Returns the FNV-1a hash with 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/).
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return hash;
}

/// The beginning of a cache file; the program binary follows.
struct CacheHeader {
    std::uint64_t hash;    ///< Hash of the binary: drivers may crash on a truncated one.
    std::uint32_t format;  ///< The driver's format, as glProgramBinary() takes it.
    std::uint32_t size;    ///< Bytes of the binary.
};

/// Returns the first lines of a driver's log as one line for an error message.
std::string in_one_line(std::string log) {
    while (!log.empty() && (log.back() == '\0' || std::isspace(static_cast<unsigned char>(log.back())))) log.pop_back();
    constexpr std::size_t most = 400;
    if (log.size() > most) log = log.substr(0, most) + " ...";
    std::string line;
    for (const char c : log) line += c == '\n' ? std::string("; ") : std::string(1, c);
    return line;
}

}  // namespace

void GlProgram::use(std::initializer_list<std::pair<const char*, int>> uniforms) const {
    glUseProgram(id_);
    for (const auto& [name, value] : uniforms)
        if (const GLint at = location(name); at >= 0) glUniform1i(at, value);
}

void GlProgram::set(const char* name, float value) const { glUniform1f(location(name), value); }

void GlProgram::set(const char* name, int x, int y, int z) const { glUniform3i(location(name), x, y, z); }

GLint GlProgram::location(const char* name) const {
    for (const auto& [known, at] : locations_)
        if (known == name) return at;
    return locations_.emplace_back(name, glGetUniformLocation(id_, name)).second;
}

GlPrograms::GlPrograms(const GlContext& context, const GlOptions& options)
    : context_(context),
      shader_dir_(options.shader_dir),
      cache_dir_(options.cache_dir.value_or(cache_folder().string())),
      fault_(options.fault) {
    GLint formats = 0;
    glGetIntegerv(GL_NUM_PROGRAM_BINARY_FORMATS, &formats);
    if (formats < 1 || fault_ == GlFault::compile || fault_ == GlFault::link) cache_dir_.clear();
}

Expected<const GlProgram*> GlPrograms::get(std::string_view file, const Defines& defines) {
    std::string key(file);
    for (const auto& [name, value] : defines) key += fmt::format(" {}={}", name, value);
    if (const auto known = programs_.find(key); known != programs_.end()) return &known->second;
    auto source = shader_source(file, defines, shader_dir_);
    if (!source) return tl::unexpected(source.error());
    if (fault_ == GlFault::compile) *source += "\n#error CONVLENS_GL_FAULT=compile\n";
    if (fault_ == GlFault::link)
        *source += "\nfloat CONVLENS_GL_FAULT_link();\nfloat unlinked = CONVLENS_GL_FAULT_link();\n";
    const std::string path = cache_path(*source);
    GLuint id = load(path);
    if (id != 0) {
        ++from_disk_;
    } else {
        const auto made = compile(file, std::move(*source));
        if (!made) return tl::unexpected(made.error());
        id = *made;
        ++compiled_;
        save(id, path);
    }
    return &programs_.emplace(std::move(key), GlProgram(id)).first->second;
}

Expected<GLuint> GlPrograms::compile(std::string_view file, std::string source) {
    const GLuint shader = glCreateShader(GL_COMPUTE_SHADER), program = glCreateProgram();
    const char* text = source.c_str();
    glShaderSource(shader, 1, &text, nullptr);
    glCompileShader(shader);
    glAttachShader(program, shader);
    if (!cache_dir_.empty()) glProgramParameteri(program, GL_PROGRAM_BINARY_RETRIEVABLE_HINT, GL_TRUE);
    GLint compiled = 0, linked = 0, length = 0;
    glGetShaderiv(shader, GL_COMPILE_STATUS, &compiled);
    if (compiled) glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    std::string log;
    if (!linked) {
        compiled ? glGetProgramiv(program, GL_INFO_LOG_LENGTH, &length)
                 : glGetShaderiv(shader, GL_INFO_LOG_LENGTH, &length);
        log.resize(static_cast<std::size_t>(std::max(length, 1)));
        compiled ? glGetProgramInfoLog(program, length, nullptr, log.data())
                 : glGetShaderInfoLog(shader, length, nullptr, log.data());
    }
    glDeleteShader(shader);
    if (linked) return program;
    glDeleteProgram(program);
    return compiled
               ? fail("the OpenGL driver {} does not link shader {}: {}", context_.renderer(), file, in_one_line(log))
               : fail("the OpenGL driver {} does not compile shader {}: {}", context_.renderer(), file,
                      in_one_line(log));
}

std::string GlPrograms::cache_path(const std::string& source) const {
    if (cache_dir_.empty()) return {};
    const std::string all = context_.vendor() + '\n' + context_.renderer() + '\n' + context_.version() + '\n' + source;
    return fmt::format("{}/{:016x}.glbin", cache_dir_, hash_of(all));
}

GLuint GlPrograms::load(const std::string& path) const {
    constexpr std::size_t max_bytes = std::size_t{64} << 20U;
    std::error_code ignored;
    if (path.empty() || !std::filesystem::exists(path, ignored)) return 0;
    const auto bytes = Bytes::read_file(path, max_bytes);
    if (!bytes || bytes->span().size() < sizeof(CacheHeader)) return 0;
    CacheHeader header{};
    std::memcpy(&header, bytes->span().data(), sizeof header);
    const auto binary = bytes->span().subspan(sizeof header);
    if (binary.size() != header.size ||
        hash_of({reinterpret_cast<const char*>(binary.data()), binary.size()}) != header.hash)
        return 0;
    const GLuint program = glCreateProgram();
    glProgramBinary(program, header.format, binary.data(), static_cast<GLsizei>(binary.size()));
    GLint linked = 0;
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    while (glGetError() != GL_NO_ERROR) {
    }  // discards the errors of a binary that the driver rejects
    if (linked) return program;
    glDeleteProgram(program);
    return 0;
}

void GlPrograms::save(GLuint program, const std::string& path) const {
    if (path.empty()) return;
    GLint size = 0;
    glGetProgramiv(program, GL_PROGRAM_BINARY_LENGTH, &size);
    if (size <= 0) return;
    std::vector<std::byte> bytes(sizeof(CacheHeader) + static_cast<std::size_t>(size));
    GLenum format = 0;
    glGetProgramBinary(program, size, &size, &format, bytes.data() + sizeof(CacheHeader));
    if (glGetError() != GL_NO_ERROR) return;
    bytes.resize(sizeof(CacheHeader) + static_cast<std::size_t>(size));
    const std::string_view binary(reinterpret_cast<const char*>(bytes.data()) + sizeof(CacheHeader),
                                  static_cast<std::size_t>(size));
    const CacheHeader header{hash_of(binary), format, static_cast<std::uint32_t>(size)};
    std::memcpy(bytes.data(), &header, sizeof header);
    std::error_code ignored;
    std::filesystem::create_directories(cache_dir_, ignored);
    (void)write_file(path, bytes);  // a cache that can't be written is not an error
}

}  // namespace convlens
