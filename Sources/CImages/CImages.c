#include "CImagesInternal.h"

#include <stdio.h>

cimages_status cimages_fail(cimages_info *info, cimages_status status, const char *reason) {
    snprintf(info->reason, sizeof info->reason, "%s", reason);
    return status;
}

int cimages_fits(const cimages_info *info, size_t capacity) {
    // Two 32-bit factors cannot overflow 64 bits; the third is divided out instead.
    uint64_t pixels = (uint64_t)info->width * info->height;
    return capacity % 3 == 0 && capacity / 3 == pixels;
}

void cimages_flatten(const uint8_t *rgba, size_t count, uint8_t *rgb) {
    for (size_t pixel = 0; pixel < count; pixel++) {
        unsigned alpha = rgba[3];
        unsigned white = 255u * (255u - alpha) + 127u;
        uint8_t red = (uint8_t)((rgba[0] * alpha + white) / 255u);
        uint8_t green = (uint8_t)((rgba[1] * alpha + white) / 255u);
        uint8_t blue = (uint8_t)((rgba[2] * alpha + white) / 255u);
        rgb[0] = red;
        rgb[1] = green;
        rgb[2] = blue;
        rgba += 4;
        rgb += 3;
    }
}

static cimages_status read_image(
    cimages_format format, const uint8_t *bytes, size_t count, uint8_t *rgb, size_t capacity, cimages_info *info) {
    *info = (cimages_info){0};
    switch (format) {
    case CIMAGES_PNG:
        return cimages_png(bytes, count, rgb, capacity, info);
    case CIMAGES_JPEG:
        return cimages_jpeg(bytes, count, rgb, capacity, info);
    case CIMAGES_WEBP:
        return cimages_webp(bytes, count, rgb, capacity, info);
    }
    return cimages_fail(info, CIMAGES_UNSUPPORTED, "unknown format");
}

cimages_status cimages_read_header(
    cimages_format format, const uint8_t *bytes, size_t count, cimages_info *info) {
    return read_image(format, bytes, count, NULL, 0, info);
}

cimages_status cimages_read_pixels(
    cimages_format format, const uint8_t *bytes, size_t count, uint8_t *rgb, size_t capacity, cimages_info *info) {
    return read_image(format, bytes, count, rgb, capacity, info);
}
