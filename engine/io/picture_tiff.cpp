/// TIFF, decoded by libtiff: gray and RGB of 8, 16 or 32 bits as they are stored, everything else as libtiff converts
/// it to RGBA of 8 bits.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>

#include "engine/io/byte_reader.h"
#include "engine/io/color_profile.h"
#include "engine/io/decoder_library.h"
#include "engine/io/picture_formats.h"
#include "engine/io/picture_planes.h"

#ifdef CONVLENS_TIFF
#include <tiffio.h>
#endif

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

bool is_tiff(Data file) {
    for (const std::string_view magic : {std::string_view("II*\0", 4), std::string_view("MM\0*", 4),
                                         std::string_view("II+\0\b\0\0\0", 8), std::string_view("MM\0+\0\b\0\0", 8)})
        if (file.size() >= magic.size() && begins_with(file, magic)) return true;
    return false;
}

#ifdef CONVLENS_TIFF

struct TiffLibrary : DecoderLibrary {
    TiffLibrary() : DecoderLibrary(CONVLENS_TIFF) {
        if (!complete()) return;
        TIFFSetErrorHandler(nullptr);
        TIFFSetWarningHandler(nullptr);
    }
    CONVLENS_FUNCTION(TIFFClientOpen);
    CONVLENS_FUNCTION(TIFFClose);
    CONVLENS_FUNCTION(TIFFGetField);
    CONVLENS_FUNCTION(TIFFGetFieldDefaulted);
    CONVLENS_FUNCTION(TIFFIsTiled);
    CONVLENS_FUNCTION(TIFFReadScanline);
    CONVLENS_FUNCTION(TIFFScanlineSize);
    CONVLENS_FUNCTION(TIFFReadTile);
    CONVLENS_FUNCTION(TIFFTileSize);
    CONVLENS_FUNCTION(TIFFRGBAImageBegin);
    CONVLENS_FUNCTION(TIFFRGBAImageGet);
    CONVLENS_FUNCTION(TIFFRGBAImageEnd);
    CONVLENS_FUNCTION(TIFFSetErrorHandler);
    CONVLENS_FUNCTION(TIFFSetWarningHandler);
};

TiffLibrary& library() {
    static TiffLibrary opened;
    return opened;
}

/// A file in memory, for libtiff's functions.
struct Source {
    Data file;
    std::size_t at = 0;
};

tmsize_t read(thandle_t handle, void* into, tmsize_t size) {
    auto& source = *static_cast<Source*>(handle);
    const Data rest = source.file.subspan(std::min(source.at, source.file.size()));
    const std::size_t count = std::min(rest.size(), static_cast<std::size_t>(std::max<tmsize_t>(size, 0)));
    if (count > 0) std::memcpy(into, rest.data(), count);
    source.at += count;
    return static_cast<tmsize_t>(count);
}

tmsize_t write(thandle_t /*handle*/, void* /*from*/, tmsize_t /*size*/) { return 0; }

toff_t seek(thandle_t handle, toff_t offset, int whence) {
    auto& source = *static_cast<Source*>(handle);
    const std::size_t from = whence == SEEK_CUR ? source.at : whence == SEEK_END ? source.file.size() : 0;
    source.at = from + offset;
    return source.at;
}

int close(thandle_t /*handle*/) { return 0; }

toff_t size_of(thandle_t handle) { return static_cast<Source*>(handle)->file.size(); }

/// An open TIFF and the fields of its first image.
class Tiff {
  public:
    /// Fails if libtiff is missing or can't read the fields.
    static Expected<std::unique_ptr<Tiff>> open(Data file, std::string_view name) {
        if (!library().complete()) return fail("{}: TIFF is read with {}, which is not installed", name, CONVLENS_TIFF);
        auto tiff = std::make_unique<Tiff>();
        tiff->source_.file = file;
        tiff->handle_ =
            library().TIFFClientOpen("", "rm", &tiff->source_, read, write, seek, close, size_of, nullptr, nullptr);
        if (!tiff->handle_ || !tiff->read_fields())
            return fail("{}: the TIFF is cut short or corrupt in the description of its first image", name);
        return tiff;
    }
    Tiff() = default;
    Tiff(const Tiff&) = delete;
    Tiff& operator=(const Tiff&) = delete;
    ~Tiff() {
        if (handle_) library().TIFFClose(handle_);
    }

    /// Returns true if the samples are read as they are stored.
    bool direct() const {
        const bool whole = format_ == SAMPLEFORMAT_UINT && (bits_ == 8 || bits_ == 16);
        const bool floats = format_ == SAMPLEFORMAT_IEEEFP && bits_ == 32;
        const bool gray = photometric_ == PHOTOMETRIC_MINISBLACK || photometric_ == PHOTOMETRIC_MINISWHITE;
        return (whole || floats) && (gray || (photometric_ == PHOTOMETRIC_RGB && samples_ >= 3)) && samples_ <= 16;
    }

