/// Changes of kernel planes, formulas for them, and conversion from and to text.
#include "engine/nn/kernel_edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "engine/core/numbers.h"

namespace convlens {
namespace {

float& at(KernelPlane& p, int y, int x) { return p.values[static_cast<std::size_t>(y * p.size.w + x)]; }
float at(const KernelPlane& p, int y, int x) { return p.values[static_cast<std::size_t>(y * p.size.w + x)]; }

KernelPlane zeros(Size2 size) {
    return {size, std::vector<float>(static_cast<std::size_t>(size.h) * static_cast<std::size_t>(size.w), 0.0F)};
}

/// Returns a plane of `size` whose value at (y, x) is from(y, x).
template <class From>
KernelPlane made(Size2 size, const From& from) {
    KernelPlane p = zeros(size);
    for (int y = 0; y < size.h; ++y)
        for (int x = 0; x < size.w; ++x) at(p, y, x) = static_cast<float>(from(y, x));
    return p;
}

double sum_of(const KernelPlane& p) {
    double sum = 0;
    for (const float v : p.values) sum += static_cast<double>(v);
    return sum;
}

KernelPlane scaled(const KernelPlane& p, double factor) {
    return made(p.size, [&](int y, int x) { return static_cast<double>(at(p, y, x)) * factor; });
}

KernelPlane without_mean(const KernelPlane& p) {
    const double mean = sum_of(p) / static_cast<double>(p.values.size());
    return made(p.size, [&](int y, int x) { return static_cast<double>(at(p, y, x)) - mean; });
}

/// Returns the plane after `change`. Changes that scale all planes by one factor leave it unchanged; changed() makes
/// them.
KernelPlane moved(const KernelPlane& p, KernelChange change) {
    const int h = p.size.h, w = p.size.w;
    switch (change) {
        case KernelChange::rotate: return made({w, h}, [&](int y, int x) { return at(p, x, w - 1 - y); });
        case KernelChange::mirror_x: return made(p.size, [&](int y, int x) { return at(p, y, w - 1 - x); });
        case KernelChange::mirror_y: return made(p.size, [&](int y, int x) { return at(p, h - 1 - y, x); });
        case KernelChange::transpose: return made({w, h}, [&](int y, int x) { return at(p, x, y); });
        case KernelChange::negate: return made(p.size, [&](int y, int x) { return -at(p, y, x); });
        case KernelChange::sum_zero: return without_mean(p);
        default: return p;
    }
}

/// Scales the magnitudes to a sum of 2; a plane of zeros stays unchanged.
KernelPlane two_in_all(const KernelPlane& p) {
    double magnitude = 0;
    for (const float v : p.values) magnitude += std::abs(static_cast<double>(v));
    return magnitude > 0 ? scaled(p, 2 / magnitude) : p;
}

/// Returns a plane with the values f(x, y), where (x, y) is the offset from the center, x to the right and y upward.
template <class Function>
KernelPlane sampled(Size2 size, const Function& f) {
    return made(size, [&](int y, int x) { return f(x - (size.w - 1) / 2.0, (size.h - 1) / 2.0 - y); });
}

/// Smallest standard deviation in pixels. A narrower Gaussian would be a single nonzero value, too.
constexpr double least_sigma = 0.05;

/// Returns the value of a Gaussian at (x, y), 1 at the center.
double bell(double x, double y, double sigma) {
    sigma = std::max(sigma, least_sigma);
    return std::exp(-(x * x + y * y) / (2 * sigma * sigma));
}

/// Returns the coordinate of (x, y) along the direction `angle` in degrees.
double along(double x, double y, double angle) {
    const double radians = angle * std::numbers::pi / 180;
    return x * std::cos(radians) + y * std::sin(radians);
}

/// Parses a finite number as written in Python, C or MATLAB: a plus sign and the suffix "f" are allowed.
template <class Number>
std::optional<Number> finite_number(std::string_view word) {
    if (word.starts_with('+')) word.remove_prefix(1);
    if (word.ends_with('f') || word.ends_with('F')) word.remove_suffix(1);
    const auto value = parse_number<Number>(word);
    return value && std::isfinite(*value) ? value : std::nullopt;
}

/// Parses a number or a fraction: "0.25" or "1/9".
template <class Number>
std::optional<Number> fraction(std::string_view word) {
    const auto bar = word.find('/');
    if (bar == std::string_view::npos) return finite_number<Number>(word);
    const auto upper = finite_number<double>(word.substr(0, bar)), lower = finite_number<double>(word.substr(bar + 1));
    if (!upper || !lower) return std::nullopt;
    const auto value = static_cast<Number>(*upper / *lower);
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// Returns true if `text` contains an operator of Python or MATLAB.
bool calculates(std::string_view text) { return text.find_first_of("*/+-'") != std::string_view::npos; }

/// Returns the factor in the text before a matrix: 1/9 for "k = 1/9 * np.array(", and 1 for text without a calculation.
/// Returns nullopt for any other calculation.
std::optional<double> factor_before(std::string_view text) {
    text.remove_prefix(std::min(text.rfind('=') + 1, text.size()));  // npos + 1 is 0
    if (!calculates(text)) return 1;
    text = text.substr(0, text.find_last_of("*-") + 1);  // drops the name of the called function
    std::string word;
    for (const char c : text)
        if (c != ' ' && c != '(' && c != ')') word += c;
    if (word == "-") return -1;
    if (!word.ends_with('*')) return std::nullopt;
    word.pop_back();
    return fraction<double>(word);
}

/// Returns the factor in the text after a matrix: 1/16 for "/ 16", 0.5 for ", dtype=float) * 0.5", and 1 for text
/// without a calculation. Returns nullopt for any other calculation.
std::optional<double> factor_behind(std::string_view text) {
    const auto sign = text.find_first_of("*/+-'");
    if (sign == std::string_view::npos) return 1;
    std::string word;
    for (const char c : text.substr(sign + 1))
        if (c > ' ' && c != '(' && c != ')' && c != ';') word += c;
    const auto number = fraction<double>(word);
    if (!number || *number == 0 || (text[sign] != '*' && text[sign] != '/')) return std::nullopt;
    return text[sign] == '*' ? *number : 1 / *number;
}

/// Parser of planes_from_text().
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    Expected<std::vector<KernelPlane>> read() {
        const auto bracket = rest_.find('[');
        if (bracket == std::string_view::npos) return rows_of_lines();
        const std::string_view after = rest_.substr(std::min(rest_.rfind(']'), rest_.size() - 1) + 1);
        const auto before = factor_before(rest_.substr(0, bracket)), behind = factor_behind(after);
        if (!before || !behind)
            return fail(
                "the text contains a calculation that is not supported: expected numbers, and at most one factor "
                "before the matrix and one factor or divisor after it");
        factor_ = *before * *behind;
        rest_.remove_prefix(bracket);
        if (auto ok = list(1); !ok) return tl::unexpected(ok.error());
        if (rest_.size() != after.size()) return fail("the text continues with a second matrix: expected one matrix");
        end_plane();
        return finished();
    }

  private:
    /// Parses the list that begins with the next '['. `level` is 1 for the outermost list.
    Expected<void> list(int level) {
        if (level > 4)
            return fail(
                "the lists are nested more than four deep: expected rows of numbers, or a list of such matrices");
        rest_.remove_prefix(1);
        bool numbers = false, lists = false;
        while (true) {
            skip_blanks(numbers);
            if (rest_.empty()) return fail("a ']' is missing at the end");
            const char c = rest_.front();
            if (c == ']') {
                rest_.remove_prefix(1);
                break;
            }
            if (c == '[') {
                lists = true;
                if (auto ok = list(level + 1); !ok) return ok;
            } else if (c == ';' || c == '\n') {  // MATLAB's separator of rows
                rest_.remove_prefix(1);
                end_row();
            } else if (c == ',') {
                rest_.remove_prefix(1);
            } else {
                numbers = true;
                if (auto ok = number(); !ok) return ok;
            }
            if (numbers && lists) return fail("numbers and lists are mixed: expected rows of numbers");
        }
        if (numbers)
            end_row();
        else if (lists)
            end_plane();
        return {};
    }

    /// Skips blanks and line ends. If `stop_at_line_end` is true, stops at a line end that ends a row of numbers.
    void skip_blanks(bool stop_at_line_end) {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == '\r' ||
                                  (rest_.front() == '\n' && !(stop_at_line_end && ends_row()))))
            rest_.remove_prefix(1);
    }

