// Draws the pixels of the grid: the nearest value or the mean over the covered area, mapped to a color. Sums and products
// have the same order as in engine/cpu/grid_cpu.cpp, and `precise` keeps the compiler from changing it, so that the
// colors are identical.
layout(local_size_x = 16, local_size_y = 8) in;

struct Span { int cell, first, end; float head, tail; };  // what one pixel column or row shows; cell is -1 in a gap
struct Cell { int channel; float lo, hi; };
layout(std430, binding = 0) readonly buffer Values { float values[]; };
layout(std430, binding = 1) readonly buffer Columns { Span columns[]; };
layout(std430, binding = 2) readonly buffer Rows { Span rows[]; };
layout(std430, binding = 3) readonly buffer Cells { Cell cells[]; };
// The 256 colors of the colormap, then the colors of values below and above the value range
layout(std430, binding = 4) readonly buffer Colors { uint colors[]; };
layout(std430, binding = 5) writeonly buffer Picture { uint pixels[]; };

uniform int width;                          // pixels of a row of the picture
uniform int first_row, last_row;            // this dispatch draws rows first_row .. last_row - 1
uniform int map_h, map_w;
uniform int cell_columns, cell_count;
uniform int channel_first, channel_count;   // channels in the bound range of `values`
uniform int values_base, picture_base;      // indices of the first value and of this dispatch's first pixel
uniform int reduced_rows;                   // whether cells have fewer rows than the map
// Factor that turns the weighted sum of a pixel into its mean; position in the colormap (0..1) of cells with lo == hi
uniform float inverse_area, flat_place;
uniform int background;
uniform bool paint_background, mark_beyond;

// Returns the weighted sum of the values in column x that pixel row `row` covers.
float column_sum(int plane, Span row, int x) {
    int at = plane + row.first * map_w + x;
    if (reduced_rows == 0) return values[at];
    precise float sum = 0.0;
    for (int y = row.first; y < row.end; ++y, at += map_w) {
        float weight = y == row.first ? row.head : y + 1 == row.end ? row.tail : 1.0;
        precise float product = weight * values[at];
        sum = sum + product;
    }
    return sum;
}

// Returns whether above / range, rounded as in IEEE 754, is at least k / 256. Values below k / 256 are rounded up to it
// if they differ by at most half of the distance to the next smaller float (half_bit). So the condition is
// above - (k / 256) range >= -half_bit range. The product (k / 256) range is exact, because range is split into a high
// and a low part.
bool reaches(float above, float range, int k) {
    float share = float(k) * (1.0 / 256.0);
    float high = uintBitsToFloat(floatBitsToUint(range) & 0xfffff000u);
    precise float low = range - high;
    precise float high_part = share * high;
    precise float rest = above - high_part;
    precise float low_part = share * low;
    rest = rest - low_part;
    float half_bit = exp2(float(findMSB(k) - ((k & (k - 1)) == 0 ? 33 : 32)));
    return rest >= -half_bit * range;
}

// Returns floor(256 (value - lo) / (hi - lo)), clamped to 0..255, as on the CPU. Drivers may round a division differently,
// which could move zero out of the middle color of a symmetric scale. Therefore the quotient is only an estimate, which
// reaches() corrects.
int color_index(float value, float lo, float hi) {
    precise float range = hi - lo;
    precise float above = value - lo;
    if (!(range > 0.0)) return int(flat_place * 256.0);
    if (!(above > 0.0) || isinf(range)) return 0;
    if (above >= range) return 255;
    int index = clamp(int(above / range * 256.0), 0, 255);
    if (index > 0 && !reaches(above, range, index)) return index - 1;
    if (index < 255 && reaches(above, range, index + 1)) return index + 1;
    return index;
}

void main() {
    int px = int(gl_GlobalInvocationID.x), py = int(gl_GlobalInvocationID.y) + first_row;
    if (px >= width || py >= last_row) return;
    int pixel = picture_base + (py - first_row) * width + px;
    Span column = columns[px], row = rows[py];
    int index = row.cell * cell_columns + column.cell;
    if (column.cell < 0 || row.cell < 0 || index >= cell_count) {
        if (paint_background) pixels[pixel] = uint(background);
        return;
    }
    Cell cell = cells[index];
    int channel = cell.channel - channel_first;
    if (channel < 0 || channel >= channel_count) return;
    int plane = values_base + channel * (map_h * map_w);
    precise float sum = column.head * column_sum(plane, row, column.first);
    for (int x = column.first + 1; x + 1 < column.end; ++x) sum = sum + column_sum(plane, row, x);
    if (column.end - column.first > 1) {
        precise float last = column.tail * column_sum(plane, row, column.end - 1);
        sum = sum + last;
    }
    precise float value = sum * inverse_area;
    int color = color_index(value, cell.lo, cell.hi);
    if (mark_beyond && value < cell.lo) color = 256;
    if (mark_beyond && value > cell.hi) color = 257;
    pixels[pixel] = colors[color];
}
