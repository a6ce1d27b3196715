/// What a frame allocates once a few are behind it: nothing that grows with the picture. A program of its own, because
/// it counts what every operator new is asked for.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "engine/core/object_pool.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/document/document.h"
#include "engine/document/live_origin.h"
#include "engine/io/camera_frame.h"
#include "engine/io/frames.h"
#include "engine/nn/draw_grid.h"

namespace {
std::atomic<std::size_t> allocated = 0;

void* counted(std::size_t bytes, std::size_t alignment) {
    allocated += bytes;
    void* const p = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (!p) throw std::bad_alloc();
    return p;
}
}  // namespace

// The forms for arrays call these, except where a sanitizer brings its own.
void* operator new(std::size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new[](std::size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
    return counted(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace convlens::test {
namespace {

/// Bytes that the last of many frames allocated: one value of one kernel or every kernel edited, convolution and ReLU,
/// the grid drawn.
std::size_t bytes_of_a_frame(int side, int cell, bool edit_all) {
    const auto backend = make_cpu_backend({2, ""}).value();
    const auto input = std::make_shared<const Tensor>(Shape{1, 3, side, side}, 0.5F);
    Conv2d conv;
    conv.params.padding = {1, 1};
    Tensor weight({16, 3, 3, 3}, 0.1F);
    ObjectPool<GridPicture> pictures;
    std::shared_ptr<const Activations> maps;
    std::shared_ptr<const GridPicture> shown;
    DisplayOptions display;
    display.cell = {cell, cell};
    std::size_t bytes = 0;
    for (int frame = 0; frame < 20; ++frame) {
        for (int i = 0; i < (edit_all ? static_cast<int>(weight.size()) : 1); ++i) weight.data()[i] += 1.0F;
        conv.weight = std::make_shared<const Tensor>(weight.clone());
        const Network network{{Layer{"conv", conv}, Layer{"relu", ReLU{}}}};
        allocated = 0;
        maps = backend->forward(network, input, 1, Cancel{}).value();
        GridPicture picture = pictures.take();
        EXPECT_TRUE(draw_grid(*maps, display, Cancel{}, picture));
        auto next = pictures.share(std::move(picture));
        bytes = allocated;
        EXPECT_EQ(next->image.width, 8 * cell + 9 * display.gap);
        std::thread([&] { shown = std::move(next); }).join();  // as the window's thread releases the previous picture
    }
    return bytes;
}

TEST(SteadyState, AllocatesNothingThatGrowsWithTheImageOrThePicture) {
    for (const bool edit_all : {false, true}) {
        const std::size_t small = bytes_of_a_frame(64, 40, edit_all), large = bytes_of_a_frame(1024, 200, edit_all);
        // 16 maps of 1024x1024 are 64 MiB, the picture 2.5 MiB. What is left are lists of a picture's rows and columns,
        // and of tasks.
        EXPECT_LT(small, 100U * 1024);
        EXPECT_LT(large, small + 200U * 1024) << (edit_all ? "all kernels edited" : "one kernel edited");
    }
}

/// Bytes that the last of some frames of a film allocates in a layer of many channels, see conv2d_winograd.h.
std::size_t bytes_of_a_deep_layer(int side) {
    const auto backend = make_cpu_backend({2, ""}).value();
    Conv2d conv;
    conv.params.padding = {1, 1};
    conv.weight = std::make_shared<const Tensor>(Shape{32, 32, 3, 3}, 0.1F);
    const Network network{{Layer{"conv", conv}, Layer{"relu", ReLU{}}}};
    std::shared_ptr<const Activations> maps;
    for (int frame = 0; frame < 20; ++frame) {
        const auto input = std::make_shared<const Tensor>(Shape{1, 32, side, side}, 0.5F);
        allocated = 0;
        maps = backend->forward(network, input, 1, Cancel{}).value();
    }
    return allocated;
}

TEST(SteadyState, AllocatesNothingThatGrowsWithTheMapsOfADeepLayer) {
    const std::size_t small = bytes_of_a_deep_layer(40), large = bytes_of_a_deep_layer(400);
    EXPECT_LT(small, 100U * 1024);
    EXPECT_LT(large, small + 20U * 1024);  // 32 maps of 400x400 are 20 MiB
}

TEST(LargeKernel, IsNotListedForEveryRow) {
    const auto backend = make_cpu_backend({2, ""}).value();
    const auto input = std::make_shared<const Tensor>(Shape{1, 1, 383, 256}, 0.5F);
    Conv2d conv;
    conv.weight = std::make_shared<const Tensor>(Shape{16, 1, 256, 256}, 0.1F);
    const std::size_t weights = conv.weight->size() * sizeof(float);
    const Network network{{Layer{"conv", conv}}};
    allocated = 0;
    const auto maps = backend->forward(network, input, 0, Cancel{}).value();
    EXPECT_EQ(maps->shape(), (Shape{1, 16, 128, 1}));
    // The weights once more in the loops' order, packed rows, and a MiB a thread of where the taps of two rows lie.
    EXPECT_LT(allocated.load(), 2 * weights);
}

/// Bytes that the last of some frames of a camera or a screen allocates until its picture is there.
std::size_t bytes_of_a_live_frame(Size2 size, const std::optional<PixelLayout>& screen, bool motion) {
    ObjectPool<Picture> pictures;
    CameraFrame frame{{false, size, 30}, static_cast<std::size_t>(size.w) * (screen ? 4 : 2), {}, 0, 1, screen};
    frame.bytes.resize(frame.row_bytes * static_cast<std::size_t>(size.h), std::byte{100});
    std::shared_ptr<const Picture> before, shown;
    std::size_t bytes = 0;
    for (int i = 0; i < 8; ++i) {
        allocated = 0;
        Picture picture = pictures.take();
        EXPECT_TRUE(camera_picture(frame, true, "camera", picture));
        auto plain = pictures.share(std::move(picture));
        if (motion && before) {
            Picture difference = pictures.take();
            EXPECT_TRUE(difference_picture(*plain, *before, difference));
            shown = pictures.share(std::move(difference));
        } else {
            shown = plain;
        }
        before = std::move(plain);
        bytes = allocated;
    }
    return bytes;
}

TEST(SteadyState, AllocatesNothingThatGrowsWithALiveFrame) {
    for (const auto& screen : {std::optional<PixelLayout>(), std::optional(PixelLayout{})})
        for (const bool motion : {false, true}) {
            const std::size_t small = bytes_of_a_live_frame({48, 64}, screen, motion);
            EXPECT_LT(small, 2000U);
            EXPECT_LE(bytes_of_a_live_frame({480, 640}, screen, motion), small);
        }
}

/// A live frame of `size` with every step between a picture and the network: an edge of it is cut off, and so on.
Document prepared(Size2 size, float value) {
    Picture picture;
    picture.color = Tensor({1, 3, size.h, size.w}, value);
    Document document;
    document.input.source =
        PictureInput{{{live_origin(LiveSource::camera, 0), std::make_shared<const Picture>(std::move(picture))}}};
    document.input.crop = Rect{2, 1, size.w - 2, size.h - 1};
    document.input.resize = Size2{size.h / 2, size.w / 2};
    document.input.shift = {1, 1};
    document.input.gray = true;
    document.input.normalize = Normalize::imagenet;
    return document;
}

std::size_t bytes_of_a_prepared_frame(Size2 size) {
    ObjectPool<Tensor> memory;
    std::shared_ptr<const Tensor> shown;
    std::size_t bytes = 0;
    for (int i = 0; i < 8; ++i) {
        const Document document = prepared(size, 0.1F * static_cast<float>(i));
        const auto fresh = input_tensor(document, Cancel{}).value();
        allocated = 0;
        auto made = input_tensor(document, Cancel{}, &memory).value();
        bytes = allocated;
        EXPECT_TRUE(std::ranges::equal(made->values(), fresh->values()));
        shown = std::move(made);
    }
    return bytes;
}

TEST(SteadyState, AllocatesNothingThatGrowsWithThePreparedFrame) {
    const std::size_t small = bytes_of_a_prepared_frame({48, 64});
    EXPECT_LT(small, 2000U);
    EXPECT_LE(bytes_of_a_prepared_frame({480, 640}), small);
}

TEST(SteadyState, IsNoticedWhenItIsNot) {
    allocated = 0;
    const Tensor tensor({1, 1, 512, 512});
    const Image picture(64, 64);
    EXPECT_GE(allocated.load(), std::size_t{512 * 512 * 4 + 64 * 64 * 4});
}

TEST(ObjectPool, KeepsAPictureUntilItIsTakenAndOutlivesItsShelf) {
    std::shared_ptr<const Image> held;
    {
        ObjectPool<Image> pictures;
        held = pictures.share(Image(64, 64));
        EXPECT_EQ(pictures.take().width, 0) << "it is still held";
        const auto* const pixels = held->rgba.data();
        held.reset();
        Image again = pictures.take();
        EXPECT_EQ(again.rgba.data(), pixels);
        pictures.put_back(std::move(again));
        EXPECT_EQ((again = pictures.take()).rgba.data(), pixels);
        held = pictures.share(std::move(again));
    }
    EXPECT_EQ(held->width, 64);
}

}  // namespace
}  // namespace convlens::test
