/// Draws the parts of the training panel: kernels, held-out images, curves, options and scores.
#include "app/ui/tools/train/train_parts.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/ui/language.h"
#include "app/ui/tools/train/train.h"
#include "app/ui/widgets/cells.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/plot.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// Returns log10 of the curve's values (at least 1e-9) as a line.
PlotLine logarithm(unsigned foreground, const Curve& curve) {
    PlotLine line{foreground, {}};
    for (const Curve::Point& p : curve.points())
        line.points.emplace_back(static_cast<double>(p.step), std::log10(std::max(p.value, 1e-9F)));
    return line;
}

/// Returns one member of the epochs' results as a line.
PlotLine accuracies(unsigned foreground, const std::vector<EpochResult>& epochs, float EpochResult::*which) {
    PlotLine line{foreground, {}};
    for (const EpochResult& e : epochs) line.points.emplace_back(static_cast<double>(e.step), e.*which);
    return line;
}

}  // namespace

void muted_text(const std::string& text) {
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::TextWrapped("%s", tr(text).c_str());
    ImGui::PopStyleColor();
}

double accuracy(const std::vector<Prediction>& predictions) {
    const auto right = std::ranges::count_if(predictions, [](const Prediction& p) { return p.label == p.predicted; });
    return predictions.empty() ? 0.0 : static_cast<double>(right) / static_cast<double>(predictions.size());
}

void learned_filter(Frame& f) {
    const TrainingShown& t = lesson_of(f);
    if (!t.target || !t.learned) return;
    const Shape s = t.target->shape();
    const int rows = s.c * s.h;  // the channels are drawn one below the other
    float largest = 0, worst = 0;
    for (std::size_t i = 0; i < t.target->size(); ++i) {
        largest = std::max({largest, std::abs(t.target->data()[i]), std::abs(t.learned->data()[i])});
        worst = std::max(worst, std::abs(t.target->data()[i] - t.learned->data()[i]));
    }
    const float gap = ImGui::GetFontSize() / 2,
                cell = std::floor((ImGui::GetContentRegionAvail().x - 2 * gap) / static_cast<float>(3 * s.w));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float title = ImGui::GetFontSize();
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    constexpr Word names[] = {"learned", "target", "difference"};
    for (int part = 0; part < 3; ++part) {
        const float x0 = at.x + static_cast<float>(part) * (cell * static_cast<float>(s.w) + gap);
        ImFont* small = font(Type::small);
        draw.AddText(small, small->FontSize, {x0, at.y}, ImGui::GetColorU32(ImGuiCol_TextDisabled), tr(names[part]));
        std::vector<double> numbers;
        for (std::size_t i = 0; i < t.target->size(); ++i) {
            const auto learned = static_cast<double>(t.learned->data()[i]),
                       hidden = static_cast<double>(t.target->data()[i]);
            numbers.push_back(part == 0 ? learned : part == 1 ? hidden : learned - hidden);
        }
        const int digits = fitting_digits(numbers, cell, true);
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const float x = x0 + static_cast<float>(i % static_cast<std::size_t>(s.w)) * cell,
                        y = at.y + title + static_cast<float>(i / static_cast<std::size_t>(s.w)) * cell;
            const unsigned background_color = signed_color(numbers[i], static_cast<double>(largest));
            draw.AddRectFilled({x, y}, {x + cell - 1, y + cell - 1}, background_color);
            if (digits >= 0) number_in(x, y, cell - 1, short_number(numbers[i], digits, true), background_color);
        }
    }
    ImGui::Dummy({cell * static_cast<float>(3 * s.w) + 2 * gap, title + cell * static_cast<float>(rows)});
    f.map.mark("train.filters");
    tooltip(s.c == 3
                ? "Blue is negative, red is positive; the kernel's red, green and blue input channels are drawn "
                  "one below the other"
                : "Blue is negative, red is positive; all three pictures use the same value range of the colormap");
    ImGui::TextUnformatted(tr_format("largest error {:.4f}", worst).c_str());
    f.map.state("training.error", fmt::format("{:.5f}", worst));
}

