#include "CImagesInternal.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

// Everything the reader holds, reached by address only, so that nothing is lost when libpng jumps back.
typedef struct {
    png_structp png;
    png_infop header;
    const uint8_t *bytes;
    size_t count;
    size_t position;
    uint8_t *rgba;
    cimages_status status;
    cimages_info *info;
} png_task;

static _Noreturn void on_error(png_structp png, png_const_charp message) {
    png_task *task = png_get_error_ptr(png);
    if (task->status == CIMAGES_OK) {
        int memory = strstr(message, "memory") != NULL;
        task->status = cimages_fail(task->info, memory ? CIMAGES_NO_MEMORY : CIMAGES_DAMAGED, message);
    }
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
    // libpng goes on correctly after a warning (a broken comment, an odd profile): nothing for the caller to do.
    (void)png;
    (void)message;
}

static void on_read(png_structp png, png_bytep out, size_t wanted) {
    png_task *task = png_get_io_ptr(png);
    if (wanted > task->count - task->position) {
        task->status = cimages_fail(task->info, CIMAGES_TRUNCATED, "the file ends inside the picture");
        png_error(png, "truncated");
    }
    memcpy(out, task->bytes + task->position, wanted);
    task->position += wanted;
}

static _Noreturn void stop(png_task *task, cimages_status status, const char *reason) {
    task->status = cimages_fail(task->info, status, reason);
    png_error(task->png, reason);
}

// Asks libpng for 8-bit RGB, or RGBA where the file has transparency of any kind.
static void request_rgb(png_task *task) {
    png_structp png = task->png;
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
}

static void read_pixels(png_task *task, uint8_t *rgb, size_t capacity) {
    png_structp png = task->png;
    size_t width = task->info->width;
    size_t height = task->info->height;
    if (!cimages_fits(task->info, capacity)) {
        stop(task, CIMAGES_DAMAGED, "the size changed between two readings");
    }
    request_rgb(task);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, task->header);
    size_t row = png_get_rowbytes(png, task->header);
    if (row == width * 3) {
        for (int pass = 0; pass < passes; pass++) {
            for (size_t y = 0; y < height; y++) {
                png_read_row(png, rgb + y * row, NULL);
            }
        }
    } else if (row == width * 4) {
        // An interlaced picture is built up over seven passes, so it needs all its rows at once; others need one.
        task->rgba = calloc(passes > 1 ? height : 1, row);
        if (task->rgba == NULL) {
            stop(task, CIMAGES_NO_MEMORY, "no memory for the transparency");
        }
        for (int pass = 0; pass < passes; pass++) {
            for (size_t y = 0; y < height; y++) {
                uint8_t *line = task->rgba + (passes > 1 ? y * row : 0);
                png_read_row(png, line, NULL);
                if (pass == passes - 1) {
                    cimages_flatten(line, width, rgb + y * width * 3);
                }
            }
        }
    } else {
        stop(task, CIMAGES_UNSUPPORTED, "unexpected row layout");
    }
    // Reads on to IEND: a file cut after its last pixel is still cut, and the checksums are still checked.
    png_read_end(png, NULL);
}

static void read_picture(png_task *task, uint8_t *rgb, size_t capacity) {
    if (setjmp(png_jmpbuf(task->png)) != 0) {
        return;
    }
    png_set_read_fn(task->png, task, on_read);
    // The size is the caller's to judge, from the header; libpng's own limit would hide it.
    png_set_user_limits(task->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(task->png, task->header);
    task->info->width = png_get_image_width(task->png, task->header);
    task->info->height = png_get_image_height(task->png, task->header);
    if (rgb != NULL) {
        read_pixels(task, rgb, capacity);
    }
}

static uint32_t big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

cimages_status cimages_png(const uint8_t *bytes, size_t count, uint8_t *rgb, size_t capacity, cimages_info *info) {
    // The size stands at a fixed place. Looked at first, a file with none or too much of it can be told from a
    // damaged one, and nothing is allocated for it.
    if (count >= 24 && memcmp(bytes + 12, "IHDR", 4) == 0) {
        info->width = big_endian(bytes + 16);
        info->height = big_endian(bytes + 20);
        if (info->width == 0 || info->height == 0) {
            return cimages_fail(info, CIMAGES_ZERO_SIZED, "the header says zero pixels");
        }
        if (info->width > PNG_UINT_31_MAX || info->height > PNG_UINT_31_MAX) {
            return cimages_fail(info, CIMAGES_TOO_LARGE, "the header says more than the format allows");
        }
    }
    png_task task = {.bytes = bytes, .count = count, .info = info, .status = CIMAGES_OK};
    task.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &task, on_error, on_warning);
    if (task.png == NULL) {
        return cimages_fail(info, CIMAGES_NO_MEMORY, "no memory for the decoder");
    }
    task.header = png_create_info_struct(task.png);
    if (task.header == NULL) {
        task.status = cimages_fail(info, CIMAGES_NO_MEMORY, "no memory for the decoder");
    } else {
        read_picture(&task, rgb, capacity);
    }
    png_destroy_read_struct(&task.png, &task.header, NULL);
    free(task.rgba);
    return task.status;
}

size_t cimages_png_bound(uint32_t width, uint32_t height) {
    if (width == 0 || height == 0 || width > PNG_UINT_31_MAX / 3 || height > PNG_UINT_31_MAX) {
        return 0;
    }
    png_image image = {.version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_RGB};
    return PNG_IMAGE_PNG_SIZE_MAX(image);
}

cimages_status cimages_write_png(
    const uint8_t *rgb, uint32_t width, uint32_t height, uint8_t *out, size_t *count, cimages_info *info) {
    *info = (cimages_info){.width = width, .height = height};
    png_image image = {.version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_RGB};
    png_alloc_size_t room = *count;
    if (png_image_write_to_memory(&image, out, &room, 0, rgb, (png_int_32)(width * 3), NULL) == 0) {
        // libpng has no words for room that is too small.
        const char *reason = image.message[0] != 0 ? image.message : "more bytes than there is room for";
        cimages_status status = cimages_fail(info, CIMAGES_DAMAGED, reason);
        png_image_free(&image);
        return status;
    }
    *count = room;
    return CIMAGES_OK;
}