    /// Returns true if the line end at the current position ends a row, as in MATLAB. It does not after a comma, or if
    /// the list ends or a comma follows on the next line: NumPy wraps long rows in this way.
    bool ends_row() const {
        const auto next = rest_.find_first_not_of(" \t\r\n");
        return !row_.empty() && !after_comma_ && next != std::string_view::npos && rest_[next] != ']' &&
               rest_[next] != ',';
    }

    Expected<void> number() {
        const auto end = std::min(rest_.find_first_of(" \t\r\n,;[]"), rest_.size());
        const std::string_view word = rest_.substr(0, end);
        rest_.remove_prefix(end);
        const auto value = fraction<float>(word);
        if (!value) return fail("'{}' is not a finite number", word.substr(0, 40));
        row_.push_back(*value);
        if (row_.size() > max_edited_kernel)
            return fail("a row has more than {} numbers, the maximum width of a kernel in the editor",
                        max_edited_kernel);
        const auto next = rest_.find_first_not_of(" \t");
        after_comma_ = next != std::string_view::npos && rest_[next] == ',';
        return {};
    }

    void end_row() {
        if (row_.empty()) return;
        rows_.push_back(std::move(row_));
        row_.clear();
    }

    void end_plane() {
        end_row();
        if (rows_.empty()) return;
        planes_.push_back(std::move(rows_));
        rows_.clear();
    }