    PictureInfo info() const {
        const int colors = direct() && photometric_ != PHOTOMETRIC_RGB ? 1 : 3;
        PictureInfo info{"TIFF", width_, height_, alpha_ == Alpha::none ? colors : colors + 1, 8, 1};
        if (direct()) info.bits = bits_;
        if (orientation_ >= 1 && orientation_ <= 8) info.orientation = orientation_;
        return info;
    }

    std::vector<std::byte> profile() const {
        std::uint32_t size = 0;
        const void* bytes = nullptr;
        if (!library().TIFFGetField(handle_, TIFFTAG_ICCPROFILE, &size, &bytes) || size > max_profile_bytes) return {};
        const auto* begin = static_cast<const std::byte*>(bytes);
        return {begin, begin + size};
    }

    Expected<Picture> decode_direct(const PictureInfo& info, std::string_view name);
    Expected<Picture> decode_rgba(const PictureInfo& info, std::string_view name);

  private:
    /// How colors are stored beside a sample of opacity.
    enum class Alpha { none, separate, multiplied };

    bool read_fields() {
        TiffLibrary& l = library();
        std::uint32_t width = 0, height = 0;
        std::uint16_t extra = 0, planar_config = 0;
        const std::uint16_t* kinds = nullptr;
        if (!l.TIFFGetField(handle_, TIFFTAG_IMAGEWIDTH, &width) ||
            !l.TIFFGetField(handle_, TIFFTAG_IMAGELENGTH, &height) ||
            !l.TIFFGetField(handle_, TIFFTAG_PHOTOMETRIC, &photometric_))
            return false;
        width_ = static_cast<int>(std::min<std::uint32_t>(width, INT32_MAX));
        height_ = static_cast<int>(std::min<std::uint32_t>(height, INT32_MAX));
        l.TIFFGetFieldDefaulted(handle_, TIFFTAG_BITSPERSAMPLE, &bits_);
        l.TIFFGetFieldDefaulted(handle_, TIFFTAG_SAMPLESPERPIXEL, &samples_);
        l.TIFFGetFieldDefaulted(handle_, TIFFTAG_SAMPLEFORMAT, &format_);
        l.TIFFGetFieldDefaulted(handle_, TIFFTAG_ORIENTATION, &orientation_);
        l.TIFFGetFieldDefaulted(handle_, TIFFTAG_PLANARCONFIG, &planar_config);
        planes_apart_ = planar_config == PLANARCONFIG_SEPARATE;
        l.TIFFGetFieldDefaulted(handle_, TIFFTAG_EXTRASAMPLES, &extra, &kinds);
        const int colors = photometric_ == PHOTOMETRIC_RGB ? 3 : photometric_ == PHOTOMETRIC_SEPARATED ? 4 : 1;
        if (extra > 0 && kinds && samples_ > colors && kinds[0] == EXTRASAMPLE_ASSOCALPHA) alpha_ = Alpha::multiplied;
        if (extra > 0 && kinds && samples_ > colors && kinds[0] == EXTRASAMPLE_UNASSALPHA) alpha_ = Alpha::separate;
        return true;
    }

    Source source_;
    TIFF* handle_ = nullptr;
    int width_ = 0, height_ = 0;
    std::uint16_t photometric_ = 0, bits_ = 1, samples_ = 1, format_ = SAMPLEFORMAT_UINT, orientation_ = 1;
    bool planes_apart_ = false;
    Alpha alpha_ = Alpha::none;
};

