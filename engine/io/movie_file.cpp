/// The kinds of moving pictures that are written.
#include "engine/io/movie_file.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/child_process.h"
#include "engine/core/confine.h"
#include "engine/core/host.h"
#include "engine/core/sentence.h"
#include "engine/io/file.h"
#include "engine/io/frames.h"
#include "engine/io/gif_writer.h"
#include "engine/io/image_file.h"
#include "engine/io/new_file.h"
#include "engine/io/y4m.h"

namespace convlens {

struct MovieSink {
    std::function<Expected<void>(const Image&, const Cancel&)> add;
    std::function<Expected<std::string>(const Cancel&)> finish;
    std::function<bool()> lossless = [] { return true; };
};

namespace {

namespace fs = std::filesystem;

using Sink = std::unique_ptr<MovieSink>;

struct Wanted {
    fs::path path;
    Size2 size;
    double rate = 25;
    Existing existing = Existing::replaced;

    std::string name() const { return path.filename().string(); }
};

/// Gives the file its name, and returns it.
Expected<std::string> settle(NewFile& file, const Wanted& wanted) {
    if (wanted.existing == Existing::kept) return file.commit_unused();
    return file.commit().map([&] { return wanted.path.string(); });
}

constexpr std::string_view formats[] = {".gif", ".mp4", ".webm", ".y4m", ".png"};

bool has_even_sides(const fs::path& path) {
    return lower_extension(path) == ".mp4" || lower_extension(path) == ".webm";
}

// ---- GIF

struct GifOut {
    NewFile file;
    GifWriter writer;
    double rate = 25;
    std::int64_t frames = 0;

    /// Returns when a frame begins, in hundredths of a second.
    std::int64_t begin_of(std::int64_t frame) const { return std::llround(100.0 * static_cast<double>(frame) / rate); }
};

Expected<Sink> open_gif(const Wanted& wanted) {
    constexpr int max_side = 65535;
    if (wanted.size.h > max_side || wanted.size.w > max_side)
        return fail("{}: a GIF has at most {} pixels per side", wanted.name(), max_side);
    auto file = NewFile::create(wanted.path);
    if (!file) return tl::unexpected(file.error());
    const auto out =
        std::make_shared<GifOut>(GifOut{std::move(*file), GifWriter(wanted.size), std::min(wanted.rate, 50.0)});
    if (auto ok = out->file.write(out->writer.begin()); !ok) return tl::unexpected(ok.error());
    auto sink = std::make_unique<MovieSink>();
    sink->add = [out](const Image& frame, const Cancel&) {
        const std::int64_t begin = out->begin_of(out->frames), end = out->begin_of(++out->frames);
        return out->file.write(out->writer.add(frame, static_cast<int>(end - begin)));
    };
    sink->finish = [out, wanted](const Cancel&) -> Expected<std::string> {
        if (auto ok = out->file.write(GifWriter::end()); !ok) return tl::unexpected(ok.error());
        return settle(out->file, wanted);
    };
    sink->lossless = [out] { return out->writer.exact(); };
    return sink;
}

// ---- Y4M

Expected<Sink> open_y4m(const Wanted& wanted) {
    auto file = NewFile::create(wanted.path);
    if (!file) return tl::unexpected(file.error());
    struct Out {
        NewFile file;
        std::vector<std::byte> frame;
    };
    const auto out = std::make_shared<Out>(Out{std::move(*file), {}});
    const std::string header = y4m_header(wanted.size, wanted.rate);
    if (auto ok = out->file.write(std::as_bytes(std::span(header))); !ok) return tl::unexpected(ok.error());
    auto sink = std::make_unique<MovieSink>();
    sink->add = [out](const Image& frame, const Cancel&) {
        y4m_frame(frame, out->frame);
        return out->file.write(out->frame);
    };
    sink->finish = [out, wanted](const Cancel&) { return settle(out->file, wanted); };
    sink->lossless = [] { return false; };  // brightness and color have 8 bits each
    return sink;
}

// ---- numbered PNGs

Expected<Sink> open_numbered(const Wanted& wanted) {
    struct Out {
        fs::path pattern;
        std::vector<NewFile> files;
    };
    const auto out = std::make_shared<Out>(Out{wanted.path, {}});
    auto sink = std::make_unique<MovieSink>();
    sink->add = [out](const Image& frame, const Cancel&) -> Expected<void> {
        const std::vector<std::byte> bytes = encode_png(frame);
        if (bytes.empty()) return fail("{} x {} pixels are too many for a PNG file", frame.width, frame.height);
        auto file = NewFile::create(numbered_file(out->pattern, static_cast<int>(out->files.size())));
        if (!file) return tl::unexpected(file.error());
        out->files.push_back(std::move(*file));
        if (auto ok = out->files.back().write(bytes); !ok) return ok;
        return out->files.back().close();  // a process has a limited number of open files
    };
    sink->finish = [out, wanted](const Cancel&) -> Expected<std::string> {
        for (NewFile& file : out->files) {
            auto ok = wanted.existing == Existing::kept ? file.commit_new() : file.commit();
            if (!ok) return tl::unexpected(ok.error());
        }
        return wanted.path.string();
    };
    return sink;
}

// ---- MP4 and WebM, by the program ffmpeg

/// ffmpeg writes a temporary file, because MP4 can't be written without going back in it.
struct Encoder {
    std::string name;
    NewFile file;
    ChildProcess program;
    std::vector<std::byte> frame;

