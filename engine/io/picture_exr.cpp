/// OpenEXR, decoded by OpenEXRCore: the first part of a file, in its data window. Values are linear and may exceed 1,
/// as those of HDR.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>

#include "engine/core/printable.h"
#include "engine/io/byte_reader.h"
#include "engine/io/decoder_library.h"
#include "engine/io/picture_formats.h"
#include "engine/io/picture_planes.h"

#ifdef CONVLENS_OPENEXRCORE
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#include <openexr.h>
#pragma GCC diagnostic pop
#endif

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

bool is_exr(Data file) { return file.size() >= 4 && begins_with(file, "\x76\x2f\x31\x01"); }

#ifdef CONVLENS_OPENEXRCORE

struct ExrLibrary : DecoderLibrary {
    ExrLibrary() : DecoderLibrary(CONVLENS_OPENEXRCORE) {}
    CONVLENS_FUNCTION(exr_start_read);
    CONVLENS_FUNCTION(exr_finish);
    CONVLENS_FUNCTION(exr_get_storage);
    CONVLENS_FUNCTION(exr_get_data_window);
    CONVLENS_FUNCTION(exr_get_channels);
    CONVLENS_FUNCTION(exr_get_scanlines_per_chunk);
    CONVLENS_FUNCTION(exr_get_tile_sizes);
    CONVLENS_FUNCTION(exr_read_scanline_chunk_info);
    CONVLENS_FUNCTION(exr_read_tile_chunk_info);
    CONVLENS_FUNCTION(exr_decoding_initialize);
    CONVLENS_FUNCTION(exr_decoding_choose_default_routines);
    CONVLENS_FUNCTION(exr_decoding_run);
    CONVLENS_FUNCTION(exr_decoding_destroy);
};

ExrLibrary& library() {
    static ExrLibrary opened;
    return opened;
}

std::int64_t read(exr_const_context_t /*context*/, void* from, void* into, std::uint64_t size, std::uint64_t offset,
                  exr_stream_error_func_ptr_t /*report*/) {
    const Data file = *static_cast<const Data*>(from);
    if (offset > file.size()) return -1;
    const std::uint64_t count = std::min<std::uint64_t>(size, file.size() - offset);
    if (count > 0) std::memcpy(into, file.data() + offset, count);
    return static_cast<std::int64_t>(count);
}

std::int64_t size_of(exr_const_context_t /*context*/, void* from) {
    return static_cast<std::int64_t>(static_cast<const Data*>(from)->size());
}

void ignore(exr_const_context_t /*context*/, exr_result_t /*code*/, const char* /*message*/) {}

/// An open file and what is known of its first part.
struct ExrFile {
    explicit ExrFile(Data bytes) : file(bytes) {}
    ExrFile(const ExrFile&) = delete;
    ExrFile& operator=(const ExrFile&) = delete;
    ~ExrFile() {
        if (context) library().exr_finish(&context);
    }

    Data file;
    exr_context_t context = nullptr;
    bool tiled = false;
    int left = 0, top = 0;  ///< Of the data window.
    PictureInfo info;
    std::vector<std::string> names;  ///< Of the channels that are read, in the order of a Picture's planes.
};

/// Chooses the channels that are shown: R, G, B or Y, and A.
Expected<void> choose_channels(ExrFile& exr, const exr_attr_chlist_t& channels, std::string_view name) {
    const auto has = [&](std::string_view wanted) {
        return std::any_of(channels.entries, channels.entries + channels.num_channels, [&](const auto& c) {
            return wanted == c.name.str && c.x_sampling == 1 && c.y_sampling == 1;
        });
    };
    if (has("R") && has("G") && has("B"))
        exr.names = {"R", "G", "B"};
    else if (has("Y"))
        exr.names = {"Y"};
    else {
        std::string found;
        for (int c = 0; c < std::min(channels.num_channels, 8); ++c)
            found += (c > 0 ? ", " : "") + printable(channels.entries[c].name.str);
        return fail("{}: expected an OpenEXR with the channels R, G and B or Y, found {}", name, found);
    }
    if (has("A")) exr.names.emplace_back("A");
    return {};
}

Expected<std::unique_ptr<ExrFile>> open(Data file, std::string_view name) {
    ExrLibrary& l = library();
    if (!l.complete()) return fail("{}: OpenEXR is read with {}, which is not installed", name, CONVLENS_OPENEXRCORE);
    auto exr = std::make_unique<ExrFile>(file);
    exr_context_initializer_t how = EXR_DEFAULT_CONTEXT_INITIALIZER;
    how.user_data = &exr->file;
    how.read_fn = read;
    how.size_fn = size_of;
    how.error_handler_fn = ignore;
    how.max_image_width = how.max_image_height = 32768;
    how.max_tile_width = how.max_tile_height = 8192;
    exr_storage_t storage = EXR_STORAGE_LAST_TYPE;
    exr_attr_box2i_t window{};
    const exr_attr_chlist_t* channels = nullptr;
    if (l.exr_start_read(&exr->context, "memory", &how) != EXR_ERR_SUCCESS ||
        l.exr_get_storage(exr->context, 0, &storage) != EXR_ERR_SUCCESS ||
        l.exr_get_data_window(exr->context, 0, &window) != EXR_ERR_SUCCESS ||
        l.exr_get_channels(exr->context, 0, &channels) != EXR_ERR_SUCCESS)
        return fail("{}: the OpenEXR is cut short or corrupt in its header", name);
    if (storage != EXR_STORAGE_SCANLINE && storage != EXR_STORAGE_TILED)
        return fail("{}: the OpenEXR has a list of values per pixel (deep data), which is not read", name);
    exr->tiled = storage == EXR_STORAGE_TILED;
    if (auto ok = choose_channels(*exr, *channels, name); !ok) return tl::unexpected(ok.error());
    exr->left = window.min.x;
    exr->top = window.min.y;
    const std::int64_t width = std::int64_t{window.max.x} - window.min.x + 1;
    const std::int64_t height = std::int64_t{window.max.y} - window.min.y + 1;
    constexpr std::int64_t most = 1 << 20;
    exr->info = {"OpenEXR",
                 static_cast<int>(std::clamp<std::int64_t>(width, 0, most)),
                 static_cast<int>(std::clamp<std::int64_t>(height, 0, most)),
                 static_cast<int>(exr->names.size()),
                 32,
                 1};
    return exr;
}

