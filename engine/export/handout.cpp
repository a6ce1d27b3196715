/// Lays out handouts.
#include "engine/export/handout.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "engine/explain/quiz.h"
#include "engine/export/pdf.h"
#include "engine/io/image_file.h"
#include "engine/view/rich_text.h"

namespace convlens {
namespace {

constexpr Rgba black{20, 22, 26, 255}, ink_gray{104, 108, 116, 255}, orange{160, 82, 4, 255}, white{255, 255, 255, 255},
    frame{200, 203, 208, 255};

/// Returns the questions of all pages in order, which is their numbering.
std::vector<const HandoutQuestion*> questions_of(const Handout& handout) {
    std::vector<const HandoutQuestion*> all;
    for (const HandoutPage& page : handout.pages)
        for (const HandoutQuestion& question : page.questions) all.push_back(&question);
    return all;
}

/// Returns the prompt with its number and its choices.
std::string question_markup(const HandoutQuestion& q, std::size_t number) {
    const std::size_t end = std::min(q.prompt.find('\n'), q.prompt.size());
    std::string text = fmt::format("**{}.** {}", number, q.prompt.substr(0, end)) + q.prompt.substr(end);
    for (std::size_t i = 0; i < q.choices.size(); ++i)
        text += fmt::format("\n**{}**   {}", choice_letter(static_cast<int>(i)), q.choices[i]);
    if (q.choices.empty() && q.pictures.empty()) text += "\n____________";
    return text;
}

std::string answer_markup(const HandoutQuestion& q, std::size_t number) {
    return fmt::format("**{}.** **{}**", number, q.answer) + (q.why.empty() ? "" : "  " + q.why);
}

/// The pages of a PDF file, from top to bottom.
class Sheets {
  public:
    Sheets(const Typeface& typeface, const std::string& title) : typeface_(typeface), pdf_(typeface, title) {}

    void new_page() {
        pdf_.add_page(width, height);
        y_ = margin;
        ++count_;
        const RichLayout number = lay_out(fmt::format("{}", count_), typeface_, 8, inner);
        pdf_.text(number, width - margin - number.width, height - margin * 0.6F, 1, ink_gray);
    }

    /// Begins a page unless `needed` points are left.
    void make_room(float needed) {
        if (count_ == 0 || y_ + needed > height - margin) new_page();
    }

    void text(const std::string& markup, float em, Rgba color, float gap) {
        if (markup.empty()) return;
        const RichLayout layout = lay_out(markup, typeface_, em, inner);
        make_room(std::min(layout.height, height - 2 * margin));
        pdf_.text(layout, margin, y_, 1, color);
        y_ += layout.height + gap;
    }

    /// Draws the scene as wide as the page.
    void scene(const HandoutPage& page) {
        constexpr float screen_w = 1280, screen_h = 720, scale = inner / screen_w;
        make_room(screen_h * scale);
        const ScenePage made = compose_scene(page.texts, page.layout, typeface_, screen_w, screen_h);
        for (const PageText& t : made.texts)
            pdf_.text(t.layout, margin + t.x * scale, y_ + t.y * scale, scale,
                      t.role == PageText::Role::number ? orange : black);
        const auto fitted = [&](const std::shared_ptr<const Image>& image, const Area& area) {
            if (!image || image->width == 0 || image->height == 0) return;
            const auto w = static_cast<float>(image->width), h = static_cast<float>(image->height);
            const float by = std::min(area.w / w, area.h / h) * scale;
            pdf_.image(*image, margin + (area.x + area.w / 2) * scale - w * by / 2,
                       y_ + (area.y + area.h / 2) * scale - h * by / 2, w * by, h * by, white);
        };
        fitted(page.picture, made.picture);
        if (made.second) fitted(page.second, *made.second);
        const float h = screen_h * scale, line = 0.6F;
        pdf_.rectangle(margin, y_, inner, line, frame);
        pdf_.rectangle(margin, y_ + h, inner, line, frame);
        pdf_.rectangle(margin, y_, line, h, frame);
        pdf_.rectangle(margin + inner - line, y_, line, h, frame);
        y_ += h + 14;
    }

