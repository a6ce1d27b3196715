/// Progress reports of `convlens train`, as text and JSON.
#include "app/cli/train_log.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "engine/core/host.h"

namespace convlens {
namespace {

using Json = nlohmann::ordered_json;

/// Returns `value` as JSON, or null if it is not finite, because JSON has neither NaN nor infinity.
Json number_or_null(float value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

Expected<Log> Log::open(const std::string& path) {
    Log log;
    if (path.empty()) return log;
    log.file_ = std::make_unique<std::ofstream>(std::filesystem::path(path), std::ios::binary);
    log.path_ = path;
    if (!*log.file_) return fail("{}: the log file cannot be written", path);
    return log;
}

void Log::step(const TrainingView& v) {
    if (file_) *file_ << Json{{"step", v.step}, {"loss", number_or_null(v.loss)}}.dump() << '\n';
}

void Log::epoch(const EpochResult& e, const std::string& model) {
    Json line = Json::object();
    if (!model.empty()) line["model"] = model;
    line.update(Json{{"epoch", e.epoch},
                     {"step", e.step},
                     {"training_loss", number_or_null(e.training_loss)},
                     {"training_accuracy", number_or_null(e.training_accuracy)},
                     {"validation_loss", number_or_null(e.validation_loss)},
                     {"validation_accuracy", number_or_null(e.validation_accuracy)}});
    if (file_) *file_ << line.dump() << std::endl;
}

Expected<void> Log::close() {
    if (!file_) return {};
    file_->close();
    if (!*file_) return fail("{}: the log file could not be written completely", path_);
    return {};
}

ProgressBar::ProgressBar() : shown_(stderr_is_terminal()) {}

void ProgressBar::draw(const Trainer& trainer, double epoch, long step, float loss) {
    if (!shown_ || std::chrono::steady_clock::now() - drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = std::chrono::steady_clock::now();
    const TrainingOptions& o = trainer.options();
    const double all = o.steps > 0 ? static_cast<double>(o.steps)
                                   : static_cast<double>(o.epochs) * static_cast<double>(trainer.steps_per_epoch());
    const double part = all > 0 ? std::min(1.0, static_cast<double>(step) / all) : 0.0,
                 spent = std::chrono::duration<double>(drawn_ - begun_).count();
    const int filled = static_cast<int>(part * 30);
    const std::string eta = part > 0 ? fmt::format(", {:.0f} s left", spent * (1 - part) / part) : "";
    fmt::print(stderr, "\r\033[K[{}{}] step {}, epoch {:.1f}, loss {:.4f}, {:.0f} steps/s{}",
               std::string(static_cast<std::size_t>(filled), '#'),
               std::string(static_cast<std::size_t>(30 - filled), '.'), step, epoch, loss,
               static_cast<double>(step) / spent, eta);
    std::fflush(stderr);
}

void ProgressBar::clear() const {
    if (shown_) fmt::print(stderr, "\r\033[K");
}

void print_epoch(const EpochResult& e) {
    fmt::print("epoch {:3}: loss {:.4f}, accuracy {:.3f}", e.epoch, e.training_loss, e.training_accuracy);
    if (std::isfinite(e.validation_loss))
        fmt::print("; validation loss {:.4f}, accuracy {:.3f}", e.validation_loss, e.validation_accuracy);
    fmt::print("\n");
    std::fflush(stdout);
}

}  // namespace convlens
