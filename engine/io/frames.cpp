/// The kinds of frame sources.
#include "engine/io/frames.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <utility>
#include <vector>

#include "engine/core/child_process.h"
#include "engine/core/confine.h"
#include "engine/core/host.h"
#include "engine/core/numbers.h"
#include "engine/core/sentence.h"
#include "engine/io/file.h"
#include "engine/io/gif_player.h"
#include "engine/io/picture_child.h"
#include "engine/io/picture_formats.h"
#include "engine/io/y4m.h"
#include "engine/io/zip_archive.h"

namespace convlens {

struct FrameSource {
    int count = 1;
    std::function<double(int)> duration = [](int) { return 0.1; };
    std::function<Expected<Picture>(int, const Cancel&)> read;
};

namespace {

namespace fs = std::filesystem;

using Source = std::unique_ptr<FrameSource>;

constexpr std::size_t max_file_bytes = std::size_t{1} << 30U;
constexpr double usual_delay =
    0.1;  ///< Of animations that name none, or less than 20 ms, as browsers show them, in seconds.

double delay_of(int milliseconds) { return milliseconds < 20 ? usual_delay : milliseconds / 1000.0; }

// ---- GIF

Expected<Source> open_gif(Bytes file, const std::string& name) {
    auto gif = read_gif(file.span(), name, max_stream_frames);
    if (!gif) return tl::unexpected(gif.error());
    if (auto ok = check_size({"GIF", gif->width, gif->height, 4, 8, 1}, name); !ok) return tl::unexpected(ok.error());
    auto source = std::make_unique<FrameSource>();
    const auto player = std::make_shared<GifPlayer>(std::move(file), name, std::move(*gif));
    source->count = static_cast<int>(player->gif().frames.size());
    source->duration = [player](int frame) {
        return delay_of(player->gif().frames[static_cast<std::size_t>(frame)].delay * 10);
    };
    source->read = [player](int frame, const Cancel& cancel) {
        return player->read(static_cast<std::size_t>(frame), cancel);
    };
    return source;
}

// ---- WebP: libwebp decodes in a child process, from the first frame on

Expected<Source> open_webp(Bytes file, const std::string& name) {
    auto source = std::make_unique<FrameSource>();
    std::vector<int> delays = webp_delays(file.span());
    if (delays.empty()) delays.push_back(0);
    source->count = static_cast<int>(delays.size());
    source->duration = [delays](int frame) { return delay_of(delays[static_cast<std::size_t>(frame)]); };
    source->read = [file = std::move(file), name](int frame, const Cancel&) {
        return decode_frame(file.span(), name, frame);
    };
    return source;
}

// ---- Y4M

/// A file of frames and where they begin, as far as they have been read.
struct Y4mFile {
    std::ifstream file;
    std::optional<Y4mStream> stream;
    std::vector<std::streamoff> begins;  ///< Of the lines of text.
    std::vector<std::byte> frame;
};

Expected<Source> open_y4m(const fs::path& path, const std::string& name, const Cancel& cancel) {
    const auto opened = std::make_shared<Y4mFile>();
    opened->file.open(path, std::ios::binary);
    if (!opened->file) return fail("{}: the file can't be opened", name);
    // The closure does not own the file, which owns the closure.
    auto stream = Y4mStream::open(
        [file = &opened->file](std::span<std::byte> into) -> Expected<std::size_t> {
            file->read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size()));
            return static_cast<std::size_t>(file->gcount());
        },
        name);
    if (!stream) return tl::unexpected(stream.error());
    const Y4mHeader header = stream->header();
    opened->stream = std::move(*stream);
    std::ifstream& file = opened->file;
    const std::streamoff first = file.tellg();
    file.seekg(0, std::ios::end);
    const std::streamoff size = file.tellg();
    for (std::streamoff at = first; at < size && opened->begins.size() < max_stream_frames;) {
        if (cancel.requested()) return canceled();
        file.seekg(at);
        const auto line = opened->stream->next_line();
        if (!line) return tl::unexpected(line.error());
        const auto end = at + static_cast<std::streamoff>(*line + header.frame_bytes());
        if (end > size) break;  // the last frame is cut short
        opened->begins.push_back(at);
        at = end;
    }
    if (opened->begins.empty()) return fail("{}: the video has no complete frame", name);
    auto source = std::make_unique<FrameSource>();
    source->count = static_cast<int>(opened->begins.size());
    source->duration = [rate = header.rate](int) { return 1 / rate; };
    source->read = [opened](int frame, const Cancel&) -> Expected<Picture> {
        opened->file.clear();
        opened->file.seekg(opened->begins[static_cast<std::size_t>(frame)]);
        const auto more = opened->stream->next(opened->frame);
        if (!more) return tl::unexpected(more.error());
        return y4m_picture(opened->stream->header(), opened->frame);
    };
    return source;
}

