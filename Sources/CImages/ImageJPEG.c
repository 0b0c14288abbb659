#include "CImagesInternal.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

// The most memory libjpeg may take for the coefficients of a progressive picture. 64 megapixels of four full
// components take 512 MiB, so only a file that lies about its layout meets this.
static const long coefficient_memory = 640L << 20;

// A progressive picture is sent in about ten scans. One made of hundreds only costs time.
static const int most_scans = 100;

// Everything the reader holds, reached by address only, so that nothing is lost when libjpeg's error jumps back.
typedef struct {
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct picture;
    jmp_buf escape;
    uint8_t *inks;
    cimages_status status;
    cimages_info *info;
} jpeg_task;

static cimages_status status_of(int code) {
    switch (code) {
    case JERR_EMPTY_IMAGE:
        return CIMAGES_ZERO_SIZED;
    case JERR_IMAGE_TOO_BIG:
        return CIMAGES_TOO_LARGE;
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
        return CIMAGES_NO_MEMORY;
    case JWRN_JPEG_EOF:
    case JERR_INPUT_EOF:
    case JERR_INPUT_EMPTY:
        return CIMAGES_TRUNCATED;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
        return CIMAGES_UNSUPPORTED;
    default:
        return CIMAGES_DAMAGED;
    }
}

static _Noreturn void leave(j_common_ptr common) {
    jpeg_task *task = common->client_data;
    if (task->status == CIMAGES_OK) {
        char reason[JMSG_LENGTH_MAX];
        common->err->format_message(common, reason);
        task->status = cimages_fail(task->info, status_of(common->err->msg_code), reason);
    }
    longjmp(task->escape, 1);
}

static _Noreturn void stop(jpeg_task *task, cimages_status status, const char *reason) {
    task->status = cimages_fail(task->info, status, reason);
    longjmp(task->escape, 1);
}

static void on_message(j_common_ptr common, int level) {
    if (level >= 0) {
        return;
    }
    // After these warnings libjpeg would fill in grey and call it a success.
    switch (common->err->msg_code) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
        leave(common);
    }
}

static void on_output(j_common_ptr common) {
    (void)common;
}

static void on_progress(j_common_ptr common) {
    jpeg_task *task = common->client_data;
    if (task->picture.input_scan_number > most_scans) {
        stop(task, CIMAGES_DAMAGED, "more than 100 scans");
    }
}

// Inks as JPEG files hold them, by Adobe's convention, 255 for none (Pillow and the browsers assume it of every
// file, with or without Adobe's marker). Light passes the colour and the black one after the other.
static void inks_to_rgb(const uint8_t *inks, size_t count, uint8_t *rgb) {
    for (size_t pixel = 0; pixel < count; pixel++) {
        unsigned black = inks[3];
        rgb[0] = (uint8_t)((inks[0] * black + 127u) / 255u);
        rgb[1] = (uint8_t)((inks[1] * black + 127u) / 255u);
        rgb[2] = (uint8_t)((inks[2] * black + 127u) / 255u);
        inks += 4;
        rgb += 3;
    }
}

static void read_pixels(jpeg_task *task, uint8_t *rgb, size_t capacity) {
    j_decompress_ptr picture = &task->picture;
    if (!cimages_fits(task->info, capacity)) {
        stop(task, CIMAGES_DAMAGED, "the size changed between two readings");
    }
    int has_inks = picture->num_components == 4;
    if (picture->num_components != 1 && picture->num_components != 3 && !has_inks) {
        stop(task, CIMAGES_UNSUPPORTED, "neither grey, RGB nor CMYK");
    }
    picture->out_color_space = has_inks ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(picture);
    size_t width = picture->output_width;
    if (width != task->info->width || picture->output_height != task->info->height
        || picture->output_components != (has_inks ? 4 : 3)) {
        stop(task, CIMAGES_UNSUPPORTED, "unexpected row layout");
    }
    if (has_inks) {
        task->inks = malloc(width * 4);
        if (task->inks == NULL) {
            stop(task, CIMAGES_NO_MEMORY, "no memory for the inks");
        }
    }
    while (picture->output_scanline < picture->output_height) {
        uint8_t *line = rgb + (size_t)picture->output_scanline * width * 3;
        JSAMPROW row = has_inks ? task->inks : line;
        if (jpeg_read_scanlines(picture, &row, 1) != 1) {
            stop(task, CIMAGES_TRUNCATED, "the file ends inside the picture");
        }
        if (has_inks) {
            inks_to_rgb(task->inks, width, line);
        }
    }
    // Reads on to the end marker: a file cut after its last pixel is still cut.
    jpeg_finish_decompress(picture);
}

static void read_picture(jpeg_task *task, const uint8_t *bytes, size_t count, uint8_t *rgb, size_t capacity) {
    if (setjmp(task->escape) != 0) {
        return;
    }
    j_decompress_ptr picture = &task->picture;
    jpeg_create_decompress(picture);
    picture->mem->max_memory_to_use = coefficient_memory;
    task->progress.progress_monitor = on_progress;
    picture->progress = &task->progress;
    jpeg_mem_src(picture, bytes, count);
    jpeg_read_header(picture, TRUE);
    task->info->width = picture->image_width;
    task->info->height = picture->image_height;
    if (rgb != NULL) {
        read_pixels(task, rgb, capacity);
    }
}

cimages_status cimages_jpeg(const uint8_t *bytes, size_t count, uint8_t *rgb, size_t capacity, cimages_info *info) {
    jpeg_task task = {.info = info, .status = CIMAGES_OK};
    task.picture.err = jpeg_std_error(&task.errors);
    task.picture.client_data = &task;
    task.errors.error_exit = leave;
    task.errors.emit_message = on_message;
    task.errors.output_message = on_output;
    read_picture(&task, bytes, count, rgb, capacity);
    if (task.status == CIMAGES_ZERO_SIZED || task.status == CIMAGES_TOO_LARGE) {
        info->width = task.picture.image_width;
        info->height = task.picture.image_height;
    }
    jpeg_destroy_decompress(&task.picture);
    free(task.inks);
    return task.status;
}
