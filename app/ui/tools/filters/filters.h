/// The tool "Filters": the kernels of the layer on screen as linear filters.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/ui/tool.h"
#include "app/ui/tools/filters/study.h"
#include "engine/filter/algebra.h"
#include "engine/filter/band_filter.h"
#include "engine/filter/filter_bank.h"
#include "engine/filter/filtered_spectra.h"
#include "engine/filter/painted_filter.h"
#include "engine/filter/separable.h"

namespace convlens {

/// How responses are drawn.
enum class ResponseView { magnitude, decibels, phase };

inline constexpr int filter_columns = 8;        ///< Cells per row of the grids.
inline constexpr int max_filters = 64;          ///< Number of kernels in a grid at most.
inline constexpr int filter_samples = 128;      ///< Frequencies per axis.
inline constexpr int max_separated_side = 128;  ///< Larger kernels are not decomposed in the window.

/// A band of frequencies and the kernel for it, as the user chooses them.
struct BandChoice {
    int lowest = 10, highest = 25;      ///< Cycles per 100 pixels.
    int orientation = 0, spread = 180;  ///< Degrees.
    int side = 11;                      ///< Rows and columns of the kernel; odd.
    int outside = 1;                    ///< See band_filter().

    Band band() const {
        return {lowest / 100.0, highest / 100.0, static_cast<double>(orientation), static_cast<double>(spread)};
    }
    friend bool operator==(const BandChoice&, const BandChoice&) = default;
};

/// The request to the worker.
struct FiltersRequest {
    FiltersPart part = FiltersPart::frequency;
    std::vector<int> kernels{};  ///< Those of the grid, in ascending order.
    int marked = 0;              ///< The kernel beside the grid.
    /// Which response: that of an input channel, or, if it is negative, that of `of`.
    int input = -1;
    ResponseOf of = ResponseOf::all;
    ResponseView view = ResponseView::magnitude;
    FilterOrder order = FilterOrder::index;
    int rank = 1;
    ChannelSplit split = ChannelSplit::per_channel;
    int second = 11;                              ///< Of edge_kernels(), for the algebra: Sobel x.
    std::shared_ptr<const PaintedImage> paint{};  ///< Null before anything is painted.
    int side = 11;                                ///< Of the kernel that is fitted to the paint; odd.
    int regularization = -2;                      ///< Its logarithm to base 10.
    BandChoice design{};
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

/// The algebra of the marked kernel and a second one.
struct AlgebraShown {
    std::string error;      ///< Why there are no numbers; empty if there are.
    bool on_image = false;  ///< Whether the input of the layer is the image; otherwise it is noise.
    double composition = 0, relu = 0, forward = 0, backward = 0, rotation = 0, dilation = 0;  ///< See AlgebraNumbers.
    long long macs_in_a_row = 0, macs_at_once = 0;
    Size2 size;                             ///< Of the composed kernel.
    std::optional<DepthwiseFit> depthwise;  ///< Of all kernels; nullopt if they are too many to decompose live.
    std::vector<double> sums;               ///< Of the kernel's weights, per input channel; empty for many channels.
    std::shared_ptr<const Image> second, composed, in_a_row, at_once, rectified, difference;
};

/// The kernel that was fitted to the paint.
struct PaintShown {
    std::string error;  ///< Why there is none; empty if there is one.
    PaintedFilter filter;
    float largest = 0;  ///< Largest magnitude of the answers.
    std::shared_ptr<const Image> kernel, map;
};

/// Spectra before and after the marked kernel; see FilteredSpectra.
struct SpectraShown {
    std::string error;  ///< Why there are none; empty if there are.
    int side = 0;
    Size2 picture;
    double difference = 0;
    Chart chart;
    SharedPicture input, response, output;  ///< Spectra in decibels.
    SharedPicture before, after;            ///< The part of the image and the output.
};

/// The kernel for a band.
struct DesignShown {
    std::string error;  ///< Why there is none; empty if there is one.
    BandFilter filter;
    Chart chart;
    SharedPicture wanted, response, kernel, map;
};

/// The worker's answer.
struct FiltersShown {
    FiltersRequest request;
    std::string layer;
    std::shared_ptr<const Tensor> input;  ///< The network's input of the shown item, for the parts that run it.
    std::shared_ptr<const Tensor>
        weight;                         ///< The kernels as they are applied. This and what follows is for the others.
    FilterBank bank;                    ///< Of request.kernels.
    std::vector<int> order;             ///< Position in `bank` of each cell.
    std::shared_ptr<const Image> grid;  ///< filter_columns cells per row, with gaps.
    GridLayout layout;                  ///< Of `grid`.
    std::shared_ptr<const KernelFilter> marked;
    std::shared_ptr<const Image> kernel, response, gabor;  ///< Of the marked kernel; `gabor` may be null.
    std::optional<SeparableShown> separable;               ///< In that part, unless the kernels are too large.
    std::optional<AlgebraShown> algebra;                   ///< In that part.
    std::optional<PaintShown> paint;                       ///< In that part.
    std::optional<SpectraShown> spectra;                   ///< In that part.
    std::optional<DesignShown> design;                     ///< In that part.
};

/// State of the tool.
struct FiltersView {
    FiltersRequest choice;                 ///< What the user has chosen; the kernels are set for each request.
    int brush = 0;                         ///< Yes, no, test yes, test no, eraser.
    int brush_size = 3;                    ///< Diameter in pixels of the input.
    std::shared_ptr<const Image> painted;  ///< The paint in colors.
    std::optional<PixelPosition> last;     ///< Where the brush was in the last frame.
    FilterStudy study;                     ///< The parts that run whole networks.
};

extern const Tool filters_tool;

/// Makes the tool's job, which caches filters of kernels.
ToolJob make_filters_job(const BackendChoice&);

/// Fill the answer's spectra and design from the kernels that it has: for `input` (1, C, H, W), and for the middle of
/// batch item `item` of `image`. Return false if canceled.
bool compute_spectra(FiltersShown& shown, const Tensor& input, bool first_layer, const Cancel& cancel);
bool compute_design(FiltersShown& shown, const Tensor& image, int item, const Cancel& cancel);

/// Returns what a scene keeps of the tool, and restores it.
ScenePart filters_scene_part(States& states);
void show_filters_part(States& states, const ScenePart& part);

/// Draws the tool in the central panel.
void filters_panel(Frame& frame);
/// Draw its parts.
void frequency_part(Frame& frame, const FiltersShown& shown);
void separability_part(Frame& frame, const FiltersShown& shown);
void algebra_part(Frame& frame, const FiltersShown& shown);
void paint_part(Frame& frame, const FiltersShown& shown);
void spectra_part(Frame& frame, FilterStudy& study, const FiltersShown& shown);
void design_part(Frame& frame, FilterStudy& study, const FiltersShown& shown);

/// Draws a picture as large as it fits into a square of `side` pixels, with small text below, as an item `id`.
void captioned(Frame& frame, const char* id, const std::string& title, const std::shared_ptr<const Image>& picture,
               float side, const char* tooltip_text);

/// Draws the grid with its frames and selection at the left, as large as it fits into `width`, and returns its size.
/// `caption` is the text of a cell's tooltip for the kernel at this position in the bank.
Size2 filters_grid(Frame& frame, const FiltersShown& shown, float width,
                   const std::function<std::string(int position)>& caption);

}  // namespace convlens
