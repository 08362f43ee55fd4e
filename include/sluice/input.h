/* input.h: bytes of a file, plain or compressed (.gz, .zst by their magic numbers), and fingerprints.
 *
 * A stream is read by one thread. Plain regular files are read with large reads, not mapped, so that resident memory
 * stays that of the buffers. */
#ifndef SLUICE_INPUT_H
#define SLUICE_INPUT_H

#include "sluice/mem.h"

struct sl_input;

/* path "-" is standard input. Errors: SL_EIO names the path and the system's reason. */
int sl_input_open(struct sl_input **out, const char *path, struct sl_error *err);
void sl_input_close(struct sl_input *input);

/* Up to size bytes of uncompressed data into to; *got == 0 is the end. Errors: SL_EIO, SL_EDATA (damaged or truncated
 * compressed data, with the byte where it was noticed). */
int sl_input_read(struct sl_input *input, void *to, size_t size, size_t *got, struct sl_error *err);

/* Continue at this uncompressed offset (plain: seek; compressed: rewind and skip). */
int sl_input_seek(struct sl_input *input, uint64_t offset, struct sl_error *err);

/* For progress: bytes of the file on disk consumed so far, and its size (0 unknown, as for a pipe). */
uint64_t sl_input_consumed(const struct sl_input *input);
uint64_t sl_input_size(const struct sl_input *input);
bool sl_input_compressed(const struct sl_input *input);

/* A whole small file (recipes, word lists) into buf; SL_ELIMIT over limit bytes. */
int sl_file_read(const char *path, size_t limit, struct sl_buf *buf, struct sl_error *err);
/* Write a file so that it is whole or absent: temporary name in the same folder, fsync, rename. */
int sl_file_write(const char *path, const void *p, size_t n, struct sl_error *err);

/* A nameless temporary file in $TMPDIR or /tmp, for what is over the memory budget; close() ends it. Whole reads and
 * writes. */
int sl_temp_open(int *file, struct sl_error *err);
int sl_temp_write(int file, const void *from, size_t n, uint64_t offset, struct sl_error *err);
int sl_temp_read(int file, void *to, size_t n, uint64_t offset, struct sl_error *err);

/* Running 64-bit XXH3 of bytes; the fingerprint of data and of stage outputs. */
struct sl_hash;
int sl_hash_new(struct sl_hash **out, struct sl_error *err);
void sl_hash_add(struct sl_hash *hash, const void *p, size_t n);
uint64_t sl_hash_value(const struct sl_hash *hash);
void sl_hash_free(struct sl_hash *hash);
uint64_t sl_hash64(const void *p, size_t n);

#endif
