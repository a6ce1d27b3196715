/// Requests of the comparison to the worker and its results; plain values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/explain/compare.h"
#include "engine/nn/taps.h"
#include "engine/view/unit_scale.h"

namespace convlens {

/// The page of the comparison that is on screen.
enum class ComparePage { side_by_side, a, b, difference, normalized };

/// A value under the mouse.
struct ComparePoint {
    bool on_b = false;       ///< Whether the mouse is over B's picture.
    PixelPosition position;  ///< Position in the feature maps of that picture.
    friend bool operator==(const ComparePoint&, const ComparePoint&) = default;
};

struct CompareRequest {
    CompareTargetChoice target;
    ComparePage page = ComparePage::side_by_side;
    Size2 area;      ///< Size of one picture in pixels.
    float zoom = 1;  ///< Zoom and center as in GridView, for both pictures.
    float center_x = 0.5F, center_y = 0;
    bool one_scale = true;       ///< Whether A, B and all channels share one color scale.
    std::optional<int> channel;  ///< The only channel to show; nullopt means all channels.
    std::optional<ComparePoint> point;
    friend bool operator==(const CompareRequest&, const CompareRequest&) = default;
};

/// Feature maps as a grid.
struct ComparePicture {
    std::string title;  ///< Title of the network or of the kernel bank.
    std::string layer;
    Shape shape;
    DisplayOptions display;  ///< Display options; cell and region are set.
    GridLayout layout;
    std::vector<int> channels;             ///< Channel of each cell.
    std::vector<Range> ranges;             ///< One range per cell.
    std::shared_ptr<const Image> picture;  ///< Null if there is no picture.
};

/// A value of A and its counterpart in B.
struct ComparedValue {
    PixelPosition a, b;
    std::optional<float> value_a, value_b;  ///< nullopt if A or B, respectively, does not have the channel.
};

struct Compared {
    CompareRequest request;
    std::string error;          ///< Why B is not available; empty if B is available.
    std::string note;           ///< Note about B's input; may be empty.
    ComparePicture a, b;        ///< On ComparePage::normalized: A scaled as intended, and A scaled without parentheses.
    ComparePicture difference;  ///< Set on ComparePage::difference.
    std::string no_difference;  ///< Why there is no difference; empty if there is one.
    double largest = 0, mean = 0;        ///< Maximum and mean of |A - B|.
    std::size_t equal = 0, count = 0;    ///< Number of equal values, and number of all values.
    int most = 0;                        ///< Channel with the largest mean |A - B|.
    std::vector<UnitScaleNumbers> unit;  ///< Set on ComparePage::normalized; one per channel of A.
    std::optional<ComparedValue> value;  ///< Value at request.point.
};

}  // namespace convlens
