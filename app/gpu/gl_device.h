/// A GPU that computes: its memory, shader programs and errors, and the division of long work into slices.
#pragma once

#include <epoxy/gl.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "app/gpu/gl_context.h"
#include "app/gpu/gl_program.h"
#include "engine/core/cancel.h"
#include "engine/core/shape.h"

namespace convlens {

class GlDevice;

/// A buffer in GPU memory. When the last GlMemory that owns it is destroyed, it returns to the device's pool of free
/// buffers.
struct GlBuffer {
    GLuint id = 0;           ///< OpenGL's name of the buffer.
    std::size_t floats = 0;  ///< Capacity in floats.
};
/// Shared ownership of a buffer.
using GlMemory = std::shared_ptr<const GlBuffer>;

/// A tensor on the GPU: NCHW floats from the start of `memory`.
struct GlValues {
    GlMemory memory;
    Shape shape;
};

/// A GPU that computes through one OpenGL context. Belongs to the thread that made it. If another context may be
/// current on this thread, call make_current() before using the device.
class GlDevice : public std::enable_shared_from_this<GlDevice> {
  public:
    /// Makes a context (see GlContext::make()) and reads the limits of its driver.
    static Expected<std::shared_ptr<GlDevice>> make(const GlOptions& options);
    ~GlDevice();

    const GlContext& context() const { return *context_; }
    /// Makes the device's context current on the calling thread.
    void make_current() const { context_->make_current(); }

    /// Maximum number of floats that one call of bind() can bind.
    std::size_t max_block() const { return max_block_; }
    /// Maximum number of workgroups per dispatch along each axis.
    int max_groups() const { return max_groups_; }
    /// GlOptions::specialize, GlOptions::split and GlOptions::naive, with the driver's defaults.
    bool specialize() const { return specialize_; }
    bool split() const { return split_; }
    bool naive() const { return options_.naive; }
    /// Returns true if `fault` is simulated; always false while the device is made.
    bool simulates(GlFault fault) const { return started_ && options_.simulates(fault); }

    /// Returns a shader program; see GlPrograms::get().
    Expected<const GlProgram*> program(std::string_view file, const Defines& defines) {
        return programs_->get(file, defines);
    }
    const GlPrograms& programs() const { return *programs_; }

    /// Returns a buffer of at least `floats` floats with unspecified contents: a free buffer of similar size, or a new
    /// one. Fails if `floats` exceed max_bytes() or if the GPU is out of memory; the message names `what`.
    Expected<GlMemory> memory(std::size_t floats, std::string_view what);

    /// Returns the maximum size of one buffer in bytes: the GPU's total memory if the driver reports it, otherwise half
    /// of the machine's memory. memory() rejects larger requests without passing them to the driver; the driver may
    /// reject smaller ones.
    std::size_t max_bytes() const { return max_bytes_; }

    /// Returns the number of buffers requested from the driver so far.
    int buffers_made() const { return buffers_made_; }
    /// Returns the number of bytes in buffers that are in use or in the pool.
    std::size_t bytes_held() const { return bytes_held_; }

    /// Copies `values`, or `bytes` bytes at `data`, to the start of the buffer `to`.
    void write(const GlBuffer& to, std::span<const float> values) { write(to, values.data(), values.size_bytes()); }
    void write(const GlBuffer& to, const void* data, std::size_t bytes);
    /// Reads `bytes` bytes, starting at the buffer's float `first_float`, into `to`, and waits for them. The GPU copies
    /// them to a pixel buffer, from which the CPU reads.
    Expected<void> read(const GlBuffer& from, std::size_t first_float, std::size_t bytes, void* to);

    /// Binds floats [first, first + count) of the buffer, at most max_block() of them, to a shader's `binding`. Returns
    /// the index that float `first` has in the shader's array, which is not always 0 because drivers bind only at
    /// aligned offsets.
    int bind(GLuint binding, const GlBuffer& buffer, std::size_t first, std::size_t count);
    void bind(GLuint binding, const GlBuffer& buffer) { bind(binding, buffer, 0, buffer.floats); }

    /// Runs the current program with x, y and z workgroups along the axes, each 1..max_groups(). Its output is visible
    /// to all later operations.
    void dispatch(int x, int y, int z);

    /// Fails if the driver has reported an error since the last call, or if the GPU was reset.
    Expected<void> check();

  private:
    friend class Pacer;
    GlDevice() = default;
    void take_back(GlBuffer buffer);
    void drop(std::size_t until_bytes);
    GLuint allocate(std::size_t floats);

    std::unique_ptr<GlContext> context_;
    std::unique_ptr<GlPrograms> programs_;
    GlOptions options_;
    bool started_ = false;  ///< Whether make() has succeeded: faults are simulated only after that.
    bool specialize_ = false, split_ = false, lost_ = false;
    std::size_t max_block_ = 0, alignment_ = 1, max_bytes_ = 0;
    int max_groups_ = 65535;
    double slice_work_ = 0;        ///< Work of a slice: multiply-accumulates or values that take about 5 ms.
    std::vector<GlBuffer> stock_;  ///< Free buffers, oldest first.
    std::size_t stock_bytes_ = 0, bytes_held_ = 0;
    int buffers_made_ = 0;
    GLuint readback_ = 0;  ///< The pixel buffer of read(); made at the first call.
};

/// Divides long work on the GPU into slices of about 5 ms, so that it can be canceled. The caller reports the work of
/// each dispatch with did(). At the end of a slice, did() waits for the GPU: on a graphics card for the slice before,
/// so that the GPU always has work, on a software driver for the slice itself.
class Pacer {
  public:
    /// `total` is the total work, in multiply-accumulates or values like did()'s `work`.
    Pacer(GlDevice& device, const Cancel& cancel, double total) : device_(device), cancel_(cancel), total_(total) {}
    ~Pacer();
    Pacer(const Pacer&) = delete;
    Pacer& operator=(const Pacer&) = delete;

    /// Returns the maximum work that one dispatch should have.
    double slice() const { return device_.slice_work_; }
    /// Returns the source of cancellation requests.
    const Cancel& cancel() const { return cancel_; }
    /// Adds the work of a dispatch that was just made. At the end of a slice waits for the GPU, reports the progress,
    /// and fails if canceled.
    Expected<void> did(double work);

  private:
    GlDevice& device_;
    const Cancel& cancel_;
    double total_, done_ = 0, in_slice_ = 0;
    GLsync before_ = nullptr;  ///< Fence at the end of the previous slice.
};

}  // namespace convlens