    Expected<std::vector<KernelPlane>> rows_of_lines() {
        while (!rest_.empty()) {
            const auto end = std::min(rest_.find_first_of("\n;"), rest_.size());
            Reader line(rest_.substr(0, end));
            rest_.remove_prefix(std::min(end + 1, rest_.size()));
            while (true) {
                line.skip_blanks(false);
                if (line.rest_.empty()) break;
                if (line.rest_.front() == ',') {
                    line.rest_.remove_prefix(1);
                } else if (line.rest_.front() == ']') {
                    return fail("a ']' has no '[' before it");
                } else if (auto ok = line.number(); !ok) {
                    return tl::unexpected(ok.error());
                }
            }
            row_ = std::move(line.row_);
            end_row();
        }
        end_plane();
        return finished();
    }

    Expected<std::vector<KernelPlane>> finished() {
        if (planes_.empty())
            return fail("the text contains no numbers: expected rows such as [[1, 0, -1], [2, 0, -2], [1, 0, -1]]");
        std::vector<KernelPlane> result;
        const std::size_t height = planes_.front().size(), width = planes_.front().front().size();
        if (height > max_edited_kernel)
            return fail("the kernel has {} rows: expected at most {}", height, max_edited_kernel);
        for (const auto& rows : planes_) {
            if (rows.size() != height) return fail("the matrices differ in size: {} rows and {}", height, rows.size());
            KernelPlane plane = zeros({static_cast<int>(height), static_cast<int>(width)});
            auto to = plane.values.begin();
            for (const auto& row : rows) {
                if (row.size() != width) return fail("the rows differ in length: {} numbers and {}", width, row.size());
                to = std::copy(row.begin(), row.end(), to);
            }
            if (factor_ != 1) plane = scaled(plane, factor_);
            if (!std::ranges::all_of(plane.values, [](float v) { return std::isfinite(v); }))
                return fail("the factor {} gives values that are not finite numbers", factor_);
            result.push_back(std::move(plane));
        }
        return result;
    }

    std::string_view rest_;
    double factor_ = 1;
    std::vector<float> row_;
    bool after_comma_ = false;  ///< Whether a comma follows the last parsed number.
    std::vector<std::vector<float>> rows_;
    std::vector<std::vector<std::vector<float>>> planes_;
};

}  // namespace

Expected<std::vector<KernelPlane>> changed(std::span<const KernelPlane> planes, KernelChange change) {
    double sum = 0, magnitude = 0, squares = 0;
    for (const KernelPlane& p : planes)
        for (const float v : p.values) {
            const auto value = static_cast<double>(v);
            sum += value;
            magnitude += std::abs(value);
            squares += value * value;
        }
    if (change == KernelChange::sum_one && std::abs(sum) <= 1e-6 * magnitude)
        return fail("the values add up to 0: no factor makes their sum 1");
    if (change == KernelChange::unit_norm && squares == 0)
        return fail("all values are 0: no factor makes their norm 1");
    if (change == KernelChange::sum_one) return scaled(planes, 1 / sum);
    if (change == KernelChange::unit_norm) return scaled(planes, 1 / std::sqrt(squares));
    std::vector<KernelPlane> next;
    for (const KernelPlane& p : planes) next.push_back(moved(p, change));
    return next;
}