// ---- numbered pictures

Expected<Source> open_numbered(const fs::path& path, const Cancel& cancel) {
    std::error_code ignored;
    const auto exists = [&](int number) { return fs::exists(numbered_file(path, number), ignored); };
    const int first = exists(0) ? 0 : 1;
    int count = 0;
    while (count < max_stream_frames && !cancel.requested() && exists(first + count)) ++count;
    if (count == 0)
        return fail("{}: there is neither {} nor {}", path.filename().string(),
                    numbered_file(path, 0).filename().string(), numbered_file(path, 1).filename().string());
    auto source = std::make_unique<FrameSource>();
    source->count = count;
    source->duration = [](int) { return 1 / 25.0; };
    source->read = [=](int frame, const Cancel&) { return load_picture(numbered_file(path, first + frame)); };
    return source;
}

// ---- videos, by the program ffmpeg

constexpr std::chrono::seconds patience{20};

/// Returns what a program prints, at most 4 KB; empty if it fails.
std::string printed_by(const std::vector<std::string>& command) {
    auto program = ChildProcess::start(command, {});
    if (!program) return {};
    std::string text(4096, ' ');
    const auto count = program->read(std::as_writable_bytes(std::span(text)), patience, Cancel());
    if (!count || !program->failure().empty()) return {};
    text.resize(*count);
    return text;
}

std::vector<std::string> confined(std::vector<std::string> command) {
    command.insert(command.begin(), {program_file().string(), std::string(run_confined_word)});
    return command;
}

/// A run of ffmpeg that writes frames from `next` on.
struct Decoder {
    std::string file, name;
    std::optional<ChildProcess> program;
    std::optional<Y4mStream> stream;
    Cancel cancel;  ///< Of the frame that is read.
    int next = 0;
    std::vector<std::byte> frame;

    /// Starts at frame `from`. ffmpeg decodes and drops the frames before it: the number of a frame that is found by
    /// its time may be wrong.
    Expected<void> start(int from) {
        std::vector<std::string> command{"ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe"};
        command.insert(command.end(),
                       {"-i", "file:" + file, "-an", "-sn", "-dn", "-fps_mode", "passthrough", "-vf",
                        fmt::format("select=gte(n\\,{}),scale=out_color_matrix=bt601:out_range=tv", from), "-pix_fmt",
                        "yuv420p", "-f", "yuv4mpegpipe", "pipe:1"});
        auto started = ChildProcess::start(confined(std::move(command)), {});
        if (!started) return fail("{}: {}", name, started.error().message);
        program = std::move(*started);
        auto opened =
            Y4mStream::open([this](std::span<std::byte> into) { return program->read(into, patience, cancel); }, name);
        if (!opened) return failure(opened.error());
        stream = std::move(*opened);
        next = from;
        return {};
    }

    /// Returns why a stream that ended or failed with `error` did.
    tl::unexpected<Error> failure(const Error& error) {
        if (error.canceled) return canceled();
        const std::string how = program->failure();
        if (how == sentence("failed with status {}", status_without_program))
            return fail("{}: videos are read by the program ffmpeg, which is missing; install Debian's package ffmpeg",
                        name);
        return fail("{}: ffmpeg finds no video in it that it can read{}", name,
                    how.empty() ? "" : sentence(": it {}", how));
    }

    Expected<Picture> read(int wanted, int& count, const Cancel& wanted_cancel) {
        cancel = wanted_cancel;
        if (!stream || wanted < next)
            if (auto ok = start(wanted); !ok) return tl::unexpected(ok.error());
        for (; next <= wanted; ++next) {
            const auto more = stream->next(frame);
            if (!more) {
                stream.reset();
                return tl::unexpected(more.error());
            }
            if (!*more) {
                stream.reset();
                count = std::max(1, next);
                return fail("{}: frame {} is beyond the video's end, after {} frames", name, wanted, next);
            }
        }
        return y4m_picture(stream->header(), frame);
    }
};