    static constexpr std::chrono::seconds patience{60};

    tl::unexpected<Error> failure(const Error& error) {
        if (error.canceled) return canceled();
        if (error.message == sentence("failed with status {}", status_without_program))
            return fail(
                "{}: MP4 and WebM are written by the program ffmpeg, which is missing; install Debian's package "
                "ffmpeg, or write a .gif",
                name);
        return fail("{}: ffmpeg can't write it: it {}", name, error.message);
    }
};

std::vector<std::string> encoder_command(const std::string& ending, const fs::path& file) {
    std::vector<std::string> command{program_file().string(), std::string(run_encoder_word), "ffmpeg", "-nostdin",
                                     "-y"};
    const auto add = [&](std::initializer_list<const char*> words) {
        command.insert(command.end(), words.begin(), words.end());
    };
    add({"-v", "error", "-protocol_whitelist", "file,pipe", "-f", "yuv4mpegpipe", "-i", "pipe:0"});
    // Players take BT.709 for granted; the Y4M is BT.601. Threads are fixed, because the bytes depend on their number.
    add({"-vf", "scale=in_color_matrix=bt601:out_color_matrix=bt709:in_range=tv:out_range=tv,format=yuv420p"});
    add({"-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "iec61966-2-1", "-color_range", "tv"});
    add({"-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-threads", "2"});
    if (ending == ".mp4")
        add({"-c:v", "libx264", "-preset", "medium", "-crf", "16", "-movflags", "+faststart", "-f", "mp4"});
    if (ending == ".webm")
        add({"-c:v", "libvpx-vp9", "-crf", "20", "-b:v", "0", "-deadline", "good", "-cpu-used", "4", "-f", "webm"});
    command.push_back("file:" + file.string());
    return command;
}

Expected<Sink> open_encoder(const Wanted& wanted) {
    auto file = NewFile::create(wanted.path);
    if (!file) return tl::unexpected(file.error());
    std::error_code ignored;
    auto program = ChildProcess::start_writing(
        encoder_command(lower_extension(wanted.path), fs::absolute(file->temporary(), ignored)));
    if (!program) return fail("{}: {}", wanted.name(), program.error().message);
    const auto out = std::make_shared<Encoder>(Encoder{wanted.name(), std::move(*file), std::move(*program), {}});
    const std::string header = y4m_header(wanted.size, wanted.rate);
    if (auto ok = out->program.write(std::as_bytes(std::span(header)), Encoder::patience, Cancel()); !ok)
        return out->failure(ok.error());
    auto sink = std::make_unique<MovieSink>();
    sink->add = [out](const Image& frame, const Cancel& cancel) -> Expected<void> {
        y4m_frame(frame, out->frame);
        if (auto ok = out->program.write(out->frame, Encoder::patience, cancel); !ok) return out->failure(ok.error());
        return {};
    };
    sink->finish = [out, wanted](const Cancel& cancel) -> Expected<std::string> {
        if (auto ok = out->program.finish(Encoder::patience, cancel); !ok) return out->failure(ok.error());
        return settle(out->file, wanted);
    };
    sink->lossless = [] { return false; };
    return sink;
}

Expected<Sink> open_sink(const Wanted& wanted) {
    struct Kind {
        std::string_view ending;
        Expected<Sink> (*open)(const Wanted&);
    };
    constexpr Kind kinds[] = {{".gif", open_gif},
                              {".mp4", open_encoder},
                              {".webm", open_encoder},
                              {".y4m", open_y4m},
                              {".png", open_numbered}};
    const auto kind = std::ranges::find(kinds, lower_extension(wanted.path), &Kind::ending);
    if (kind == std::end(kinds) || !is_movie(wanted.path))
        return fail(
            "{}: expected a name that ends in .gif, .mp4, .webm or .y4m, or numbered pictures as in "
            "frame_%03d.png",
            wanted.name());
    return kind->open(wanted);
}

}  // namespace

std::span<const std::string_view> movie_formats() { return formats; }

bool is_movie(const fs::path& path) {
    const std::string ending = lower_extension(path);
    if (ending == ".png") return !numbered_file(path, 0).empty();
    return std::ranges::find(formats, ending) != std::end(formats);
}

Size2 movie_size(const fs::path& path, Size2 size) {
    return has_even_sides(path) ? Size2{size.h + size.h % 2, size.w + size.w % 2} : size;
}

MovieFile::MovieFile(std::unique_ptr<MovieSink> sink) : sink_(std::move(sink)) {}
MovieFile::MovieFile(MovieFile&&) noexcept = default;
MovieFile& MovieFile::operator=(MovieFile&&) noexcept = default;
MovieFile::~MovieFile() = default;

Expected<MovieFile> MovieFile::create(const fs::path& path, Size2 size, double rate, Existing existing) {
    auto sink = open_sink({path, size, rate, existing});
    if (!sink) return tl::unexpected(sink.error());
    return MovieFile(std::move(*sink));
}

Expected<void> MovieFile::add(const Image& frame, const Cancel& cancel) { return sink_->add(frame, cancel); }

Expected<std::string> MovieFile::finish(const Cancel& cancel) { return sink_->finish(cancel); }

bool MovieFile::lossless() const { return sink_->lossless(); }

}  // namespace convlens