std::vector<KernelPlane> scaled(std::span<const KernelPlane> planes, double factor) {
    std::vector<KernelPlane> next;
    for (const KernelPlane& p : planes) next.push_back(scaled(p, factor));
    return next;
}

KernelPlane resized(const KernelPlane& p, Size2 size) {
    const int down = size.h / 2 - p.size.h / 2,
              right = size.w / 2 - p.size.w / 2;  // the center value stays in the center
    return made(size, [&](int y, int x) {
        const int from_y = y - down, from_x = x - right;
        const bool inside = from_y >= 0 && from_x >= 0 && from_y < p.size.h && from_x < p.size.w;
        return inside ? at(p, from_y, from_x) : 0.0F;
    });
}

KernelPlane gaussian_plane(Size2 size, double sigma) {
    const KernelPlane p = sampled(size, [=](double x, double y) { return bell(x, y, sigma); });
    return sum_of(p) > 0 ? scaled(p, 1 / sum_of(p)) : p;  // only if all values are rounded to 0
}

KernelPlane gaussian_derivative_plane(Size2 size, double sigma, double angle) {
    return two_in_all(sampled(size, [=](double x, double y) { return along(x, y, angle) * bell(x, y, sigma); }));
}

KernelPlane gabor_plane(Size2 size, double sigma, double angle, double wavelength) {
    wavelength = std::max(wavelength, 0.1);
    return two_in_all(without_mean(sampled(size, [=](double x, double y) {
        return bell(x, y, sigma) * std::cos(2 * std::numbers::pi * along(x, y, angle) / wavelength);
    })));
}

std::string to_text(std::span<const KernelPlane> planes) {
    const auto plane_text = [](const KernelPlane& p, std::string_view indent) {
        std::string text = "[";
        for (int y = 0; y < p.size.h; ++y) {
            text += y == 0 ? "[" : fmt::format(",\n{} [", indent);
            for (int x = 0; x < p.size.w; ++x) text += fmt::format("{}{}", x == 0 ? "" : ", ", at(p, y, x));
            text += "]";
        }
        return text + "]";
    };
    if (planes.size() == 1) return plane_text(planes.front(), "");
    std::string text = "[";
    for (std::size_t i = 0; i < planes.size(); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : ",\n ", plane_text(planes[i], " "));
    return text + "]";
}

Expected<std::vector<KernelPlane>> planes_from_text(std::string_view text) { return Reader(text).read(); }

std::vector<KernelPlane> kernel_planes(const Tensor& weight, int index) {
    std::vector<KernelPlane> planes;
    for (int c = 0; c < weight.shape().c; ++c) {
        const auto plane = weight.plane(index, c);
        planes.push_back({{weight.shape().h, weight.shape().w}, {plane.begin(), plane.end()}});
    }
    return planes;
}

Tensor with_kernel(const Tensor& weight, int index, std::span<const KernelPlane> planes) {
    Tensor next = weight.clone();
    for (int c = 0; c < next.shape().c; ++c)
        std::ranges::copy(planes[static_cast<std::size_t>(c)].values, next.plane(index, c).begin());
    return next;
}

Tensor with_kernel_size(const Tensor& weight, Size2 size) {
    const Shape& s = weight.shape();
    Tensor next({s.n, s.c, size.h, size.w});
    for (int n = 0; n < s.n; ++n) {
        const auto planes = kernel_planes(weight, n);
        for (int c = 0; c < s.c; ++c)
            std::ranges::copy(resized(planes[static_cast<std::size_t>(c)], size).values, next.plane(n, c).begin());
    }
    return next;
}

Tensor with_kernels(const Tensor& weight, std::span<const int> keep) {
    const Shape& s = weight.shape();
    Tensor next({static_cast<int>(keep.size()), s.c, s.h, s.w});
    for (int n = 0; n < next.shape().n; ++n)
        for (int c = 0; c < s.c; ++c)
            std::ranges::copy(weight.plane(keep[static_cast<std::size_t>(n)], c), next.plane(n, c).begin());
    return next;
}

}  // namespace convlens