Expected<Source> open_video(const fs::path& path, const std::string& name, const Cancel& cancel) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) return fail("{}: there is no such file", name);
    const auto decoder = std::make_shared<Decoder>();
    decoder->file = fs::absolute(path, ignored).string();
    decoder->name = name;
    decoder->cancel = cancel;
    if (auto ok = decoder->start(0); !ok) return tl::unexpected(ok.error());
    const double rate = decoder->stream->header().rate;
    std::string text =
        printed_by(confined({"ffprobe", "-v", "error", "-protocol_whitelist", "file,pipe", "-show_entries",
                             "format=duration", "-of", "csv=p=0", "file:" + decoder->file}));
    const std::string_view seconds = std::string_view(text).substr(0, text.find_first_of("\r\n"));
    const double frames = parse_number<double>(seconds).value_or(0) * rate;
    auto source = std::make_unique<FrameSource>();
    source->count = frames >= 1 && frames < max_stream_frames ? static_cast<int>(std::lround(frames)) : 1;
    source->duration = [rate](int) { return 1 / rate; };
    source->read = [decoder, s = source.get()](int frame, const Cancel& c) {
        return decoder->read(frame, s->count, c);
    };
    return source;
}

// ---- pictures

Source still(Picture picture) {
    auto source = std::make_unique<FrameSource>();
    source->read = [picture = std::make_shared<const Picture>(std::move(picture))](int, const Cancel&) {
        return Expected<Picture>(Picture{picture->info, picture->color.clone(), picture->alpha});
    };
    return source;
}

Expected<Source> open_source(const fs::path& path, const Cancel& cancel) {
    const std::string name = path.filename().string();
    if (!numbered_file(path, 0).empty()) return open_numbered(path, cancel);
    if (lower_extension(path) == ".y4m") return open_y4m(path, name, cancel);
    if (is_stream(path)) return open_video(path, name, cancel);
    auto file = read_part(path, max_file_bytes);
    if (!file) return tl::unexpected(file.error());
    if (gif_format.recognizes(file->span())) return open_gif(std::move(*file), name);
    if (webp_format.recognizes(file->span())) return open_webp(std::move(*file), name);
    auto picture = decode_picture(file->span(), name);
    if (!picture) return tl::unexpected(picture.error());
    return still(std::move(*picture));
}

}  // namespace

Frames::Frames(std::unique_ptr<FrameSource> source) : source_(std::move(source)) {}
Frames::Frames(Frames&&) noexcept = default;
Frames& Frames::operator=(Frames&&) noexcept = default;
Frames::~Frames() = default;

Expected<Frames> Frames::open(const fs::path& path, const Cancel& cancel) {
    auto source = open_source(path, cancel);
    if (!source) return tl::unexpected(source.error());
    return Frames(std::move(*source));
}

int Frames::count() const { return source_->count; }

double Frames::duration(int frame) const { return source_->duration(std::clamp(frame, 0, source_->count - 1)); }

Expected<std::shared_ptr<const Picture>> Frames::read(int frame, const Cancel& cancel) {
    if (frame < 0 || frame >= source_->count)
        return fail("there is no frame {}: expected 0 to {}", frame, source_->count - 1);
    auto picture = source_->read(frame, cancel);
    if (!picture) return tl::unexpected(picture.error());
    return std::make_shared<const Picture>(std::move(*picture));
}

Expected<std::shared_ptr<const Picture>> Frames::kept(int frame, const Cancel& cancel) {
    if (kept_[1].second && kept_[1].first == frame) std::swap(kept_[0], kept_[1]);
    if (kept_[0].second && kept_[0].first == frame) return kept_[0].second;
    auto picture = read(frame, cancel);
    if (!picture) return picture;
    kept_[1] = std::exchange(kept_[0], {frame, *picture});
    return picture;
}

Expected<std::shared_ptr<const Picture>> Frames::read(const FramePath& path, const Cancel& cancel) {
    const auto minus = path.subtracted();
    if (!minus) return read(path.frame, cancel);
    const auto before = kept(*minus, cancel);  // first, because a video is read forward
    if (!before) return before;
    const auto frame = kept(path.frame, cancel);
    if (!frame) return frame;
    Picture difference;
    if (auto ok = difference_picture(**frame, **before, difference); !ok) return tl::unexpected(ok.error());
    return std::make_shared<const Picture>(std::move(difference));
}

Expected<void> difference_picture(const Picture& a, const Picture& b, Picture& difference) {
    const Shape shape = a.color.shape();
    if (shape != b.color.shape())
        return fail("a frame of {}x{} pixels can't be subtracted from one of {}x{}", b.info.width, b.info.height,
                    a.info.width, a.info.height);
    if (difference.color.shape() != shape) difference.color = Tensor(shape);
    difference.alpha.clear();
    difference.info = a.info;
    difference.info.channels = 3;
    difference.info.bits = 8;
    const auto left = a.color.values(), right = b.color.values();
    const auto out = difference.color.values();
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = std::clamp(std::floor(127.5F * (1 + left[i] - right[i]) + 0.5F), 0.0F, 255.0F) / 255;
    return {};
}

}  // namespace convlens
