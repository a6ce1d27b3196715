/// Requests to the evaluate worker and its results. They are plain values.
#pragma once

#include <cstdint>
#include <glm/vec2.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/either_backend.h"
#include "app/ui/values.h"
#include "engine/core/image.h"
#include "engine/core/sentence.h"
#include "engine/document/document.h"
#include "engine/nn/network.h"
#include "engine/nn/taps.h"
#include "engine/view/grid.h"

namespace convlens {

/// Zoom and position of the grid in its area of the window. At zoom 1 all cells fit into the area, or the first 8 rows
/// if there are more.
struct GridView {
    Size2 area;                    ///< Size of the grid's area in pixels.
    float zoom = 1.0F;             ///< 1/4 to 64, inclusive.
    glm::vec2 center{0.5F, 0.0F};  ///< The point of the whole grid, 0..1 along both axes, that is at the center of the
                                   ///< area; clamped so that the area does not extend beyond the grid.
    std::optional<int> enlarged;   ///< The channel that fills the whole area; nullopt if the grid is shown.
    friend bool operator==(const GridView&, const GridView&) = default;
};

/// A request to the evaluate worker.
struct RenderRequest {
    /// The document to evaluate: `edited` with the changes that tools make to it, such as the weights of a training
    /// lesson.
    Document document;
    Document edited;                         ///< The document that the user edits.
    GridView view;                           ///< The part of the grid to draw.
    std::optional<PixelPosition> probe;      ///< Requests the values of all channels at this position.
    BackendUse use = BackendUse::automatic;  ///< The backend to use.
    int measure = 0;           ///< Requests a measurement of both backends each time it has a new value other than 0.
    bool any_driver = false;   ///< Whether the measurement may use OpenGL with a software driver.
    std::vector<Value> wants;  ///< Request of each tool, in the order of tools().
    std::string language;      ///< Code of the language of sentences in the answer.
    friend bool operator==(const RenderRequest&, const RenderRequest&) = default;
};

/// What is on screen: the answer of the evaluate worker, as a value that any thread may keep.
struct RenderResult {
    RenderRequest request;            ///< The request that it answers.
    Shape input_shape, output_shape;  ///< Shapes of the network's input and of the output of the shown layer, NCHW.
    Network network;                  ///< The layers that ran; their weights are shared.
    int shown_layer = 0;              ///< Index in network.layers of the layer on screen.
    DisplayOptions display;           ///< Display options of `picture`; cell and region are set.
    GridLayout layout;  ///< Layout of the cells in the coordinates of `picture` before display.region was cropped.
    std::vector<int> channels;             ///< Channel of each cell, in the order of the cells.
    std::vector<ChannelStats> stats;       ///< Statistics of the shown batch item, one entry per channel.
    std::vector<Range> ranges;             ///< Value range of each cell.
    std::shared_ptr<const Image> picture;  ///< The visible part of the grid.
    /// Thumbnail of the shown batch item of the network's input, without normalization.
    std::shared_ptr<const Image> input;
    /// All kernels, kernel_columns per row; null if there is no convolution or if they are too large.
    std::shared_ptr<const Image> kernels;
    int kernel_columns = 8;
    std::shared_ptr<const Tensor> weight;  ///< Weight of the convolution whose kernels produce the channels on screen;
                                           ///< null if no convolution does.
    std::string layer;                     ///< Name of the layer on screen.
    std::vector<float> probed;  ///< The values at request.probe, one per channel; empty if request.probe is nullopt.
    /// Backend::name(), network_title() and the name of the effective normalization.
    std::string backend, kernels_title, normalize;
    double forward_ms = 0;                   ///< Wall-clock time of the forward pass in milliseconds.
    std::uint64_t multiply_accumulates = 0;  ///< Multiply-accumulates of the forward pass.
    std::optional<Comparison> comparison;  ///< Result of EitherBackend::comparison() for this network and input shape;
                                           ///< nullopt if the backends were not measured on them.
    std::string gl_failure;                ///< EitherBackend::failure() after the evaluation.
    std::vector<Value> answers;            ///< Answers to request.wants; an empty value where nothing was requested.

    /// Returns the answer of type T; null if there is none.
    template <class T>
    const T* answer() const {
        for (const Value& value : answers)
            if (const T* found = value.as<T>()) return found;
        return nullptr;
    }
};

}  // namespace convlens
