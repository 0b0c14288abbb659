#pragma once

// Decodes PNG, JPEG and WebP from memory into packed RGB, and encodes RGB as PNG.
//
// Two calls make a picture: cimages_read_header says how large it is, then cimages_read_pixels fills memory that the
// caller owns. Nothing allocated here outlives a call, so there is no handle to free: whatever the libraries hold is
// given back before the call returns, on the error paths too. The libraries' longjmp never leaves this target, and
// their headers are not needed by those who include this one. All calls may run on several threads at once.

#include <stddef.h>
#include <stdint.h>

typedef enum {
    CIMAGES_PNG = 0,
    CIMAGES_JPEG = 1,
    CIMAGES_WEBP = 2
} cimages_format;

typedef enum {
    CIMAGES_OK = 0,
    CIMAGES_TRUNCATED = 1,    // the bytes end before the picture does
    CIMAGES_DAMAGED = 2,      // the bytes are not what the format allows
    CIMAGES_UNSUPPORTED = 3,  // the format allows it, this decoder does not
    CIMAGES_ZERO_SIZED = 4,   // the header says zero pixels
    CIMAGES_TOO_LARGE = 5,    // the header says more than the format or the decoder's memory can hold
    CIMAGES_NO_MEMORY = 6
} cimages_status;

typedef struct {
    uint32_t width;    // pixels; set by a header that could be read, also when the status is an error
    uint32_t height;   // pixels
    char reason[256];  // the library's words after an error, zero-terminated; may hold bytes of the file
} cimages_info;

// Reads the header in `bytes` (count of them) without decoding pixels. Memory used does not depend on what it says.
cimages_status cimages_read_header(
    cimages_format format, const uint8_t *bytes, size_t count, cimages_info *info);

// Decodes into `rgb`: height rows of width * 3 bytes, no padding. `capacity` must be exactly 3 * width * height of
// the header. Alpha is composited over white; colour profiles and gamma are ignored; 16 bits are rounded to 8. The
// EXIF orientation is not applied. After an error the contents of `rgb` are undefined.
cimages_status cimages_read_pixels(
    cimages_format format, const uint8_t *bytes, size_t count, uint8_t *rgb, size_t capacity, cimages_info *info);

// The most bytes a PNG of this size can need; 0 when the size cannot be encoded.
size_t cimages_png_bound(uint32_t width, uint32_t height);

// Encodes `rgb` (height rows of width * 3 bytes) as an 8-bit RGB PNG into `out`. `*count` is the room in `out` on
// entry and the bytes written on success.
cimages_status cimages_write_png(
    const uint8_t *rgb, uint32_t width, uint32_t height, uint8_t *out, size_t *count, cimages_info *info);
