#include "CImagesInternal.h"

#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

static cimages_status fail_as(cimages_info *info, VP8StatusCode code) {
    switch (code) {
    case VP8_STATUS_OUT_OF_MEMORY:
        return cimages_fail(info, CIMAGES_NO_MEMORY, "no memory for the decoder");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return cimages_fail(info, CIMAGES_UNSUPPORTED, "a feature libwebp does not know");
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return cimages_fail(info, CIMAGES_TRUNCATED, "the file ends inside the picture");
    default:
        return cimages_fail(info, CIMAGES_DAMAGED, "the bitstream is broken");
    }
}

// libwebp calls a lossy key frame of no width or no height merely broken; this tells it apart.
static int says_zero(const uint8_t *bytes, size_t count, cimages_info *info) {
    static const uint8_t start[3] = {0x9d, 0x01, 0x2a};
    if (count < 30 || memcmp(bytes + 12, "VP8 ", 4) != 0 || memcmp(bytes + 23, start, 3) != 0) {
        return 0;
    }
    info->width = (bytes[26] | (uint32_t)bytes[27] << 8) & 0x3fff;
    info->height = (bytes[28] | (uint32_t)bytes[29] << 8) & 0x3fff;
    return info->width == 0 || info->height == 0;
}

static cimages_status read_pixels(
    const uint8_t *bytes, size_t count, int has_alpha, uint8_t *rgb, size_t capacity, cimages_info *info) {
    size_t width = info->width;
    size_t pixels = width * info->height;
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) {
        return cimages_fail(info, CIMAGES_UNSUPPORTED, "libwebp has another version than its header");
    }
    uint8_t *rgba = NULL;
    if (has_alpha) {
        rgba = malloc(pixels * 4);
        if (rgba == NULL) {
            return cimages_fail(info, CIMAGES_NO_MEMORY, "no memory for the transparency");
        }
    }
    config.output.colorspace = has_alpha ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = has_alpha ? rgba : rgb;
    config.output.u.RGBA.stride = (int)(width * (has_alpha ? 4 : 3));
    config.output.u.RGBA.size = has_alpha ? pixels * 4 : capacity;
    VP8StatusCode code = WebPDecode(bytes, count, &config);
    WebPFreeDecBuffer(&config.output);
    if (code == VP8_STATUS_OK && has_alpha) {
        cimages_flatten(rgba, pixels, rgb);
    }
    free(rgba);
    return code == VP8_STATUS_OK ? CIMAGES_OK : fail_as(info, code);
}

cimages_status cimages_webp(const uint8_t *bytes, size_t count, uint8_t *rgb, size_t capacity, cimages_info *info) {
    if (count < 12) {
        return cimages_fail(info, CIMAGES_TRUNCATED, "the file ends inside the picture");
    }
    if (memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WEBP", 4) != 0) {
        return cimages_fail(info, CIMAGES_DAMAGED, "no WebP container");
    }
    if (says_zero(bytes, count, info)) {
        return cimages_fail(info, CIMAGES_ZERO_SIZED, "the header says zero pixels");
    }
    WebPBitstreamFeatures features;
    VP8StatusCode code = WebPGetFeatures(bytes, count, &features);
    if (code != VP8_STATUS_OK) {
        return fail_as(info, code);
    }
    info->width = (uint32_t)features.width;
    info->height = (uint32_t)features.height;
    if (features.has_animation) {
        return cimages_fail(info, CIMAGES_UNSUPPORTED, "an animation");
    }
    if (rgb == NULL) {
        return CIMAGES_OK;
    }
    // A lossy picture can lose its last bytes unnoticed by libwebp; the length in the container tells.
    uint64_t declared = bytes[4] | (uint32_t)bytes[5] << 8 | (uint32_t)bytes[6] << 16 | (uint32_t)bytes[7] << 24;
    if (declared + 8 > count) {
        return cimages_fail(info, CIMAGES_TRUNCATED, "the file ends inside the picture");
    }
    if (!cimages_fits(info, capacity)) {
        return cimages_fail(info, CIMAGES_DAMAGED, "the size changed between two readings");
    }
    return read_pixels(bytes, count, features.has_alpha, rgb, capacity, info);
}