void validation_strip(Frame& f) {
    const TrainingShown& t = lesson_of(f);
    if (!t.strip) return;
    const PictureStrip& s = *t.strip;
    const int count = static_cast<int>(s.indices.size()), rows = (count + s.columns - 1) / s.columns;
    const auto right = std::ranges::count_if(t.predictions, [](const Prediction& p) { return p.label == p.predicted; });
    ImGui::PushFont(font(Type::small));
    ImGui::TextDisabled("%s", tr_format("held-out: {} of {} correct", right, count).c_str());
    ImGui::PopFont();
    const float width = ImGui::GetContentRegionAvail().x, cell = std::floor(width / static_cast<float>(s.columns)),
                line = std::max(2.0F, std::round(ImGui::GetFontSize() / 6));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({cell * static_cast<float>(s.columns), cell * static_cast<float>(rows)});
    f.map.mark("train.strip");
    f.map.state("training.strip", fmt::format("{} {} {}", right, t.predictions.size(), count));
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImTextureID texture = texture_id(f.textures.of(s.image));
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    std::string pointed = tr("Held-out images; a frame and a cross mark misclassified images");
    for (int i = 0; i < count; ++i) {
        const int x = i % s.columns, y = i / s.columns;
        const ImVec2 a{at.x + static_cast<float>(x) * cell + 1, at.y + static_cast<float>(y) * cell + 1},
            b{a.x + cell - 2, a.y + cell - 2};
        const auto part = [&](int px, int py) {
            return ImVec2{static_cast<float>(px * s.side) / static_cast<float>(s.image->width),
                          static_cast<float>(py * s.side) / static_cast<float>(s.image->height)};
        };
        draw.AddImage(texture, a, b, part(x, y), part(x + 1, y + 1));
        if (static_cast<std::size_t>(i) >= t.predictions.size()) continue;
        const Prediction& p = t.predictions[static_cast<std::size_t>(i)];
        if (p.label != p.predicted) {
            draw.AddRect({a.x + line / 2, a.y + line / 2}, {b.x - line / 2, b.y - line / 2}, second_ink, 0, 0, line);
            draw.AddLine({b.x - cell * 0.3F, a.y + line}, {b.x - line, a.y + cell * 0.3F}, second_ink, line);
            draw.AddLine({b.x - line, a.y + line}, {b.x - cell * 0.3F, a.y + cell * 0.3F}, second_ink, line);
        }
        if (mouse.x < a.x || mouse.x >= b.x || mouse.y < a.y || mouse.y >= b.y) continue;
        const auto& classes = t.data.validation->classes;
        const int index = s.indices[static_cast<std::size_t>(i)];
        const std::string name =
            t.data.validation->names.empty() ? "" : t.data.validation->names[static_cast<std::size_t>(index)] + "\n";
        pointed = tr_format("{}label: {}\nprediction: {}, {:.0f} %", name, classes[static_cast<std::size_t>(p.label)],
                            classes[static_cast<std::size_t>(p.predicted)], 100 * p.confidence);
    }
    tooltip(pointed.c_str());
}

void training_curves(Frame& f) {
    const TrainingShown& t = lesson_of(f);
    const double mark = t.view.time_line.empty() ? -1 : static_cast<double>(t.view.time_line[t.moment].step);
    if (t.lesson == Lesson::features) {
        const FeatureView& v = t.features;
        plot(f, "train.loss",
             {logarithm(second_ink, v.pixels.training.losses), logarithm(first_ink, v.features.training.losses)}, mark,
             "log10(loss): features blue, pixels orange",
             "Training loss of both models for each batch, where lower is better; the line marks the displayed step");
        if (t.view.epochs.empty()) return;
        plot(f, "train.accuracy",
             {accuracies(second_ink, v.pixels.training.epochs, &EpochResult::validation_accuracy),
              accuracies(first_ink, v.features.training.epochs, &EpochResult::validation_accuracy)},
             mark, "accuracy on held-out images",
             "Accuracy on the held-out images at the end of each epoch: blue for features, orange for pixels");
        return;
    }
    plot(f, "train.loss", {logarithm(first_ink, t.view.losses)}, mark, "log10(loss) of each batch",
         "Training loss of each batch, where lower is better; the line marks the displayed step");
    if (t.view.epochs.empty() || t.lesson != Lesson::largenet) return;
    const EpochResult& e = t.view.epochs.back();
    plot(f, "train.accuracy",
         {accuracies(first_ink, t.view.epochs, &EpochResult::training_accuracy),
          accuracies(second_ink, t.view.epochs, &EpochResult::validation_accuracy)},
         mark,
         tr_format("accuracy: train {:.1f} %, validation {:.1f} %", 100 * e.training_accuracy,
                   100 * e.validation_accuracy),
         "Blue: training accuracy, the mean over the epoch's batches while the weights change; orange: validation "
         "accuracy, measured at the end of the epoch");
}

