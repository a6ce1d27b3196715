/// Examples in memory: conversion to blocks and pictures, and the built-in data sets.
#include "engine/train/dataset.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numbers>
#include <random>

#include "engine/cpu/lane_loops.h"
#include "engine/io/resize.h"

namespace convlens {
namespace {

/// Writes one plane of up to sixteen examples, interleaved.
template <class Value>
void put_planes(const std::array<const Value*, lane_images>& from, int count, std::size_t plane, const Levels& levels,
                float* to) {
    for (std::size_t i = 0; i < plane; ++i, to += lane_images) {
        // The loads have a loop of their own, so that the compiler can vectorize the arithmetic.
        std::array<Value, lane_images> together;
        for (std::size_t l = 0; l < lane_images; ++l) together[l] = from[l][i];
        for (std::size_t l = 0; l < lane_images; ++l) {
            if constexpr (sizeof(Value) == 1)
                to[l] = levels(static_cast<float>(together[l]) / 255.0F);
            else
                to[l] = levels(together[l]);
        }
        for (int l = count; l < lane_images; ++l) to[l] = 0.0F;
    }
}

template <class Value>
void put_values(const CountedVector<Value>& values, const DataSet& data, const int* indices, int count, int channels,
                Normalize normalize, float* block) {
    const std::size_t plane = data.item.plane(), size = data.item.count();
    for (int c = 0; c < channels; ++c) {
        std::array<const Value*, lane_images> from;
        for (int l = 0; l < lane_images; ++l) {
            const int index = indices[std::min(l, count - 1)];
            assert(index >= 0 && index < data.size());
            from[static_cast<std::size_t>(l)] = values.data() + static_cast<std::size_t>(index) * size +
                                                (data.item.c == 1 ? 0 : plane * static_cast<std::size_t>(c));
        }
        put_planes(from, count, plane, levels_of(normalize, c, channels),
                   block + plane * static_cast<std::size_t>(c) * lane_images);
    }
}

/// Returns the distance of (x, y) from a line segment with its center at the origin, the direction `angle` and the
/// length 2 * `half`.
double distance(double x, double y, double angle, double half) {
    const double along = std::clamp(x * std::cos(angle) + y * std::sin(angle), -half, half);
    return std::hypot(x - along * std::cos(angle), y - along * std::sin(angle));
}

}  // namespace

void put_examples(const DataSet& data, const int* indices, int count, int channels, Normalize normalize, float* block) {
    assert(count >= 1 && count <= lane_images && (data.item.c == 1 || data.item.c == channels));
    std::visit([&](const auto& values) { put_values(values, data, indices, count, channels, normalize, block); },
               data.values);
}

Image picture_of(const DataSet& data, int index) {
    const std::size_t plane = data.item.plane(), first = static_cast<std::size_t>(index) * data.item.count();
    Image image(data.item.w, data.item.h, {0, 0, 0, 255});
    for (std::size_t i = 0; i < plane; ++i)
        for (std::size_t c = 0; c < 3; ++c) {
            const std::size_t at = first + (data.item.c >= 3 ? c * plane : 0) + i;
            if (const auto* bytes = std::get_if<CountedVector<std::uint8_t>>(&data.values))
                image.rgba[i * 4 + c] = (*bytes)[at];
            else
                image.rgba[i * 4 + c] = static_cast<std::uint8_t>(
                    std::lround(std::clamp(std::get<CountedVector<float>>(data.values)[at], 0.0F, 1.0F) * 255.0F));
        }
    return image;
}

Tensor example_tensor(const DataSet& data, int index) {
    const Image image = picture_of(data, index);
    Tensor tensor({1, 3, image.height, image.width});
    for (int c = 0; c < 3; ++c)
        for (std::size_t i = 0; i < tensor.shape().plane(); ++i)
            tensor.plane(0, c)[i] = static_cast<float>(image.rgba[i * 4 + static_cast<std::size_t>(c)]) / 255.0F;
    return tensor;
}

namespace {

Expected<SharedDataSet> resized(const DataSet& data, Size2 size, int most, const Cancel& cancel) {
    DataSet next;
    next.title = data.title, next.classes = data.classes, next.skipped = data.skipped,
    next.complaints = data.complaints;
    next.item = {1, 3, size.h, size.w};
    const int count = most > 0 ? std::min(most, data.size()) : data.size();
    CountedVector<std::uint8_t> pixels;
    pixels.reserve(static_cast<std::size_t>(count) * next.item.count());
    for (int n = 0; n < count; ++n) {
        if (cancel.requested()) return canceled();
        cancel.report(static_cast<float>(n) / static_cast<float>(count));
        const auto large = resize(example_tensor(data, n), size, data.title);
        if (!large) return tl::unexpected(large.error());
        for (const float v : large->values())
            pixels.push_back(static_cast<std::uint8_t>(std::lround(std::clamp(v, 0.0F, 1.0F) * 255.0F)));
        next.labels.push_back(data.labels[static_cast<std::size_t>(n)]);
        if (!data.names.empty()) next.names.push_back(data.names[static_cast<std::size_t>(n)]);
    }
    next.values = std::move(pixels);
    return std::make_shared<const DataSet>(std::move(next));
}

}  // namespace

Expected<DataSplit> resized(const DataSplit& data, Size2 size, int most, const Cancel& cancel) {
    auto training = resized(*data.training, size, most, cancel.part(0.0F, 0.7F));
    if (!training) return tl::unexpected(training.error());
    auto validation = resized(*data.validation, size, most > 0 ? std::max(1, most / 3) : 0, cancel.part(0.7F, 1.0F));
    if (!validation) return tl::unexpected(validation.error());
    return DataSplit{std::move(*training), std::move(*validation)};
}

DataSet make_bars_and_crosses(int count, std::uint32_t seed) {
    constexpr int side = 32;
    DataSet data;
    data.title = "bars and crosses";
    data.item = {1, 1, side, side};
    data.classes = {"bar", "cross"};
    CountedVector<std::uint8_t> pixels;
    std::mt19937 random(seed);
    const auto unit = [&] { return static_cast<double>(random() >> 8U) * 0x1p-24; };
    for (int n = 0; n < count; ++n) {
        const int label = n % 2;
        const double angle = unit() * std::numbers::pi, x0 = 12 + 8 * unit(), y0 = 12 + 8 * unit(),
                     half = 7 + 4 * unit();
        const double foreground = unit() < 0.5 ? -0.4 - 0.1 * unit() : 0.4 + 0.1 * unit();  // dark or light
        for (int y = 0; y < side; ++y)
            for (int x = 0; x < side; ++x) {
                double d = distance(x - x0, y - y0, angle, half);
                if (label == 1) d = std::min(d, distance(x - x0, y - y0, angle + std::numbers::pi / 2, half));
                const double noise = 0.3 * (unit() + unit() + unit() - 1.5);
                const double value = 0.5 + foreground * std::clamp(2.0 - d, 0.0, 1.0) + noise;
                pixels.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0, 1.0) * 255.0));
            }
        data.labels.push_back(label);
    }
    data.values = std::move(pixels);
    return data;
}

}  // namespace convlens