    /// Draws pictures in a row with their letters.
    void pictures(const std::vector<std::shared_ptr<const Image>>& all) {
        if (all.empty()) return;
        constexpr float gap = 10;
        const auto count = static_cast<float>(all.size());
        const float side = std::min(64.0F, (inner - gap * (count - 1)) / count);
        make_room(side + 14);
        for (std::size_t i = 0; i < all.size(); ++i) {
            const float x = margin + static_cast<float>(i) * (side + gap);
            pdf_.text(lay_out(fmt::format("**{}**", choice_letter(static_cast<int>(i))), typeface_, 10, inner), x, y_,
                      1, black);
            const auto w = static_cast<float>(all[i]->width), h = static_cast<float>(all[i]->height);
            const float by = side / std::max(w, h);
            pdf_.image(*all[i], x, y_ + 14, w * by, h * by, white);
        }
        y_ += side + 26;
    }

    std::vector<std::byte> finish() const { return pdf_.finish(); }

  private:
    static constexpr float width = 595.28F, height = 841.89F, margin = 42, inner = width - 2 * margin;
    const Typeface& typeface_;
    Pdf pdf_;
    float y_ = 0;
    int count_ = 0;
};

std::string base64(std::span<const std::byte> bytes) {
    constexpr const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string made;
    made.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8U | (k < count ? std::to_integer<unsigned>(bytes[i + k]) : 0);
        for (std::size_t k = 0; k < 4; ++k) made += k <= count ? digits[group >> (18 - 6 * k) & 63U] : '=';
    }
    return made;
}

/// Returns the text with the characters escaped that HTML interprets.
std::string literal(std::string_view text) {
    std::string made;
    for (const char c : text) {
        constexpr std::pair<char, std::string_view> escapes[] = {
            {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
        const auto* found = std::find_if(std::begin(escapes), std::end(escapes), [c](auto& e) { return e.first == c; });
        found == std::end(escapes) ? made += c : made += found->second;
    }
    return made;
}

/// Returns one line of markup as HTML without a paragraph around it.
std::string line_html(std::string_view text) {
    std::string html = rich_text_html(text);
    const auto strip = [&](std::string_view what) {
        for (auto at = html.find(what); at != std::string::npos; at = html.find(what)) html.erase(at, what.size());
    };
    strip("<p>"), strip("</p>\n");
    return html;
}

/// Returns an <img> that contains the image; `alternative` is read by screen readers.
Expected<std::string> img(const std::shared_ptr<const Image>& image, const std::string& alternative) {
    if (!image) return std::string();
    const auto png = encode_png(*image);
    if (png.empty()) return fail("{} x {} pixels are too many for a PNG file", image->width, image->height);
    return fmt::format("<img alt=\"{}\" src=\"data:image/png;base64,{}\">\n", literal(plain_text(alternative)),
                       base64(png));
}

constexpr std::string_view style = R"(<style>
body { font: 17px/1.45 Inter, system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #14161a; }
h1 { font-size: 2rem; } h2 { margin-top: 3rem; border-top: 1px solid #c8cbd0; padding-top: 1rem; }
img { max-width: 100%; height: auto; image-rendering: pixelated; } .pictures { display: flex; gap: 1rem; align-items: center; }
.pictures img { min-width: 0; flex: 1 1 0; object-fit: contain; max-height: 34rem; } .number { font-size: 2.6rem; font-weight: bold; color: #a05204; }
.notes { color: #5a5e66; } .choices img { width: 5rem; } .frac { display: inline-flex; flex-direction: column; vertical-align: middle;
text-align: center; font-size: .85em; } .num { border-bottom: 1px solid; } .root { border-top: 1px solid; } .sum { font-size: 1.4em; }
@media (prefers-color-scheme: dark) { body { background: #1c2025; color: #eceef0; } .number { color: #eda138; } .notes { color: #a0a6ae; } }
@media print { section { break-inside: avoid; } body { color: black; background: white; } }
</style>
)";

}  // namespace

std::vector<std::byte> handout_pdf(const Handout& handout, const Typeface& typeface) {
    Sheets sheets(typeface, handout.title);
    std::size_t number = 0;
    bool first = true;
    for (const HandoutPage& page : handout.pages) {
        if (page.picture || first) sheets.new_page();
        if (std::exchange(first, false)) sheets.text("**" + handout.title + "**", 18, black, 12);
        if (page.picture)
            sheets.scene(page);
        else
            sheets.text(page.texts.text, 11, black, 12);
        sheets.text(page.notes, 11, black, 14);
        for (const HandoutQuestion& q : page.questions) {
            sheets.text(question_markup(q, ++number), 11, black, q.pictures.empty() ? 16.0F : 8.0F);
            sheets.pictures(q.pictures);
        }
    }
    const auto questions = questions_of(handout);
    if (!questions.empty()) {
        sheets.new_page();
        sheets.text("**Answers**", 18, black, 12);
        for (std::size_t i = 0; i < questions.size(); ++i)
            sheets.text(answer_markup(*questions[i], i + 1), 10, black, 8);
    }
    return sheets.finish();
}

Expected<std::string> handout_html(const Handout& handout) {
    std::string html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width\">\n<title>{0}</title>\n{1}</head>\n<body>\n<h1>{0}</h1>\n",
        literal(plain_text(handout.title)), style);
    std::size_t number = 0;
    for (const HandoutPage& page : handout.pages) {
        html += "<section>\n";
        if (!page.texts.title.empty()) html += "<h2>" + line_html(page.texts.title) + "</h2>\n";
        if (page.layout == SceneLayout::number && !page.texts.number.empty())
            html += "<p class=\"number\">" + line_html(page.texts.number) + "</p>\n";
        const std::string what = page.texts.title.empty() ? "picture" : page.texts.title;
        std::string pictures;
        for (const auto& [image, name] : {std::pair{page.second, "second picture: " + what}, {page.picture, what}}) {
            const auto made = img(image, name);
            if (!made) return tl::unexpected(made.error());
            pictures += *made;
        }
        if (!pictures.empty()) html += "<div class=\"pictures\">\n" + pictures + "</div>\n";
        html += rich_text_html(page.texts.text);
        if (!page.notes.empty()) html += "<div class=\"notes\">\n" + rich_text_html(page.notes) + "</div>\n";
        for (const HandoutQuestion& q : page.questions) {
            html += rich_text_html(question_markup(q, ++number)) + "<p class=\"choices\">";
            for (std::size_t i = 0; i < q.pictures.size(); ++i) {
                const auto made = img(q.pictures[i], fmt::format("choice {}", choice_letter(static_cast<int>(i))));
                if (!made) return tl::unexpected(made.error());
                html += fmt::format("{} {}", choice_letter(static_cast<int>(i)), *made);
            }
            html += "</p>\n<details><summary>Answer</summary>\n" + rich_text_html(answer_markup(q, number)) +
                    "</details>\n";
        }
        html += "</section>\n";
    }
    return html + "</body>\n</html>\n";
}

std::string handout_text(const Handout& handout) {
    const auto lines = [](const std::string& markup) {
        std::string text;
        for (std::size_t at = 0; at < markup.size();) {
            const std::size_t end = std::min(markup.find('\n', at), markup.size());
            text += plain_text(std::string_view(markup).substr(at, end - at)) + "\n";
            at = end + 1;
        }
        return text;
    };
    std::string text = handout.title + "\n\n", key = "Answers\n\n";
    const auto questions = questions_of(handout);
    for (std::size_t i = 0; i < questions.size(); ++i) {
        text += lines(question_markup(*questions[i], i + 1)) + "\n";
        key += lines(answer_markup(*questions[i], i + 1));
    }
    return text + key;
}

}  // namespace convlens
