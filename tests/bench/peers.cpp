/// The same work in PyTorch and OpenCV.
#include "tests/bench/peers.h"

#include <fmt/format.h>

#include <memory>

#ifdef CONVLENS_TORCH
#include <torch/torch.h>
#endif
#ifdef CONVLENS_OPENCV
#include <opencv2/imgproc.hpp>
#endif

namespace convlens::bench {
namespace {

#ifdef CONVLENS_TORCH
/// PyTorch's view of a tensor's memory.
torch::Tensor view(const Tensor& t) {
    const Shape& s = t.shape();
    return torch::from_blob(const_cast<float*>(t.data()), {s.n, s.c, s.h, s.w});
}

torch::Tensor view(const std::vector<float>& values) {
    return torch::from_blob(const_cast<float*>(values.data()), {static_cast<std::int64_t>(values.size())});
}

/// Runs `work`, which makes a tensor, without gradients.
template <class Work>
Peer pytorch(int threads, const Work& work) {
    return {fmt::format("PyTorch {}.{}", TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR), [=] {
                const torch::InferenceMode inference;
                torch::set_num_threads(threads);
                work();
            }};
}
#endif

#ifdef CONVLENS_OPENCV
/// A plane of a tensor as OpenCV sees it.
cv::Mat plane(const Tensor& t, int n, int c) {
    return {t.shape().h, t.shape().w, CV_32F, const_cast<float*>(&t.at(n, c, 0, 0))};
}
#endif

}  // namespace

std::vector<Peer> convolution_peers([[maybe_unused]] const Row& row, [[maybe_unused]] const Conv2d& layer,
                                    [[maybe_unused]] const Tensor& input, [[maybe_unused]] int threads) {
    std::vector<Peer> peers;
#ifdef CONVLENS_TORCH
    peers.push_back(pytorch(threads, [x = view(input), w = view(*layer.weight), b = view(*layer.bias), &row] {
        return torch::conv2d(x, w, b, row.stride, row.padding);
    }));
#endif
#ifdef CONVLENS_OPENCV
    if (row.input.c == 1 && row.stride == 1 && row.padding == row.kernel / 2) {
        const auto outputs = std::make_shared<std::vector<cv::Mat>>(static_cast<std::size_t>(row.out_channels));
        peers.push_back({"OpenCV " CV_VERSION, [&, outputs, threads] {
                             cv::setNumThreads(threads);
                             cv::parallel_for_({0, row.out_channels}, [&](const cv::Range& range) {
                                 for (int o = range.start; o < range.end; ++o)
                                     cv::filter2D(plane(input, 0, 0), (*outputs)[static_cast<std::size_t>(o)], CV_32F,
                                                  plane(*layer.weight, o, 0), {-1, -1},
                                                  static_cast<double>((*layer.bias)[static_cast<std::size_t>(o)]),
                                                  cv::BORDER_CONSTANT);
                             });
                         }});
    }
#endif
    return peers;
}

std::vector<Peer> pool_peers([[maybe_unused]] bool max, [[maybe_unused]] int size, [[maybe_unused]] const Tensor& input,
                             [[maybe_unused]] int threads) {
    std::vector<Peer> peers;
#ifdef CONVLENS_TORCH
    peers.push_back(pytorch(
        threads, [=, x = view(input)] { return max ? torch::max_pool2d(x, size) : torch::avg_pool2d(x, size); }));
#endif
    return peers;
}

std::vector<Peer> linear_peers([[maybe_unused]] const Linear& layer, [[maybe_unused]] const Tensor& input,
                               [[maybe_unused]] int threads) {
    std::vector<Peer> peers;
#ifdef CONVLENS_TORCH
    peers.push_back(pytorch(threads, [x = view(input).flatten(1), w = view(*layer.weight).flatten(1),
                                      b = view(*layer.bias)] { return torch::linear(x, w, b); }));
#endif
    return peers;
}

}  // namespace convlens::bench
