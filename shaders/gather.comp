// Copies a rectangle of some channels to contiguous memory, so that the CPU can read it with one transfer.
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer Values { float values[]; };
layout(std430, binding = 1) writeonly buffer Area { float area[]; };

uniform int values_base, area_base;
uniform int map_h, map_w;
uniform int area_x, area_y, area_w, area_h;
uniform int count;  // values of the rectangle in all channels

void main() {
    int i = int(gl_GlobalInvocationID.x);
    if (i >= count) return;
    int x = i % area_w, y = i / area_w % area_h, channel = i / area_w / area_h;
    area[area_base + i] = values[values_base + (channel * map_h + area_y + y) * map_w + area_x + x];
}
