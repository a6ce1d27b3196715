/// What the comparison asks of the worker, and what it gets: plain values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/explain/compare.h"
#include "engine/nn/taps.h"
#include "engine/view/unit_scale.h"

namespace convlens {

/// What of a comparison is on screen.
enum class ComparePage { side_by_side, a, b, difference, normalized };

/// A value under the mouse.
struct ComparePoint {
    bool on_b = false;       ///< The picture that the mouse is over.
    PixelPosition position;  ///< In that picture's maps.
    friend bool operator==(const ComparePoint&, const ComparePoint&) = default;
};

struct CompareRequest {
    CompareTargetChoice target;
    ComparePage page = ComparePage::side_by_side;
    Size2 area;      ///< Pixels of one picture.
    float zoom = 1;  ///< As GridView has them, of both pictures alike.
    float center_x = 0.5F, center_y = 0;
    bool one_scale = true;       ///< The same for A and B and all of their channels.
    std::optional<int> channel;  ///< That one alone.
    std::optional<ComparePoint> point;
    friend bool operator==(const CompareRequest&, const CompareRequest&) = default;
};

/// Maps as a grid.
struct ComparePicture {
    std::string title;  ///< The network or the bank.
    std::string layer;
    Shape shape;
    DisplayOptions display;  ///< Cell and region are set.
    GridLayout layout;
    std::vector<int> channels;             ///< Of the cells.
    std::vector<Range> ranges;             ///< One a cell.
    std::shared_ptr<const Image> picture;  ///< Null where there is none.
};

/// A value of A and its counterpart in B.
struct ComparedValue {
    PixelPosition a, b;
    std::optional<float> value_a, value_b;  ///< Unset where that side has no such channel.
};

struct Compared {
    CompareRequest request;
    std::string error;                   ///< Why there is no B.
    std::string note;                    ///< What is to be known about B's input; may be empty.
    ComparePicture a, b;                 ///< On ComparePage::normalized A scaled as intended and without brackets.
    ComparePicture difference;           ///< On ComparePage::difference.
    std::string no_difference;           ///< Why there is none.
    double largest = 0, mean = 0;        ///< Of |A - B|.
    std::size_t equal = 0, count = 0;    ///< Values that are the same, of how many.
    int most = 0;                        ///< The channel with the largest mean |A - B|.
    std::vector<UnitScaleNumbers> unit;  ///< On ComparePage::normalized, one a channel of A.
    std::optional<ComparedValue> value;  ///< Of request.point.
};

}  // namespace convlens