void training_options(Frame& f) {
    const TrainingShown& t = lesson_of(f);
    TrainingOptions o = t.view.options;
    bool changed = false;
    constexpr Word rate_meaning =
        "Learning rate of the optimizer (SGD or Adam); training diverges if it is too large; Ctrl+click to type a "
        "value";
    label("learning rate", rate_meaning);
    float rate = o.optimizer.learning_rate;
    if (ImGui::SliderFloat("##rate", &rate, 1e-5F, 10, "%.3g",
                           ImGuiSliderFlags_Logarithmic | ImGuiSliderFlags_NoRoundToFormat) &&
        std::isfinite(rate) && rate >= 0)
        o.optimizer.learning_rate = rate, changed = true;
    f.map.mark("train.rate");
    tooltip(rate_meaning);
    if (o.optimizer.optimizer == Optimizer::sgd) {
        label("momentum", "Fraction of the previous update that is added to the next one");
        if (ImGui::SliderFloat("##momentum", &o.optimizer.momentum, 0, 0.99F, "%.2f")) changed = true;
        f.map.mark("train.momentum");
        tooltip("Fraction of the previous update that is added to the next one");
    }
    if (number_row(f, "batch size", o.batch_size, 1, 256, 64, "Number of images in each training step"))
        o.batch_size = std::clamp(o.batch_size, 1, 4096), changed = true;
    if (t.lesson != Lesson::filter) {
        if (number_row(f, "epochs", o.epochs, 0, 100, 30,
                       "Stops training after this many passes over the data; 0 trains until you stop it"))
            o.epochs = std::clamp(o.epochs, 0, 1000000), changed = true;
        if (number_row(f, "patience", o.patience, 0, 20, 0,
                       "Stops training when the validation loss has not improved for this many epochs; 0 disables "
                       "early stopping"))
            o.patience = std::clamp(o.patience, 0, 1000000), changed = true;
    }
    if (changed) train(f, command::Options{o});
    if (t.lesson != Lesson::features) return;
    int hidden = t.feature_options.hidden;
    if (number_row(f, "hidden units", hidden, 0, 256, 0,
                   "Width of the hidden layer in both models, where 0 is logistic regression; a change restarts both "
                   "models and keeps the features"))
        train(f, command::Hidden{std::clamp(hidden, 0, 4096)});
}

void feature_scores(Frame& f) {
    const TrainingShown& t = lesson_of(f);
    const FeatureView& v = t.features;
    f.map.state("training.features", fmt::format("{} {} {:.3f} {:.3f}", v.pictures_done, v.pictures,
                                                 accuracy(t.predictions), accuracy(t.pixel_predictions)));
    if (v.pictures_done < v.pictures) {
        ImGui::ProgressBar(static_cast<float>(v.pictures_done) / static_cast<float>(std::max(v.pictures, 1)), {-1, 0},
                           tr_format("{} of {} images", v.pictures_done, v.pictures).c_str());
        f.map.mark("train.progress");
        tooltip("Number of images whose features are computed; this is done once for each image");
        return;
    }
    if (t.predictions.empty() || t.pixel_predictions.empty()) return;
    const auto line = [&](unsigned foreground, const std::string& title, double share) {
        ImGui::PushStyleColor(ImGuiCol_Text, foreground);
        ImGui::TextUnformatted(fmt::format("{:5.1f} %", 100 * share).c_str());
        ImGui::PopStyleColor();
        ImGui::SameLine();
        ImGui::TextUnformatted(title.c_str());
    };
    muted_text(tr_format("accuracy on {} held-out images with", t.predictions.size()));
    line(first_ink, tr_format("{} features", v.features.dimensions), accuracy(t.predictions));
    line(second_ink, tr_format("{} pixel values", v.pixels.dimensions), accuracy(t.pixel_predictions));
}

}  // namespace convlens
