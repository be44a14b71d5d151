// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Every number here comes from a stranger: positions are 64 bits wide, loops are
 * counted, and bytes beyond the end of the file read as an error.
 */
#include "source/photo.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define PARTS_MAX	65536		/* segments or chunks looked at */
#define ENTRIES_MAX	512		/* of an EXIF directory */
#define TAG_ORIENTATION	0x112

/* Sum of the luminance quantisation table K.1 of ITU-T T.81, which is quality 50. */
#define QUALITY_50_SUM	3688

static bool bytes_at(int fd, int64_t at, void *bytes, size_t size)
{
	ssize_t n;

	if (lseek(fd, at, SEEK_SET) < 0)
		return false;
	do
		n = read(fd, bytes, size);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)size;
}

static unsigned be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static unsigned any16(const uint8_t *p, bool little)
{
	return little ? p[1] << 8 | p[0] : p[0] << 8 | p[1];
}

static uint32_t any32(const uint8_t *p, bool little)
{
	return little ? (uint32_t)any16(p + 2, true) << 16 | any16(p, true) : be32(p);
}

/* The first directory of the TIFF structure that EXIF consists of. */
static void read_exif(struct photo *photo, int fd, int64_t tiff)
{
	uint8_t head[8], entry[12];
	unsigned count;
	bool little;
	int64_t at;

	if (!bytes_at(fd, tiff, head, 8) || (memcmp(head, "II*\0", 4) &&
					     memcmp(head, "MM\0*", 4)))
		return;
	little = head[0] == 'I';
	at = tiff + any32(head + 4, little);
	if (!bytes_at(fd, at, head, 2))
		return;
	count = any16(head, little);
	for (unsigned i = 0; i < count && i < ENTRIES_MAX; i++) {
		if (!bytes_at(fd, at + 2 + 12 * i, entry, 12))
			return;
		if (any16(entry, little) == TAG_ORIENTATION) {
			photo->orientation = any16(entry + 8, little);
			return;
		}
	}
}

/*
 * libjpeg's encoders scale table K.1 by 5000 / q below quality 50 and 200 - 2 q
 * above, in percent.
 */
static unsigned quality_of(unsigned sum)
{
	unsigned percent = (sum * 100 + QUALITY_50_SUM / 2) / QUALITY_50_SUM;
	unsigned quality;

	if (sum <= 64)			/* all ones */
		return 100;
	quality = percent <= 100 ? (200 - percent) / 2 : 5000 / percent;
	return quality ? quality : 1;
}

/* A DQT segment may hold several tables; number 0 is luminance. */
static void read_tables(struct photo *photo, int fd, int64_t at, int64_t end)
{
	uint8_t head, table[128];

	while (at < end && bytes_at(fd, at, &head, 1)) {
		unsigned wide = head >> 4 ? 2 : 1, sum = 0;

		if (!bytes_at(fd, at + 1, table, 64 * wide))
			return;
		for (unsigned i = 0; i < 64; i++)
			sum += wide == 2 ? be16(table + 2 * i) : table[i];
		if (!(head & 15) && sum)
			photo->quality = quality_of(sum);
		at += 1 + 64 * wide;
	}
}

/* SOF0 to SOF15; between them are DHT, JPG and DAC. */
static bool is_frame_header(unsigned marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
	       marker != 0xc8 && marker != 0xcc;
}

static void read_jpeg(struct photo *photo, int fd)
{
	int64_t at = 2;
	uint8_t head[10];

	for (unsigned i = 0; i < PARTS_MAX && bytes_at(fd, at, head, 4); i++) {
		int64_t end = at + 2 + be16(head + 2);

		if (head[0] == 0xff && head[1] == 0xff) {	/* padding */
			at++;
			continue;
		}
		if (head[0] != 0xff || head[1] == 0xda || be16(head + 2) < 2)
			return;		/* pixels begin, or nothing that we know */
		if (head[1] == 0xdb)
			read_tables(photo, fd, at + 4, end);
		if (is_frame_header(head[1]) && bytes_at(fd, at, head, 9)) {
			photo->height = be16(head + 5);
			photo->width = be16(head + 7);
		}
		if (head[1] == 0xe1 && !photo->orientation &&
		    bytes_at(fd, at, head, 10) && !memcmp(head + 4, "Exif\0", 6))
			read_exif(photo, fd, at + 10);
		at = end;
	}
}

static void read_png(struct photo *photo, int fd)
{
	int64_t at = 8;
	uint8_t head[8], size[8];

	for (unsigned i = 0; i < PARTS_MAX && bytes_at(fd, at, head, 8); i++) {
		if (!i && !memcmp(head + 4, "IHDR", 4) && bytes_at(fd, at + 8, size, 8)) {
			photo->width = be32(size);
			photo->height = be32(size + 4);
		}
		if (!memcmp(head + 4, "eXIf", 4)) {
			read_exif(photo, fd, at + 8);
			return;
		}
		at += 12 + (int64_t)be32(head);
	}
}

void photo_read(struct photo *photo, int fd)
{
	uint8_t magic[8];

	*photo = (struct photo){ 0 };
	if (!bytes_at(fd, 0, magic, 8))
		return;
	if (magic[0] == 0xff && magic[1] == 0xd8)
		read_jpeg(photo, fd);
	else if (!memcmp(magic, "\x89PNG\r\n\x1a\n", 8))
		read_png(photo, fd);
	if (photo->orientation > 8)
		photo->orientation = 0;
}
