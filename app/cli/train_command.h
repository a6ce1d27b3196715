/// `convlens train`: the lessons without a window.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/open/open_network.h"
#include "engine/train/trainer.h"

namespace CLI {
class App;
}

namespace convlens {

/// What the user typed.
struct TrainOptions {
    std::string lesson = "largenet";  ///< "largenet", "filter", "filters" or "features".
    std::string data = "bars";        ///< "bars", "fashion-mnist[:FOLDER]", "cifar10:FOLDER" or "folder:FOLDER".
    std::vector<std::string> classes;
    std::vector<std::string> images;         ///< None: sample:cat.
    std::string kernel = "Sobel x";          ///< An edge filter's name or a file of kernels.
    int kernel_index = 0;                    ///< Of that file.
    std::string network = "alexnet", layer;  ///< Whose features.
    int hidden = 0;
    std::string weights;  ///< A file to go on from; of features: the network's.
    std::string optimizer;
    double learning_rate = 0, momentum = -1, weight_decay = 0;  ///< 0 and -1: the lesson's own.
    int kernel_size = 11, batch_size = 0, epochs = -1, patience = 0, threads = 0;
    long steps = -1;
    std::uint32_t seed = 1;
    bool no_shuffle = false;
    std::string out, json_log;

    void add_to(CLI::App& app);
};

/// Trains until a stop condition, Ctrl+C, or divergence, then writes --out. The first Ctrl+C ends the training after
/// the present step and saves; a second one ends the program at once. Fails in a sentence.
Expected<void> train(const TrainOptions& options, const NetworkPlaces& places);

}  // namespace convlens
