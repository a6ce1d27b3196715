/// Requests of the comparison to the worker, and their results. A is the current document, B the one it is compared
/// with.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/explain/compare.h"
#include "engine/nn/taps.h"
#include "engine/view/unit_scale.h"

namespace convlens {

/// What the comparison shows.
enum class ComparePage {
    side_by_side,  ///< A and B next to each other.
    a,             ///< Only A.
    b,             ///< Only B.
    difference,    ///< A - B.
    normalized     ///< A scaled to [0,1] by (y - min) / (max - min), and by the mistake y - min / (max - min).
};

/// The position under the mouse.
struct ComparePoint {
    bool on_b = false;       ///< Whether the mouse is over B's picture.
    PixelPosition position;  ///< Channel, row and column in the feature maps of that picture.
    friend bool operator==(const ComparePoint&, const ComparePoint&) = default;
};

/// A request to the worker; also the state of the tool.
struct CompareRequest {
    CompareTargetChoice target;  ///< B.
    ComparePage page = ComparePage::side_by_side;
    Size2 area;      ///< Size of the area for one picture in pixels; 0 until it is known.
    float zoom = 1;  ///< `zoom`, `center_x` and `center_y` are those of GridView, for both pictures.
    float center_x = 0.5F, center_y = 0;
    bool one_scale = true;              ///< Whether A, B and all channels share one color scale.
    std::optional<int> channel;         ///< The only channel to show; nullopt means all channels.
    std::optional<ComparePoint> point;  ///< Requests the values at this position.
    std::string_view language{};        ///< Of the note; another one makes it again.
    friend bool operator==(const CompareRequest&, const CompareRequest&) = default;
};

/// Feature maps drawn as a grid.
struct ComparePicture {
    std::string title;       ///< Title of the network or of the kernel bank.
    std::string layer;       ///< Name of the layer.
    Shape shape;             ///< Shape of the feature maps (NCHW).
    DisplayOptions display;  ///< Display options of `picture`; cell and region are set.
    GridLayout layout;
    std::vector<int> channels;             ///< Channel of each cell.
    std::vector<Range> ranges;             ///< Value range of each cell's colors.
    std::shared_ptr<const Image> picture;  ///< Null if B or the difference is not available, or not on the page.
};

/// A value of A and its counterpart in B.
struct ComparedValue {
    PixelPosition a, b;
    std::optional<float> value_a, value_b;  ///< nullopt if A or B, respectively, does not have the channel.
};

/// The result of a request.
struct Compared {
    CompareRequest request;
    std::string error;          ///< Why B is not available; empty if B is available.
    std::string note;           ///< Note on how B's input differs from what B expects; may be empty.
    ComparePicture a, b;        ///< On ComparePage::normalized: A scaled correctly, and A scaled without parentheses.
    ComparePicture difference;  ///< Set on ComparePage::difference.
    std::string no_difference;  ///< Why there is no difference; empty if there is one.
    double largest = 0, mean = 0;        ///< Maximum and mean of |A - B|.
    std::size_t equal = 0, count = 0;    ///< Number of equal values, and number of all values.
    int most = 0;                        ///< Channel with the largest mean |A - B|.
    std::vector<UnitScaleNumbers> unit;  ///< Set on ComparePage::normalized; one per channel of A.
    std::optional<ComparedValue> value;  ///< The values at request.point; nullopt if there is no such position.
};

}  // namespace convlens
