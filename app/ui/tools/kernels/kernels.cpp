/// The kernels tool: requests the histogram of the selected channel from the worker, and the job that computes it.
#include "app/ui/tools/kernels/kernels.h"

#include "app/ui/frame.h"
#include "app/ui/tool.h"
#include "engine/view/histogram.h"

namespace convlens {
namespace {

/// The request to the worker: the histogram of channel `channel`.
struct HistogramChannel {
    int channel = 0;
    friend bool operator==(const HistogramChannel&, const HistogramChannel&) = default;
};

Value want(const Frame& f) { return f.view.selected ? Value(HistogramChannel{*f.view.selected}) : Value(); }

/// Computes the histogram of a channel. Returns the last histogram again if the channel and its feature map are the
/// same.
class Counter {
  public:
    Expected<Value> operator()(const Value& want, const JobContext& c) {
        const int channel = want.as<HistogramChannel>()->channel, item = c.output.document.display.item;
        const Shape& s = c.shown.output_shape;
        if (channel >= s.c || s.plane() < 2) return Value();
        const Histogram* last = last_.as<Histogram>();
        if (last && last->channel == channel && item_ == item && of_.lock() == c.output.activations) return last_;
        const auto values = c.output.activations->read(item, {channel, 1}, {0, 0, s.w, s.h});
        if (!values) return tl::unexpected(values.error());
        const ChannelStats& stats = c.shown.stats[static_cast<std::size_t>(channel)];
        constexpr std::size_t parts = 64;
        last_ = Value(Histogram{channel, histogram(values->values(), {stats.min, stats.max}, parts)});
        item_ = item;
        of_ = c.output.activations;
        return last_;
    }

  private:
    Value last_;
    int item_ = 0;
    std::weak_ptr<const Activations> of_;
};

ToolJob job(const BackendChoice&) { return Counter(); }

}  // namespace

const Tool kernels_tool{
    .id = "kernels",
    .side = {"Kernels", "Shows all kernels of the layer and the statistics of the selected channel", kernels_panel},
    .want = want,
    .job = job};

}  // namespace convlens
