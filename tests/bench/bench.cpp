/// Times the CPU engine beside oneDNN: convlens_bench [--threads N] [--isa NAME] [--rounds N] [--no-stats]
/// [--alone] [--peers] [row names]; with --peers also beside PyTorch and OpenCV. "cancel" among the names: how soon
/// work stops.
///
/// Engine and peers take turns, a batch of runs each with a pause between, so that a change of clock or of
/// other people's load meets both and neither meets the other's threads still waiting for work. The ratio is
/// the median over the rounds of ratios within a round. All buffers are written before and used again.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/grid_cpu.h"
#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/nn/parameters.h"
#include "tests/bench/onednn.h"
#include "tests/bench/peak.h"
#include "tests/bench/peers.h"
#include "tests/bench/rows.h"

namespace convlens::bench {
namespace {

struct Options {
    int threads = 2;
    int rounds = 9;
    bool alone = false;  ///< Leave oneDNN out.
    bool peers = false;  ///< Also time other libraries than oneDNN.
    bool stats = true;   ///< The engine also finds each channel's minimum, maximum and means.
    std::string isa;
    std::vector<std::string> names;
    bool wants(std::string_view name) const {
        return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
    }
};

double seconds_of(const std::function<void()>& run) {
    const auto start = std::chrono::steady_clock::now();
    run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double quantile(std::vector<double> values, double q) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

/// One contestant's times.
struct Times {
    std::vector<double> all, by_round;

    /// Runs for about 30 ms, at least three times.
    void batch(const std::function<void()>& run) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        seconds_of(run);
        std::vector<double> times;
        for (double sum = 0; times.size() < 3 || (sum < 0.03 && times.size() < 100);) {
            times.push_back(seconds_of(run));
            sum += times.back();
        }
        by_round.push_back(quantile(times, 0.5));
        all.insert(all.end(), times.begin(), times.end());
    }
    double median_ms() const { return quantile(all, 0.5) * 1e3; }
    double best_ms() const { return quantile(all, 0.1) * 1e3; }
};

struct Result {
    Times engine;
    std::vector<Peer> peers;  ///< oneDNN, if it is there, is the first.
    std::vector<Times> of_peers;

