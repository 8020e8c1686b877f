#ifndef CZLIB_H
#define CZLIB_H

#include <zlib.h>

/// deflateInit2 is a macro over the library's version and structure size, which Swift cannot call.
static inline int czlib_deflate_init(z_stream *stream, int level, int window_bits, int memory_level, int strategy) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, memory_level, strategy);
}

/// compress() with the codes that the format itself names, in place of some made for these bytes: little longer for
/// small inputs, and unpacked several times as fast.
static inline int czlib_compress_fixed(
    unsigned char *output, unsigned long *output_count, const unsigned char *input, unsigned long input_count) {
    z_stream stream = {0};
    int status = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS, MAX_MEM_LEVEL - 1, Z_FIXED);
    if (status != Z_OK) {
        return status;
    }
    stream.next_in = (unsigned char *)input;
    stream.avail_in = (unsigned)input_count;
    stream.next_out = output;
    stream.avail_out = (unsigned)*output_count;
    status = deflate(&stream, Z_FINISH);
    *output_count = stream.total_out;
    deflateEnd(&stream);
    return status == Z_STREAM_END ? Z_OK : Z_BUF_ERROR;
}

/// inflateInit2, for the same reason.
static inline int czlib_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

/// A stream to unpack, under a name of this module's own: in a program with several modules over zlib.h, the members of
/// z_stream belong to whichever comes first.
typedef struct czlib_inflater {
    z_stream stream;
} czlib_inflater;

static inline int czlib_inflater_start(czlib_inflater *inflater, int window_bits) {
    *inflater = (czlib_inflater){0};
    return inflateInit2(&inflater->stream, window_bits);
}

/// Begins with the next stream of the input.
static inline int czlib_inflater_restart(czlib_inflater *inflater) { return inflateReset(&inflater->stream); }

/// Unpacks a whole input into a whole output in one call; Z_STREAM_END when the stream ended there.
static inline int czlib_inflate_all(
    czlib_inflater *inflater, const unsigned char *input, unsigned input_count, unsigned char *output,
    unsigned output_count) {
    inflater->stream.next_in = (unsigned char *)input;
    inflater->stream.avail_in = input_count;
    inflater->stream.next_out = output;
    inflater->stream.avail_out = output_count;
    return inflate(&inflater->stream, Z_FINISH);
}

/// Bytes of the input that have not been read.
static inline unsigned czlib_inflater_rest(const czlib_inflater *inflater) { return inflater->stream.avail_in; }

/// Bytes of the output that have not been written.
static inline unsigned czlib_inflater_room(const czlib_inflater *inflater) { return inflater->stream.avail_out; }

static inline int czlib_inflater_end(czlib_inflater *inflater) { return inflateEnd(&inflater->stream); }

/// Unpacks until either buffer is used up. The counts are of the buffers before, and of what is left of them after.
static inline int czlib_inflater_step(
    czlib_inflater *inflater, const unsigned char *input, unsigned *input_count, unsigned char *output,
    unsigned *output_count) {
    inflater->stream.next_in = (unsigned char *)input;
    inflater->stream.avail_in = *input_count;
    inflater->stream.next_out = output;
    inflater->stream.avail_out = *output_count;
    int status = inflate(&inflater->stream, Z_NO_FLUSH);
    *input_count = inflater->stream.avail_in;
    *output_count = inflater->stream.avail_out;
    return status;
}

#endif