Expected<Picture> Tiff::decode_direct(const PictureInfo& info, std::string_view name) {
    TiffLibrary& l = library();
    std::uint32_t tile_width = static_cast<std::uint32_t>(width_), tile_height = 1;
    const bool tiled = l.TIFFIsTiled(handle_) != 0;
    if (tiled && (!l.TIFFGetField(handle_, TIFFTAG_TILEWIDTH, &tile_width) ||
                  !l.TIFFGetField(handle_, TIFFTAG_TILELENGTH, &tile_height)))
        return fail("{}: the TIFF has tiles of no size", name);
    const tmsize_t stored = tiled ? l.TIFFTileSize(handle_) : l.TIFFScanlineSize(handle_);
    const std::size_t bytes = static_cast<std::size_t>(bits_) / 8, channels = static_cast<std::size_t>(info.channels);
    const std::size_t step = bytes * (planes_apart_ ? 1 : samples_);
    constexpr std::uint32_t max_side = 1U << 16U;
    constexpr tmsize_t max_bytes = 1 << 28;
    if (tile_width < 1 || tile_height < 1 || tile_width > max_side || tile_height > max_side || stored > max_bytes ||
        static_cast<std::uint64_t>(stored) < std::uint64_t{tile_width} * tile_height * step)
        return fail("{}: the TIFF has parts of {} x {} pixels in {} bytes, which is not read", name, tile_width,
                    tile_height, stored);
    std::vector<std::byte> part(static_cast<std::size_t>(stored)), pixels(pixels_of(info) * channels * bytes);
    const auto width = static_cast<std::uint32_t>(width_), height = static_cast<std::uint32_t>(height_);
    const std::size_t planes = planes_apart_ ? channels : 1, each = planes_apart_ ? 1 : channels;
    for (std::size_t plane = 0; plane < planes; ++plane)
        for (std::uint32_t y = 0; y < height; y += tile_height)
            for (std::uint32_t x = 0; x < width; x += tile_width) {
                const auto sample = static_cast<std::uint16_t>(plane);
                const bool good = tiled ? l.TIFFReadTile(handle_, part.data(), x, y, 0, sample) >= 0
                                        : l.TIFFReadScanline(handle_, part.data(), y, sample) == 1;
                if (!good) return fail("{}: the TIFF is cut short or corrupt in row {}", name, y);
                const std::size_t columns = std::min(tile_width, width - x), rows = std::min(tile_height, height - y);
                for (std::size_t row = 0; row < rows; ++row)
                    for (std::size_t column = 0; column < columns; ++column)
                        std::memcpy(&pixels[(((y + row) * width + x + column) * channels + plane) * bytes],
                                    &part[(row * tile_width + column) * step], each * bytes);
            }
    const bool white = photometric_ == PHOTOMETRIC_MINISWHITE;
    const auto value = [&](std::size_t pixel, int channel) {
        const std::byte* at = &pixels[(pixel * channels + static_cast<std::size_t>(channel)) * bytes];
        if (bits_ == 8) return static_cast<float>(std::to_integer<int>(*at)) / 255.0F;
        if (bits_ == 16) {
            std::uint16_t wide = 0;
            std::memcpy(&wide, at, sizeof wide);
            return static_cast<float>(wide) / 65535.0F;
        }
        float real = 0;
        std::memcpy(&real, at, sizeof real);
        return std::isfinite(real) ? real : 0.0F;
    };
    return planar(info, [&](std::size_t pixel, int channel) {
        const float stored_value = value(pixel, channel);
        const bool opacity = channel == info.channels - 1 && info.channels % 2 == 0;
        if (opacity) return std::clamp(stored_value, 0.0F, 1.0F);
        const float color = white && bits_ < 32 ? 1.0F - stored_value : stored_value;
        if (alpha_ != Alpha::multiplied) return color;
        const float alpha = value(pixel, info.channels - 1);
        return alpha > 0 ? std::min(color / alpha, bits_ < 32 ? 1.0F : color / alpha) : 0.0F;
    });
}

Expected<Picture> Tiff::decode_rgba(const PictureInfo& info, std::string_view name) {
    TiffLibrary& l = library();
    std::array<char, 1024> why{};  // the size that libtiff asks for
    TIFFRGBAImage image;
    if (!l.TIFFRGBAImageBegin(&image, handle_, 1, why.data()))
        return fail("{}: the TIFF can't be decoded ({})", name, why.data());
    const std::unique_ptr<TIFFRGBAImage, void (*)(TIFFRGBAImage*)> end(
        &image, [](TIFFRGBAImage* i) { library().TIFFRGBAImageEnd(i); });
    image.req_orientation = image.orientation;  // planar() turns it
    std::vector<std::uint32_t> pixels(pixels_of(info));
    if (!l.TIFFRGBAImageGet(&image, pixels.data(), static_cast<std::uint32_t>(width_),
                            static_cast<std::uint32_t>(height_)))
        return fail("{}: the TIFF is cut short or corrupt in its pixels", name);
    return planar(info, [&](std::size_t pixel, int channel) {
        const std::uint32_t all = pixels[pixel];
        const auto alpha = static_cast<float>(TIFFGetA(all));
        if (channel == 3) return alpha / 255.0F;
        const auto color = static_cast<float>(all >> 8U * static_cast<unsigned>(channel) & 255U);
        if (info.channels != 4) return color / 255.0F;
        return alpha > 0 ? std::min(color / alpha, 1.0F) : 0.0F;  // libtiff multiplies colors by alpha
    });
}

Expected<PictureHeader> read_header(Data file, std::string_view name) {
    const auto tiff = Tiff::open(file, name);
    if (!tiff) return tl::unexpected(tiff.error());
    PictureHeader header;
    header.info = (*tiff)->info();
    return header;
}

Expected<Picture> decode(Data file, const PictureHeader& header, std::string_view name) {
    const auto tiff = Tiff::open(file, name);
    if (!tiff) return tl::unexpected(tiff.error());
    return (*tiff)->direct() ? (*tiff)->decode_direct(header.info, name) : (*tiff)->decode_rgba(header.info, name);
}

std::vector<std::byte> profile(Data file) {
    const auto tiff = Tiff::open(file, "");
    return tiff ? (*tiff)->profile() : std::vector<std::byte>();
}

void prepare() { library(); }

#endif

}  // namespace

#ifdef CONVLENS_TIFF
const PictureFormat tiff_format = {"TIFF", is_tiff, read_header, nullptr, decode, prepare, nullptr, nullptr, profile};
#else
const PictureFormat tiff_format = {"TIFF",  is_tiff, nullptr, nullptr,
                                   nullptr, nullptr, nullptr, "libtiff (Debian's package libtiff-dev)"};
#endif

}  // namespace convlens
