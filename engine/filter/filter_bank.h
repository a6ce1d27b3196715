/// The kernels of a layer as filters: their responses, what is read off them, and orders to sort them by.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/image.h"
#include "engine/core/tensor.h"
#include "engine/filter/gabor.h"
#include "engine/filter/response.h"
#include "engine/nn/layers/conv2d.h"
#include "engine/view/colormap.h"

namespace convlens {

/// Returns the kernels of a convolution as they are applied, (C_out, C_in/groups, KH, KW): rotated by 180 degrees with
/// ConvParams::flip, and with dilation - 1 zeros between their rows and columns. Shares the weights if nothing changes.
std::shared_ptr<const Tensor> applied_kernels(const Conv2d& conv);

/// Which response of a kernel of several input channels is meant.
enum class ResponseOf {
    all,   ///< The root of the sum over input channels of |H|^2: the largest factor for a wave whose colors are free.
    gray,  ///< The response to a gray wave, which is the same in all input channels: that of the sum of the channels.
};

/// Kernels of more rows or columns are not decomposed by kernel_filter(): that would take seconds.
inline constexpr int max_decomposed = 32;

/// Returns the weights of one input channel, (C_out, 1, KH, KW).
Tensor input_channel(const Tensor& weight, int channel);

/// One kernel as a filter.
struct KernelFilter {
    Magnitudes all, gray;  ///< See ResponseOf.
    FilterNumbers of_all, of_gray;
    float gray_dc = 0;  ///< Sum of all weights: the factor for a constant gray input, with its sign.
    /// Fitted to the plane that comes closest to the kernel, times a factor per input channel; see fit_gabor().
    std::optional<Gabor> gabor;
    double plane_share = 0;  ///< Part of the squared weights that this plane has, 0..1.
    /// SeparableKernel::error(1), [ChannelSplit]; NaN for kernels of more than max_decomposed rows or columns.
    std::array<double, 2> rank1_error{};

    const Magnitudes& magnitudes(ResponseOf of) const { return of == ResponseOf::all ? all : gray; }
    const FilterNumbers& numbers(ResponseOf of) const { return of == ResponseOf::all ? of_all : of_gray; }
};

/// Returns kernel `index` of `weight` (C_out, C_in, KH, KW) as a filter. `plan` is for its size.
KernelFilter kernel_filter(const Tensor& weight, int index, const ResponsePlan& plan);

using FilterBank = std::vector<std::shared_ptr<const KernelFilter>>;

/// Makes filters of kernels, and keeps them: after a change of one kernel, only that one is computed.
class FilterBankCache {
  public:
    /// Returns kernel_filter() of the kernels `indices` with `size` x `size` samples, computed on several threads.
    /// Returns nullopt if canceled; the filters of the last call are kept then.
    std::optional<FilterBank> filters(std::shared_ptr<const Tensor> weight, const std::vector<int>& indices, int size,
                                      const Cancel& cancel);

  private:
    std::shared_ptr<const Tensor> weight_;
    std::vector<int> indices_;
    int size_ = 0;
    FilterBank bank_;
};

/// Orders of kernels.
enum class FilterOrder { index, orientation, frequency };
/// Names of the values of FilterOrder and ResponseOf, in their order.
std::span<const std::string_view> filter_order_names();
std::span<const std::string_view> response_of_names();

/// Returns the positions in `bank` in an order: as they are; by the orientation of the peak, those without direction
/// (peak at zero, or selectivity below 0.1) last; by the frequency of the peak, lowest first.
std::vector<int> ordered(const FilterBank& bank, FilterOrder order, ResponseOf of);

/// Draws magnitudes as a square image of m.size x m.size pixels with frequency zero at pixel (size / 2, size / 2): fx
/// from -0.5 increases to the right and fy from -0.5 downward, as x and y do. `decibels` draws 20 log10(|H| / peak)
/// from -60 to 0, otherwise |H| / peak is drawn from 0 to 1.
Image response_picture(const Magnitudes& magnitudes, float peak, bool decibels, Colormap colormap);

/// Draws the phase of a response like response_picture(): the hue is the phase, red for 0 degrees and green for 120;
/// the brightness is the root of |H| / peak.
Image phase_picture(const FrequencyResponse& response);

inline constexpr float least_decibels = -60;  ///< See response_picture().

}  // namespace convlens
