/// A library for LD_PRELOAD that is a camera: /dev/video0 answers as a UVC webcam does. Other devices do not exist.
///
/// CONVLENS_CAMERA names a file with a word, which is read again at every call, so that a test can change it:
/// - ok: frames come, 30 per second
/// - busy, denied, unplugged: the calls fail with EBUSY, EACCES, ENODEV; a device that is open, too, if unplugged
/// - silent: no frames come
/// - short: frames have half of their bytes; damaged: the driver marks them as damaged
/// FILE.jpg has the frame of Motion JPEG. Frame n of YUYV is as bright as 40 + n % 160, with a gradient.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr unsigned buffers = 4;
constexpr std::size_t buffer_bytes = 1280 * 720 * 2;

int device = -1;  ///< A timer that ticks when a frame comes.
bool jpeg = false;
unsigned width = 640, height = 480;
unsigned char* memory[buffers];
bool queued[buffers];
unsigned number = 0, next_buffer = 0;

template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool state_is(const char* word) {
    char text[16] = "";
    const char* path = std::getenv("CONVLENS_CAMERA");
    if (std::FILE* file = path ? std::fopen(path, "r") : nullptr) {
        if (std::fscanf(file, "%15s", text) != 1) text[0] = '\0';
        std::fclose(file);
    }
    return std::strcmp(text, word) == 0;
}

int fails(int error) {
    errno = error;
    return -1;
}

int open_device() {
    if (state_is("unplugged")) return fails(ENOENT);
    if (state_is("denied")) return fails(EACCES);
    const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    const itimerspec times{{0, 33'333'333}, {0, 33'333'333}};
    ::timerfd_settime(timer, 0, &times, nullptr);
    return timer;
}

/// Writes a frame and returns its size.
std::size_t fill(unsigned char* to) {
    ++number;
    if (jpeg) {
        char path[512];
        std::snprintf(path, sizeof(path), "%s.jpg", std::getenv("CONVLENS_CAMERA"));
        std::FILE* file = std::fopen(path, "rb");
        const std::size_t size = file ? std::fread(to, 1, buffer_bytes, file) : 0;
        if (file) std::fclose(file);
        return size;
    }
    for (unsigned y = 0; y < height; ++y)
        for (unsigned x = 0; x < width; ++x) {
            unsigned char* pixel = to + (std::size_t{y} * width + x) * 2;
            pixel[0] = static_cast<unsigned char>(40 + (number + x / 16) % 160);
            pixel[1] = x % 2 == 0 ? 118 : 138;
        }
    return std::size_t{width} * height * 2;
}

int take_buffer(v4l2_buffer& buffer) {
    unsigned long long ticks = 0;
    if (state_is("silent") || ::read(device, &ticks, sizeof(ticks)) != sizeof(ticks)) return fails(EAGAIN);
    for (unsigned i = 0; i < buffers; ++i) {
        const unsigned at = (next_buffer + i) % buffers;
        if (!queued[at]) continue;
        next_buffer = at + 1;
        queued[at] = false;
        buffer.index = at;
        const std::size_t size = fill(memory[at]);
        buffer.bytesused = static_cast<unsigned>(state_is("short") ? size / 2 : size);
        buffer.flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | (state_is("damaged") ? V4L2_BUF_FLAG_ERROR : 0U);
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        buffer.timestamp = {now.tv_sec, now.tv_nsec / 1000};
        return 0;
    }
    return fails(EAGAIN);
}

int answer(int file, unsigned long request, void* argument) {
    if (state_is("unplugged")) return fails(ENODEV);
    constexpr v4l2_fract thirty{1, 30};
    switch (request) {
        case VIDIOC_QUERYCAP: {
            auto& found = *static_cast<v4l2_capability*>(argument);
            std::strcpy(reinterpret_cast<char*>(found.driver), "uvcvideo");
            std::strcpy(reinterpret_cast<char*>(found.card), "Replayed Webcam");
            found.device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_EXT_PIX_FORMAT;
            found.capabilities = found.device_caps | V4L2_CAP_META_CAPTURE | V4L2_CAP_DEVICE_CAPS;
            return 0;
        }
        case VIDIOC_ENUM_FRAMESIZES: {
            auto& size = *static_cast<v4l2_frmsizeenum*>(argument);
            constexpr unsigned sizes[][2] = {{640, 480}, {320, 240}, {1280, 720}};
            if (size.index > 2) return fails(EINVAL);
            size.type = V4L2_FRMSIZE_TYPE_DISCRETE;
            size.discrete = {sizes[size.index][0], sizes[size.index][1]};
            return 0;
        }
        case VIDIOC_ENUM_FRAMEINTERVALS: {
            auto& interval = *static_cast<v4l2_frmivalenum*>(argument);
            if (interval.index > 0) return fails(EINVAL);
            interval.type = V4L2_FRMIVAL_TYPE_DISCRETE;
            interval.discrete =
                interval.pixel_format == V4L2_PIX_FMT_YUYV && interval.width > 640 ? v4l2_fract{1, 10} : thirty;
            return 0;
        }
        case VIDIOC_S_FMT: {
            if (state_is("busy")) return fails(EBUSY);
            auto& pixels = static_cast<v4l2_format*>(argument)->fmt.pix;
            jpeg = pixels.pixelformat == V4L2_PIX_FMT_MJPEG;
            width = pixels.width;
            height = pixels.height;
            pixels.bytesperline = jpeg ? 0 : width * 2;
            pixels.sizeimage = width * height * 2;
            device = file;
            return 0;
        }
        case VIDIOC_S_PARM: return 0;
        case VIDIOC_REQBUFS: static_cast<v4l2_requestbuffers*>(argument)->count = buffers; return 0;
        case VIDIOC_QUERYBUF: {
            auto& buffer = *static_cast<v4l2_buffer*>(argument);
            buffer.length = buffer_bytes;
            buffer.m.offset = buffer.index * buffer_bytes;
            return 0;
        }
        case VIDIOC_QBUF: queued[static_cast<v4l2_buffer*>(argument)->index % buffers] = true; return 0;
        case VIDIOC_DQBUF: return take_buffer(*static_cast<v4l2_buffer*>(argument));
        case VIDIOC_STREAMON: return 0;
        case VIDIOC_STREAMOFF: std::memset(queued, 0, sizeof(queued)); return 0;
        default: return fails(ENOTTY);
    }
}

bool is_video(const char* path) { return std::strncmp(path, "/dev/video", 10) == 0; }

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    if (is_video(path)) return std::strcmp(path, "/dev/video0") == 0 ? open_device() : fails(ENOENT);
    va_list more;
    va_start(more, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    return next<int(const char*, int, ...)>("open")(path, flags, mode);
}

int ioctl(int file, unsigned long request, ...) {
    va_list more;
    va_start(more, request);
    void* argument = va_arg(more, void*);
    va_end(more);
    if (_IOC_TYPE(request) == 'V') return answer(file, request, argument);
    return next<int(int, unsigned long, ...)>("ioctl")(file, request, argument);
}

void* mmap(void* address, std::size_t length, int protection, int flags, int file, off_t offset) {
    static const auto real = next<void*(void*, std::size_t, int, int, int, off_t)>("mmap");
    if (file < 0 || file != device) return real(address, length, protection, flags, file, offset);
    void* made = real(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memory[static_cast<std::size_t>(offset) / buffer_bytes % buffers] = static_cast<unsigned char*>(made);
    return made;
}
}
