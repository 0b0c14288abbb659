#pragma once

#include "CImages.h"

// Each reader fills `rgb` when it is not null, else stops after the header.
cimages_status cimages_png(const uint8_t *bytes, size_t count, uint8_t *rgb, size_t capacity, cimages_info *info);
cimages_status cimages_jpeg(const uint8_t *bytes, size_t count, uint8_t *rgb, size_t capacity, cimages_info *info);
cimages_status cimages_webp(const uint8_t *bytes, size_t count, uint8_t *rgb, size_t capacity, cimages_info *info);

// Notes why, and passes the status on.
cimages_status cimages_fail(cimages_info *info, cimages_status status, const char *reason);

// Whether `capacity` is 3 * width * height of the header in `info`.
int cimages_fits(const cimages_info *info, size_t capacity);

// Composites `count` RGBA pixels over white: out = colour * alpha + white * (1 - alpha), rounded to nearest.
// `rgb` may be the same memory as `rgba`.
void cimages_flatten(const uint8_t *rgba, size_t count, uint8_t *rgb);
