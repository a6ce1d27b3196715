/// The tool "Filters": the kernels of the layer on screen as linear filters.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/ui/tool.h"
#include "engine/filter/filter_bank.h"
#include "engine/filter/separable.h"

namespace convlens {

/// The parts of the tool.
enum class FiltersPart { frequency, separability };

/// How responses are drawn.
enum class ResponseView { magnitude, decibels, phase };

inline constexpr int filter_columns = 8;        ///< Cells per row of the grids.
inline constexpr int max_filters = 64;          ///< Number of kernels in a grid at most.
inline constexpr int filter_samples = 128;      ///< Frequencies per axis.
inline constexpr int max_separated_side = 128;  ///< Larger kernels are not decomposed in the window.

/// The request to the worker.
struct FiltersRequest {
    FiltersPart part = FiltersPart::frequency;
    std::vector<int> kernels;  ///< Those of the grid, in ascending order.
    int marked = 0;            ///< The kernel beside the grid.
    /// Which response: that of an input channel, or, if it is negative, that of `of`.
    int input = -1;
    ResponseOf of = ResponseOf::all;
    ResponseView view = ResponseView::magnitude;
    FilterOrder order = FilterOrder::index;
    int rank = 1;
    ChannelSplit split = ChannelSplit::per_channel;
    friend bool operator==(const FiltersRequest&, const FiltersRequest&) = default;
};

/// The marked kernel as a sum of separable ones.
struct SeparableShown {
    std::vector<double> values, errors;  ///< Singular values; errors of ranks 1, 2, ...
    int rank = 1;
    std::vector<std::int64_t> multiply_adds;  ///< Of ranks 1, 2, ...
    std::int64_t direct = 0;
    std::shared_ptr<const Image> approximation, difference;
};

/// The worker's answer.
struct FiltersShown {
    FiltersRequest request;
    std::string layer;
    std::shared_ptr<const Tensor> weight;  ///< The kernels as they are applied.
    FilterBank bank;                       ///< Of request.kernels.
    std::vector<int> order;                ///< Position in `bank` of each cell.
    std::shared_ptr<const Image> grid;     ///< filter_columns cells per row, with gaps.
    GridLayout layout;                     ///< Of `grid`.
    std::shared_ptr<const KernelFilter> marked;
    std::shared_ptr<const Image> kernel, response, gabor;  ///< Of the marked kernel; `gabor` may be null.
    std::optional<SeparableShown> separable;               ///< In that part, unless the kernels are too large.
};

/// State of the tool.
struct FiltersView {
    FiltersRequest choice;  ///< What the user has chosen; the kernels are set for each request.
};

extern const Tool filters_tool;

/// Makes the tool's job, which caches filters of kernels.
ToolJob make_filters_job(const BackendChoice&);

/// Draws the tool in the central panel.
void filters_panel(Frame& frame);
/// Draw its parts.
void frequency_part(Frame& frame, const FiltersShown& shown);
void separability_part(Frame& frame, const FiltersShown& shown);

/// Draws the grid with its frames and selection at the left, as large as it fits into `width`, and returns its size.
/// `caption` is the text of a cell's tooltip for the kernel at this position in the bank.
Size2 filters_grid(Frame& frame, const FiltersShown& shown, float width,
                   const std::function<std::string(int position)>& caption);

}  // namespace convlens
