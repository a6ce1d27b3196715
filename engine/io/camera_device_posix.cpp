/// Video4Linux (https://docs.kernel.org/userspace-api/media/v4l/v4l2.html): four buffers that the driver fills.
#include "engine/core/sentence.h"
#include "engine/io/camera_device.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#ifdef __linux__
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace convlens {

std::size_t usual_mode(const std::vector<CameraMode>& modes) {
    const auto distance = [](const CameraMode& m) { return std::abs(m.size.w - 640) + std::abs(m.size.h - 480); };
    const auto best = std::ranges::min_element(modes, {}, distance);
    return best == modes.end() ? 0 : static_cast<std::size_t>(best - modes.begin());
}

#ifdef __linux__

namespace {

constexpr int max_devices = 64, max_answers = 256;
constexpr std::uint32_t buffers_wanted = 4;

/// Calls the driver; again if a signal interrupts it.
int call(int device, unsigned long request, void* argument) {
    int result = 0;
    do result = ::ioctl(device, request, argument);
    while (result < 0 && errno == EINTR);
    return result;
}

std::string reason(int error) {
    switch (error) {
        case EBUSY: return sentence("another program is using it");
        case EACCES:
        case EPERM: return sentence("access is denied: this user is not in the group video");
        case ENODEV:
        case ENXIO:
        case ENOENT: return sentence("it is unplugged");
        default: return sentence("it does not work ({})", std::strerror(error));
    }
}

/// An open file of a device.
class Opened {
  public:
    explicit Opened(const std::string& path) : file_(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)) {}
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
    ~Opened() {
        if (file_ >= 0) ::close(file_);
    }
    int file() const { return file_; }

  private:
    int file_;
};

/// Returns true if the device sends frames into buffers; its name is stored in `name`.
bool is_camera(int device, std::string& name) {
    v4l2_capability found{};
    if (call(device, VIDIOC_QUERYCAP, &found) < 0) return false;
    // A camera has several devices; device_caps are those of this one.
    const std::uint32_t can = (found.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? found.device_caps : found.capabilities;
    const char* card = reinterpret_cast<const char*>(found.card);
    name = printable(std::string(card, ::strnlen(card, sizeof(found.card))), 32);
    return (can & V4L2_CAP_VIDEO_CAPTURE) != 0 && (can & V4L2_CAP_STREAMING) != 0;
}

double fastest(int device, std::uint32_t format, Size2 size) {
    double rate = 0;
    v4l2_frmivalenum interval{};
    interval.pixel_format = format;
    interval.width = static_cast<std::uint32_t>(size.w);
    interval.height = static_cast<std::uint32_t>(size.h);
    for (; interval.index < max_answers && call(device, VIDIOC_ENUM_FRAMEINTERVALS, &interval) == 0; ++interval.index) {
        const v4l2_fract& seconds =
            interval.type == V4L2_FRMIVAL_TYPE_DISCRETE ? interval.discrete : interval.stepwise.min;
        if (seconds.numerator > 0) rate = std::max(rate, static_cast<double>(seconds.denominator) / seconds.numerator);
        if (interval.type != V4L2_FRMIVAL_TYPE_DISCRETE) break;
    }
    return rate;
}

void add_modes(int device, bool jpeg, std::vector<CameraMode>& modes) {
    v4l2_frmsizeenum answer{};
    answer.pixel_format = jpeg ? V4L2_PIX_FMT_MJPEG : V4L2_PIX_FMT_YUYV;
    const auto add = [&](Size2 size) {
        const bool possible = size.h > 0 && size.w > 0 && size.h <= 8192 && size.w <= 8192;
        if (possible) modes.push_back({jpeg, size, fastest(device, answer.pixel_format, size)});
    };
    for (; answer.index < max_answers && call(device, VIDIOC_ENUM_FRAMESIZES, &answer) == 0; ++answer.index) {
        if (answer.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
            add({static_cast<int>(answer.discrete.height), static_cast<int>(answer.discrete.width)});
            continue;
        }
        const auto& range = answer.stepwise;
        for (const Size2 size : {Size2{240, 320}, {480, 640}, {720, 1280}, {1080, 1920}})
            if (static_cast<std::uint32_t>(size.w) >= range.min_width &&
                static_cast<std::uint32_t>(size.w) <= range.max_width &&
                static_cast<std::uint32_t>(size.h) >= range.min_height &&
                static_cast<std::uint32_t>(size.h) <= range.max_height)
                add(size);
        break;
    }
}

/// Drops, of two modes of the same size, the one that is slower or looks worse: USB is too slow for large YUYV frames,
/// and small frames need no JPEG.
std::vector<CameraMode> best_modes(std::vector<CameraMode> modes) {
    const auto large = [](const CameraMode& m) { return m.size.w * m.size.h >= 1280 * 720; };
    std::ranges::stable_sort(modes, {}, [](const CameraMode& m) { return std::pair(m.size.w * m.size.h, m.size.w); });
    std::vector<CameraMode> best;
    for (const CameraMode& m : modes) {
        if (best.empty() || best.back().size != m.size)
            best.push_back(m);
        else if (m.jpeg == large(m) && best.back().jpeg != m.jpeg)
            best.back() = m;
    }
    return best;
}

}  // namespace

Expected<std::vector<CameraDevice>> list_cameras() {
    std::vector<CameraDevice> cameras;
    for (int i = 0; i < max_devices; ++i) {
        CameraDevice camera{fmt::format("/dev/video{}", i), {}, {}, {}};
        const Opened device(camera.path);
        if (device.file() < 0) {
            if (errno == ENOENT || errno == ENXIO || errno == ENODEV) continue;
            camera.name = camera.path;
            camera.problem = reason(errno);
        } else {
            if (!is_camera(device.file(), camera.name)) continue;
            for (const bool jpeg : {false, true}) add_modes(device.file(), jpeg, camera.modes);
            camera.modes = best_modes(std::move(camera.modes));
            if (camera.modes.empty()) camera.problem = "it has neither YUYV nor Motion JPEG";
        }
        cameras.push_back(std::move(camera));
    }
    return cameras;
}

struct CameraStream::Device {
    explicit Device(const std::string& path) : opened(path) {}
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    ~Device() {
        int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        call(opened.file(), VIDIOC_STREAMOFF, &type);
        for (const auto& buffer : buffers) ::munmap(const_cast<std::byte*>(buffer.data()), buffer.size());
    }

    Opened opened;
    CameraMode mode;
    std::size_t row_bytes = 0;
    std::vector<std::span<const std::byte>> buffers;  ///< Mapped memory of the driver.
    std::uint64_t frames = 0;

    static v4l2_buffer empty_buffer(std::uint32_t index) {
        v4l2_buffer buffer{};
        buffer.index = index;
        buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        buffer.memory = V4L2_MEMORY_MMAP;
        return buffer;
    }

    Expected<void> set_mode(const CameraMode& wanted) {
        v4l2_format format{};
        format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        auto& pixels = format.fmt.pix;
        pixels.width = static_cast<std::uint32_t>(wanted.size.w);
        pixels.height = static_cast<std::uint32_t>(wanted.size.h);
        pixels.pixelformat = wanted.jpeg ? V4L2_PIX_FMT_MJPEG : V4L2_PIX_FMT_YUYV;
        pixels.field = V4L2_FIELD_ANY;
        const std::uint32_t asked = pixels.pixelformat;
        if (call(opened.file(), VIDIOC_S_FMT, &format) < 0) return fail("{}", reason(errno));
        if (pixels.pixelformat != asked || pixels.width < 1 || pixels.height < 1 || pixels.width > 8192 ||
            pixels.height > 8192)
            return fail("it does not send {} x {} pixels as {}", wanted.size.w, wanted.size.h,
                        wanted.jpeg ? "Motion JPEG" : "YUYV");
        mode = {wanted.jpeg, {static_cast<int>(pixels.height), static_cast<int>(pixels.width)}, wanted.rate};
        row_bytes = pixels.bytesperline != 0 ? pixels.bytesperline : std::size_t{pixels.width} * 2;
        if (wanted.rate > 0) {
            v4l2_streamparm parameters{};
            parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
            parameters.parm.capture.timeperframe = {1000, static_cast<std::uint32_t>(wanted.rate * 1000)};
            call(opened.file(), VIDIOC_S_PARM, &parameters);  // a camera may know only one rate
        }
        return {};
    }

    Expected<void> map_buffers() {
        v4l2_requestbuffers request{};
        request.count = buffers_wanted;
        request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        request.memory = V4L2_MEMORY_MMAP;
        if (call(opened.file(), VIDIOC_REQBUFS, &request) < 0) return fail("{}", reason(errno));
        for (std::uint32_t i = 0; i < std::min(request.count, std::uint32_t{32}); ++i) {
            v4l2_buffer buffer = empty_buffer(i);
            if (call(opened.file(), VIDIOC_QUERYBUF, &buffer) < 0) return fail("{}", reason(errno));
            void* memory = ::mmap(nullptr, buffer.length, PROT_READ, MAP_SHARED, opened.file(),
                                  static_cast<off_t>(buffer.m.offset));
            if (memory == MAP_FAILED) return fail("{}", reason(errno));
            buffers.emplace_back(static_cast<const std::byte*>(memory), buffer.length);
            if (call(opened.file(), VIDIOC_QBUF, &buffer) < 0) return fail("{}", reason(errno));
        }
        if (buffers.size() < 2) return fail("it has {} buffers, expected at least 2", buffers.size());
        return {};
    }
};

CameraStream::CameraStream(std::unique_ptr<Device> device) : device_(std::move(device)) {}
CameraStream::CameraStream(CameraStream&&) noexcept = default;
CameraStream& CameraStream::operator=(CameraStream&&) noexcept = default;
CameraStream::~CameraStream() = default;

Expected<CameraStream> CameraStream::open(const std::string& path, const CameraMode& mode) {
    auto device = std::make_unique<Device>(path);
    if (device->opened.file() < 0) return fail("{}", reason(errno));
    std::string name;
    if (!is_camera(device->opened.file(), name))
        return fail("{}", errno == ENODEV ? reason(ENODEV) : sentence("it is no camera"));
    if (auto ok = device->set_mode(mode); !ok) return tl::unexpected(ok.error());
    if (auto ok = device->map_buffers(); !ok) return tl::unexpected(ok.error());
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (call(device->opened.file(), VIDIOC_STREAMON, &type) < 0) return fail("{}", reason(errno));
    return CameraStream(std::move(device));
}

Expected<int> CameraStream::newest(CameraFrame& frame, std::chrono::milliseconds patience) {
    Device& d = *device_;
    pollfd wanted{d.opened.file(), POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(patience.count()));
    if (ready < 0 && errno != EINTR) return fail("{}", reason(errno));
    if (ready > 0 && (wanted.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 && (wanted.revents & POLLIN) == 0)
        return fail("{}", reason(ENODEV));
    int arrived = 0;
    std::optional<v4l2_buffer> kept;
    const auto give_back = [&](v4l2_buffer& buffer) { return call(d.opened.file(), VIDIOC_QBUF, &buffer) == 0; };
    for (;;) {
        v4l2_buffer buffer = Device::empty_buffer(0);
        if (call(d.opened.file(), VIDIOC_DQBUF, &buffer) < 0) {
            if (errno == EAGAIN) break;
            return fail("{}", reason(errno));
        }
        if (buffer.index >= d.buffers.size()) return fail("{}", reason(EINVAL));
        ++arrived;
        ++d.frames;
        // The driver says that the frame is damaged.
        if ((buffer.flags & V4L2_BUF_FLAG_ERROR) != 0) buffer.bytesused = 0;
        if (kept && !give_back(*kept)) return fail("{}", reason(errno));
        kept = buffer;
        if (arrived >= static_cast<int>(buffers_wanted) * 2) break;  // it sends faster than it can be read
    }
    if (!kept) return 0;
    frame.mode = d.mode;
    frame.row_bytes = d.row_bytes;
    frame.number = d.frames;
    const auto bytes =
        d.buffers[kept->index].first(std::min<std::size_t>(kept->bytesused, d.buffers[kept->index].size()));
    frame.bytes.assign(bytes.begin(), bytes.end());
    frame.time = (kept->flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC
                     ? static_cast<double>(kept->timestamp.tv_sec) + static_cast<double>(kept->timestamp.tv_usec) * 1e-6
                     : std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    if (!give_back(*kept)) return fail("{}", reason(errno));
    return arrived;
}

#else

Expected<std::vector<CameraDevice>> list_cameras() { return fail("cameras are used on Linux only, by Video4Linux"); }

struct CameraStream::Device {};

CameraStream::CameraStream(std::unique_ptr<Device> device) : device_(std::move(device)) {}
CameraStream::CameraStream(CameraStream&&) noexcept = default;
CameraStream& CameraStream::operator=(CameraStream&&) noexcept = default;
CameraStream::~CameraStream() = default;

Expected<CameraStream> CameraStream::open(const std::string& /*path*/, const CameraMode& /*mode*/) {
    return fail("cameras are used on Linux only");
}

Expected<int> CameraStream::newest(CameraFrame& /*frame*/, std::chrono::milliseconds /*patience*/) {
    return fail("cameras are used on Linux only");
}

#endif

}  // namespace convlens
