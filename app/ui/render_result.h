/// What the main loop asks of the evaluate worker, and what comes back: plain values.
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

/// How the grid lies in its area. Zoom 1 fits all cells, or the first 8 rows where there are more.
struct GridView {
    Size2 area;                    ///< Pixels that the grid has.
    float zoom = 1.0F;             ///< 1/4 to 64.
    glm::vec2 center{0.5F, 0.0F};  ///< Which point of the whole grid, 0..1 both ways, lies in the middle of the area;
                                   ///< what reaches over the grid's border is cut to it.
    std::optional<int> enlarged;   ///< One channel alone, as large as fits.
    friend bool operator==(const GridView&, const GridView&) = default;
};

/// What the evaluate worker is asked for.
struct RenderRequest {
    Document document;  ///< As it is shown ...
    Document edited;    ///< ... and as the user edits it: tools may have put other weights into it.
    GridView view;
    std::optional<PixelPosition> probe;  ///< The values of all channels at this spot are wanted.
    BackendUse use = BackendUse::automatic;
    int measure = 0;           ///< Measure both back ends, once for each new number but 0.
    bool any_driver = false;   ///< OpenGL also where it is a program on the CPU.
    std::vector<Value> wants;  ///< What each tool wants, in the order of tools().
    friend bool operator==(const RenderRequest&, const RenderRequest&) = default;
};

/// What is on screen: nothing of the worker's thread.
struct RenderResult {
    RenderRequest request;
    Shape input_shape, output_shape;
    Network network;            ///< The layers that ran; their weights are shared.
    int shown_layer = 0;        ///< Its index in the network.
    DisplayOptions display;     ///< The look of `picture`: cell and region are set.
    GridLayout layout;          ///< Of the cells in `picture`'s coordinates before display.region was cut out.
    std::vector<int> channels;  ///< Of the cells, in their order.
    std::vector<ChannelStats> stats;
    std::vector<Range> ranges;  ///< One a cell.
    std::shared_ptr<const Image> picture;
    std::shared_ptr<const Image> input;    ///< The batch item as the network sees it, small.
    std::shared_ptr<const Image> kernels;  ///< All kernels, kernel_columns in a row.
    int kernel_columns = 8;
    std::shared_ptr<const Tensor>
        weight;                 ///< Of the convolution whose kernels make these channels; null where none does.
    std::string layer;          ///< Name of the layer that is shown.
    std::vector<float> probed;  ///< One value a channel at request.probe; empty without.
    std::string backend, kernels_title, normalize;
    double forward_ms = 0;
    std::size_t multiply_accumulates = 0;
    std::optional<Comparison> comparison;  ///< Of the back ends on this network and input, where it was made.
    std::string gl_failure;                ///< Why OpenGL is not used although it is asked for; else empty.
    std::vector<Value> answers;            ///< To request.wants; none where nothing was wanted.

    /// The answer of this type; null for none.
    template <class T>
    const T* answer() const {
        for (const Value& value : answers)
            if (const T* found = value.as<T>()) return found;
        return nullptr;
    }
};

}  // namespace convlens