Expected<PictureHeader> read_header(Data file, std::string_view name) {
    const auto exr = open(file, name);
    if (!exr) return tl::unexpected(exr.error());
    PictureHeader header;
    header.info = (*exr)->info;
    return header;
}

/// Decodes one chunk, whose first pixel is (x, y) of the data window, into the planes of `pixels`.
bool decode_chunk(const ExrFile& exr, const exr_chunk_info_t& chunk, int x, int y, std::vector<float>& pixels) {
    ExrLibrary& l = library();
    const PictureInfo& info = exr.info;
    if (x < 0 || y < 0 || chunk.width < 1 || chunk.height < 1 || chunk.width > info.width - x ||
        chunk.height > info.height - y)
        return false;
    exr_decode_pipeline_t pipeline{};
    if (l.exr_decoding_initialize(exr.context, 0, &chunk, &pipeline) != EXR_ERR_SUCCESS) return false;
    for (int c = 0; c < pipeline.channel_count; ++c) {
        exr_coding_channel_info_t& channel = pipeline.channels[c];
        const auto found = std::ranges::find(exr.names, std::string_view(channel.channel_name));
        if (found == exr.names.end()) continue;
        const auto plane = static_cast<std::size_t>(found - exr.names.begin()) * pixels_of(info);
        const std::size_t at =
            static_cast<std::size_t>(y) * static_cast<std::size_t>(info.width) + static_cast<std::size_t>(x);
        channel.decode_to_ptr = reinterpret_cast<std::uint8_t*>(&pixels[plane + at]);
        channel.user_pixel_stride = sizeof(float);
        channel.user_line_stride = info.width * static_cast<int>(sizeof(float));
        channel.user_bytes_per_element = sizeof(float);
        channel.user_data_type = EXR_PIXEL_FLOAT;
    }
    const bool good = l.exr_decoding_choose_default_routines(exr.context, 0, &pipeline) == EXR_ERR_SUCCESS &&
                      l.exr_decoding_run(exr.context, 0, &pipeline) == EXR_ERR_SUCCESS;
    l.exr_decoding_destroy(exr.context, &pipeline);
    return good;
}

Expected<Picture> decode(Data file, const PictureHeader& header, std::string_view name) {
    ExrLibrary& l = library();
    const auto opened = open(file, name);
    if (!opened) return tl::unexpected(opened.error());
    const ExrFile& exr = **opened;
    const PictureInfo& info = header.info;
    const auto corrupt = [&](int row) {
        return fail("{}: the OpenEXR is cut short or corrupt in or below row {}", name, row);
    };
    const std::size_t plane = pixels_of(info);
    std::vector<float> pixels(plane * exr.names.size());
    std::int32_t tile_width = info.width, tile_height = 1;
    if (exr.tiled ? l.exr_get_tile_sizes(exr.context, 0, 0, 0, &tile_width, &tile_height) != EXR_ERR_SUCCESS
                  : l.exr_get_scanlines_per_chunk(exr.context, 0, &tile_height) != EXR_ERR_SUCCESS)
        return corrupt(0);
    if (tile_width < 1 || tile_height < 1) return corrupt(0);
    for (int y = 0; y < info.height; y += tile_height)
        for (int x = 0; x < info.width; x += tile_width) {
            exr_chunk_info_t chunk{};
            const exr_result_t found =
                exr.tiled ? l.exr_read_tile_chunk_info(exr.context, 0, x / tile_width, y / tile_height, 0, 0, &chunk)
                          : l.exr_read_scanline_chunk_info(exr.context, 0, exr.top + y, &chunk);
            if (found != EXR_ERR_SUCCESS || !decode_chunk(exr, chunk, x, y, pixels)) return corrupt(y);
        }
    const auto value = [&](std::size_t pixel, int channel) {
        constexpr float largest = 65504;  // of a half
        const float stored = pixels[static_cast<std::size_t>(channel) * plane + pixel];
        return std::isnan(stored) ? 0.0F : std::clamp(stored, -largest, largest);
    };
    if (info.channels % 2 == 1) return planar(info, value);
    return planar(info, [&](std::size_t pixel, int channel) {  // colors are stored multiplied by the opacity
        const float opacity = std::clamp(value(pixel, info.channels - 1), 0.0F, 1.0F);
        if (channel == info.channels - 1) return opacity;
        return opacity > 0 ? std::clamp(value(pixel, channel) / opacity, -65504.0F, 65504.0F) : 0.0F;
    });
}

void prepare() { library(); }

#endif

}  // namespace

#ifdef CONVLENS_OPENEXRCORE
const PictureFormat exr_format = {"OpenEXR", is_exr, read_header, nullptr, decode, prepare};
#else
const PictureFormat exr_format = {"OpenEXR", is_exr,  nullptr, nullptr,
                                  nullptr,   nullptr, nullptr, "OpenEXRCore (Debian's package libopenexr-dev)"};
#endif

}  // namespace convlens