    /// Of the engine's time to a peer's.
    double ratio(const Times& peer) const {
        std::vector<double> ratios;
        for (std::size_t i = 0; i < peer.by_round.size(); ++i) ratios.push_back(engine.by_round[i] / peer.by_round[i]);
        return quantile(ratios, 0.5);
    }
};

Result alternate(const std::function<void()>& engine, std::vector<Peer> peers, int rounds) {
    std::erase_if(peers, [](const Peer& peer) { return !peer.run; });
    Result result{{}, std::move(peers), {}};
    result.of_peers.resize(result.peers.size());
    for (int round = 0; round < rounds; ++round) {
        result.engine.batch(engine);
        for (std::size_t i = 0; i < result.peers.size(); ++i) result.of_peers[i].batch(result.peers[i].run);
    }
    return result;
}

/// oneDNN, unless it is excluded, and the others, if they are requested.
template <class OneDnn, class Others>
std::vector<Peer> peers_of(const Options& options, const OneDnn& onednn, const Others& others) {
    if (options.alone) return {};
    std::vector<Peer> peers{{"oneDNN", onednn()}};
    if (options.peers)
        for (Peer& peer : others()) peers.push_back(std::move(peer));
    return peers;
}

void print_times(std::string_view name, std::string_view what, const Result& result, std::string_view rate,
                 double target) {
    fmt::print("{:3} {:30} {:8.3f} {:8.3f} {}", name, what, result.engine.median_ms(), result.engine.best_ms(), rate);
    for (std::size_t i = 0; i < result.peers.size(); ++i) {
        const Times& peer = result.of_peers[i];
        if (i > 0) fmt::print("\n    {:63}", result.peers[i].name);
        fmt::print(" {:9.3f} {:8.3f} {:6.2f}", peer.median_ms(), peer.best_ms(), result.ratio(peer));
        if (i == 0) fmt::print(" {}", target > 0 ? fmt::format("{:6.2f}", target) : "     -");
    }
    fmt::print("\n");
    std::fflush(stdout);
}

void time_convolution(const Row& row, const Options& options, const Simd& simd, double peak) {
    const Conv2d layer = layer_of(row);
    const Tensor input = made_up(row.input);
    const Shape shape = output_shape(layer, row.input).value();
    Tensor output(shape, 0.0F), peer_output(shape, 0.0F);
    Arena arena(options.threads);
    Conv2dPlan plan(layer, row.input, simd, make_conv2d_memory());
    std::vector<ChannelStats> stats(
        options.stats ? static_cast<std::size_t>(shape.n) * static_cast<std::size_t>(shape.c) : 0);
    const auto engine = [&] { arena.execute([&] { plan.run(input, Cancel{}, output, stats); }); };
    const Result result =
        alternate(engine,
                  peers_of(
                      options, [&] { return onednn_convolution(row, layer, input, peer_output, options.threads); },
                      [&] { return convolution_peers(row, layer, input, options.threads); }),
                  options.rounds);
    const double gflop = 2e-9 * static_cast<double>(layer.weight->size()) * static_cast<double>(shape.plane()) *
                         shape.n;  // padding taps counted
    const double rate = gflop * 1e3 / result.engine.median_ms();
    print_times(row.name, row.what, result, fmt::format("{:6.0f} {:4.0f} %", rate, 100 * rate / peak), row.target);
}

/// Pooling of 2x2 windows over 64 maps of a full-HD picture. No target: oneDNN is far from the best at it.
void time_pool(bool max, const Options& options, const Simd& simd) {
    const Tensor input = made_up({1, 64, 1080, 1920});
    Tensor output({1, 64, 540, 960}, 0.0F), peer_output({1, 64, 540, 960}, 0.0F);
    Arena arena(options.threads);
    const auto engine = [&] {
        arena.execute([&] {
            max ? layer_forward(MaxPool2d{}, simd, input, Cancel{}, output)
                : layer_forward(AvgPool2d{}, simd, input, Cancel{}, output);
        });
    };
    const auto peers = peers_of(
        options, [&] { return onednn_pool(max, 2, input, peer_output, options.threads); },
        [&] { return pool_peers(max, 2, input, options.threads); });
    print_times(max ? "J" : "K", max ? "2x2 max pool, 64x1080x1920" : "2x2 mean pool, 64x1080x1920",
                alternate(engine, peers, options.rounds), "             ", 0);
}

/// AlexNet's first Linear layer for a batch.
void time_linear(int items, const Options& options, const Simd& simd, double peak) {
    const LinearSpec spec{9216, 4096, true};
    const Linear layer{spec, std::make_shared<const Tensor>(made_up({spec.out_features, spec.in_features, 1, 1})),
                       std::make_shared<const std::vector<float>>(static_cast<std::size_t>(spec.out_features), 0.1F)};
    const Tensor input = made_up({items, spec.in_features, 1, 1});
    Tensor output({items, spec.out_features, 1, 1}, 0.0F), peer_output(output.shape(), 0.0F);
    Arena arena(options.threads);
    const auto engine = [&] { arena.execute([&] { layer_forward(layer, simd, input, Cancel{}, output); }); };
    const auto peers = peers_of(
        options, [&] { return onednn_linear(layer, input, peer_output, options.threads); },
        [&] { return linear_peers(layer, input, options.threads); });
    const Result times = alternate(engine, peers, options.rounds);
    const double rate = 2e-9 * spec.in_features * spec.out_features * items * 1e3 / times.engine.median_ms();
    print_times("L", fmt::format("Linear 9216 to 4096, batch {}", items), times,
                fmt::format("{:6.0f} {:4.0f} %", rate, 100 * rate / peak), 0);
}

/// AlexNet's features of one picture: every layer's output stays, as the window needs it. Says how far the two are
/// apart.
void time_alexnet(const Options& options) {
    Network network;
    for (const LayerSpec& spec : alexnet().layers)
        if (spec.name.starts_with("features"))
            network.layers.push_back(with_parameters(spec, initial_parameters(spec, 1)).value());
    const int last = static_cast<int>(network.layers.size()) - 1;
    const auto input = std::make_shared<const Tensor>(made_up({1, 3, 224, 224}));
    const auto backend = make_cpu_backend({options.threads, options.isa}).value();
    Tensor peer_output({1, 256, 6, 6}, 0.0F);
    std::shared_ptr<const Activations> result;
    const auto engine = [&] {
        backend->forget();
        result = backend->forward(network, input, last, Cancel{}).value();
    };
    const auto peers = peers_of(
        options, [&] { return onednn_chain(network, *input, peer_output, options.threads); },
        [] { return std::vector<Peer>(); });
    const Result times = alternate(engine, peers, options.rounds);
    print_times("N", "AlexNet's features, 224x224", times,
                fmt::format("{:6.0f}       ", 2 * 0.655566528 * 1e3 / times.engine.median_ms()), 0);
    if (times.peers.empty()) return;
    const Tensor ours = all_values(*result).value();
    float difference = 0, largest = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        difference = std::max(difference, std::abs(ours.data()[i] - peer_output.data()[i]));
        largest = std::max(largest, std::abs(ours.data()[i]));
    }
    fmt::print("    largest difference {:.1e} of the largest value\n", static_cast<double>(difference / largest));
}

/// The grid picture of 64 planes, one pixel for every pixel of a full-HD screen.
void time_grid(Size2 map, double target, const Options& options, const Simd& simd) {
    const Tensor values = made_up({1, 64, map.h, map.w});
    std::vector<ChannelStats> stats;
    for (int c = 0; c < 64; ++c) stats.push_back(simd.plane_stats(values.plane(0, c)));
    DisplayOptions display;
    display.cell = {1080 / 8 - 2, 1920 / 8 - 2};
    Arena arena(options.threads);
    const auto engine = [&] {
        arena.execute([&] {
            GridPicture picture;
            static_cast<void>(draw_grid_cpu(values, stats, {}, display, simd, Cancel{}, picture));
        });
    };
    const Result result = alternate(engine, {}, options.rounds);
    fmt::print("grid of 64x{}x{}: {:.2f} ms, best {:.2f} ms: {:.0f} a second, target {:.0f}\n", map.h, map.w,
               result.engine.median_ms(), result.engine.best_ms(), 1e3 / result.engine.median_ms(), target);
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Asks `work` to stop at many moments of its run and prints how long it goes on: by the clock, and in time of the
/// processor, which other people's load does not count in, for each thread. `before` runs before each, unmeasured.
void time_cancel(std::string_view name, std::string_view what, int threads, const std::function<void()>& before,
                 const std::function<void(const Cancel&)>& work) {
    before();
    work(Cancel{});
    before();
    const double whole = seconds_of([&] { work(Cancel{}); });
    std::vector<double> wall, cpu;
    constexpr int requests = 40;
    for (int i = 0; i < requests; ++i) {
        before();
        std::atomic<bool> quit = false;
        const std::atomic<bool> newer = false;
        std::atomic<float> progress = 0;
        std::chrono::steady_clock::time_point asked;
        double cpu_then = 0;
        std::thread other([&] {
            std::this_thread::sleep_for(std::chrono::duration<double>(whole * i / requests));
            cpu_then = cpu_seconds();
            asked = std::chrono::steady_clock::now();
            quit = true;
        });
        work(Cancel(quit, newer, Cancel::Clock::now(), progress));
        const bool stopped = quit;
        const auto end = std::chrono::steady_clock::now();
        const double cpu_now = cpu_seconds();
        other.join();
        if (!stopped) continue;
        wall.push_back(std::chrono::duration<double>(end - asked).count() * 1e3);
        cpu.push_back((cpu_now - cpu_then) * 1e3 / threads);
    }
    fmt::print("{:3} {:40} {:8.1f} {:8} {:8.2f} {:8.2f} {:8.2f} {:8.2f}\n", name, what, whole * 1e3, wall.size(),
               quantile(cpu, 0.5), quantile(cpu, 1), quantile(wall, 0.5), quantile(wall, 1));
    std::fflush(stdout);
}

/// How soon work stops that takes longer than one would wait.
void time_canceling(const Options& options, const Simd& simd) {
    fmt::print(
        "                                             whole ms requests  CPU ms: median  most  wall ms: median  "
        "most\n");
    Arena arena(options.threads);
    const auto convolution = [&](const Row& row) {
        const Conv2d layer = layer_of(row);
        const Tensor input = made_up(row.input);
        Tensor output(output_shape(layer, row.input).value(), 0.0F);
        std::vector<ChannelStats> stats(static_cast<std::size_t>(output.shape().c));
        Conv2dPlan plan(layer, row.input, simd, make_conv2d_memory());
        time_cancel(
            row.name, row.what, options.threads, [] {},
            [&](const Cancel& cancel) { arena.execute([&] { plan.run(input, cancel, output, stats); }); });
        std::shared_ptr<Backend> backend;
        Network network;
        network.layers.push_back({"conv", layer});
        const auto shared = std::make_shared<const Tensor>(made_up(row.input));
        const auto fresh = [&] { backend = make_cpu_backend({options.threads, options.isa}).value(); };
        time_cancel(row.name, "  the first time", options.threads, fresh,
                    [&](const Cancel& cancel) { static_cast<void>(backend->forward(network, shared, 0, cancel)); });
    };
    for (const Row& row : rows())
        if (row.input.h == 1080) convolution(row);
    convolution({"", "8 kernels 101x101, gray 1080x1920", {1, 1, 1080, 1920}, 8, 101, 1, 50, 0});
    convolution({"", "64 kernels 11x11, 1024x31x31", {1, 1024, 31, 31}, 64, 11, 1, 5, 0});
    convolution({"", "64 kernels 3x3, 64x512x512", {1, 64, 512, 512}, 64, 3, 1, 1, 0});
    const auto layer = [&]<class Layer>(std::string_view name, std::string_view what, const Layer& l,
                                        const Shape& shape) {
        const Tensor input = made_up(shape);
        Tensor output(output_shape(spec_of(Operation(l)), shape).value(), 0.0F);
        time_cancel(
            name, what, options.threads, [] {},
            [&](const Cancel& cancel) { arena.execute([&] { layer_forward(l, simd, input, cancel, output); }); });
    };
    layer("", "AdaptiveAvgPool2d 3x4000x6000 to 1x1", AdaptiveAvgPool2d{{1, 1}}, {1, 3, 4000, 6000});
    layer("", "max pool 1x301, 4x1080x1920", MaxPool2d{{1, 301}, {1, 3}, {0, 0}, {1, 1}, false}, {1, 4, 1080, 1920});
    layer("J", "2x2 max pool, 64x1080x1920", MaxPool2d{}, {1, 64, 1080, 1920});
    layer("K", "2x2 mean pool, 64x1080x1920", AvgPool2d{}, {1, 64, 1080, 1920});
    layer("", "tanh, 64x1080x1920", Tanh{}, {1, 64, 1080, 1920});
    layer("", "softmax, 64x1080x1920", Softmax{}, {1, 64, 1080, 1920});
    Network dropout;
    dropout.layers.push_back({"dropout", Dropout{}});
    const auto full = std::make_shared<const Tensor>(made_up({1, 64, 1080, 1920}));
    const auto backend = make_cpu_backend({options.threads, options.isa}).value();
    time_cancel(
        "", "copy and statistics, 64x1080x1920", options.threads, [&] { backend->forget(); },
        [&](const Cancel& cancel) { static_cast<void>(backend->forward(dropout, full, 0, cancel)); });
    const LinearSpec spec{9216, 4096, false};
    layer("L", "Linear 9216 to 4096, batch 32",
          Linear{spec, std::make_shared<const Tensor>(made_up({spec.out_features, spec.in_features, 1, 1})), nullptr},
          {32, 9216, 1, 1});
    const Tensor values = made_up({1, 64, 1080, 1920});
    std::vector<ChannelStats> stats;
    for (int c = 0; c < 64; ++c) stats.push_back(simd.plane_stats(values.plane(0, c)));
    DisplayOptions display;
    display.cell = {1080 / 8 - 2, 1920 / 8 - 2};
    time_cancel(
        "", "grid of 64x1080x1920", options.threads, [] {},
        [&](const Cancel& cancel) {
            arena.execute([&] {
                GridPicture picture;
                static_cast<void>(draw_grid_cpu(values, stats, {}, display, simd, cancel, picture));
            });
        });
}

int run(const Options& options) {
    const auto simd = find_simd(options.isa);
    if (!simd) {
        fmt::print(stderr, "{}\n", simd.error().message);
        return 1;
    }
    const double peak = peak_gflops((*simd)->name) * options.threads;
    fmt::print("{}, {} threads, {:.0f} GFLOP/s at most\n", (*simd)->name, options.threads, peak);
    fmt::print(
        "                                   median ms  best  GFLOP/s of max   oneDNN     best  ratio "
        "target\n");
    for (const Row& row : rows())
        if (options.wants(row.name)) time_convolution(row, options, **simd, peak);
    if (options.wants("J")) time_pool(true, options, **simd);
    if (options.wants("K")) time_pool(false, options, **simd);
    for (const int items : {1, 32})
        if (options.wants("L")) time_linear(items, options, **simd, peak);
    if (options.wants("N")) time_alexnet(options);
    if (!options.names.empty() && options.wants("cancel")) time_canceling(options, **simd);
    if (options.wants("grid")) {
        time_grid({269, 479}, 60, options, **simd);
        time_grid({1080, 1920}, 15, options, **simd);
    }
    return 0;
}

}  // namespace
}  // namespace convlens::bench

int main(int argc, char** argv) {
    convlens::bench::Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--threads" && i + 1 < argc) {
            options.threads = std::max(1, std::atoi(argv[++i]));
        } else if (word == "--rounds" && i + 1 < argc) {
            options.rounds = std::max(1, std::atoi(argv[++i]));
        } else if (word == "--isa" && i + 1 < argc) {
            options.isa = argv[++i];
        } else if (word == "--alone") {
            options.alone = true;
        } else if (word == "--peers") {
            options.peers = true;
            mallopt(M_MMAP_MAX,
                    0);  // or PyTorch touches fresh memory for every result, which takes many times the work itself
            mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
        } else if (word == "--no-stats") {
            options.stats = false;
        } else {
            options.names.push_back(word);
        }
    }
    return convlens::bench::run(options);
}
