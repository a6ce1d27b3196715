/// Requests to the evaluate worker and its results; plain values.
#pragma once

#include <glm/vec2.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/either_backend.h"
#include "app/ui/values.h"
#include "engine/core/image.h"
#include "engine/document/document.h"
#include "engine/nn/network.h"
#include "engine/nn/taps.h"
#include "engine/view/grid.h"

namespace convlens {

/// Position of the grid in its area. Zoom 1 fits all cells, or the first 8 rows if there are more.
struct GridView {
    Size2 area;                    ///< Size of the grid's area in pixels.
    float zoom = 1.0F;             ///< 1/4 to 64.
    glm::vec2 center{0.5F, 0.0F};  ///< The point of the whole grid, 0..1 along both axes, that is at the center of the
                                   ///< area; clamped so that the area does not extend beyond the grid.
    std::optional<int> enlarged;   ///< A channel that is enlarged to the whole area.
    friend bool operator==(const GridView&, const GridView&) = default;
};

/// A request to the evaluate worker.
struct RenderRequest {
    Document document;  ///< The document to evaluate ...
    Document edited;    ///< ... and the document that the user edits; tools may replace its weights.
    GridView view;
    std::optional<PixelPosition> probe;  ///< The values of all channels at this position are requested.
    BackendUse use = BackendUse::automatic;
    int measure = 0;           ///< Measures both backends, once for each new value other than 0.
    bool any_driver = false;   ///< Also allows OpenGL with a software driver.
    std::vector<Value> wants;  ///< Request of each tool, in the order of tools().
    friend bool operator==(const RenderRequest&, const RenderRequest&) = default;
};

/// What is on screen; independent of the worker thread.
struct RenderResult {
    RenderRequest request;
    Shape input_shape, output_shape;
    Network network;         ///< The layers that ran; their weights are shared.
    int shown_layer = 0;     ///< Index of the layer in the network.
    DisplayOptions display;  ///< Display options of `picture`; cell and region are set.
    GridLayout layout;       ///< Layout of the cells in the coordinates of `picture` before display.region was cropped.
    std::vector<int> channels;  ///< Channel of each cell, in the order of the cells.
    std::vector<ChannelStats> stats;
    std::vector<Range> ranges;  ///< One range per cell.
    std::shared_ptr<const Image> picture;
    std::shared_ptr<const Image> input;    ///< Thumbnail of the batch item as the network sees it.
    std::shared_ptr<const Image> kernels;  ///< All kernels, kernel_columns per row.
    int kernel_columns = 8;
    std::shared_ptr<const Tensor>
        weight;         ///< Weight of the convolution whose kernels produce these channels; null if there is none.
    std::string layer;  ///< Name of the layer on screen.
    std::vector<float> probed;  ///< One value per channel at request.probe; empty without a probe.
    std::string backend, kernels_title, normalize;
    double forward_ms = 0;
    std::size_t multiply_accumulates = 0;
    std::optional<Comparison> comparison;  ///< Measurement of the backends on this network and input, if there is one.
    std::string gl_failure;                ///< Why OpenGL is not used although it was selected; empty otherwise.
    std::vector<Value> answers;            ///< Answers to request.wants; an empty value where nothing was requested.

    /// The answer of type T; null if there is none.
    template <class T>
    const T* answer() const {
        for (const Value& value : answers)
            if (const T* found = value.as<T>()) return found;
        return nullptr;
    }
};

}  // namespace convlens
