/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the programs that run in the guest: a V4L2 node and its buffers, and the
 * words "key=value" that these programs are called with.
 */
#ifndef CAM_H
#define CAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/videodev2.h>

#define CAM_BUFFERS	32

struct cam {
	int fd;
	enum v4l2_buf_type type;
	enum v4l2_memory memory;
	struct v4l2_pix_format pix;
	unsigned int buffers;
	struct {
		uint8_t *data;
		size_t size;
		int dmabuf;		/* -1 without */
	} at[CAM_BUFFERS];
};

enum io { IO_MMAP, IO_RW, IO_DMABUF };

/* As ioctl(), but 0 or negative errno, and goes on after a signal. */
int cam_ioctl(int fd, unsigned long request, void *arg);

int cam_open(struct cam *cam, const char *path, enum v4l2_buf_type type);
int cam_buffers(struct cam *cam, unsigned int count, enum io io);	/* asks for them and maps them */

/*
 * Lends it count buffers of sizeimage bytes that are somebody else's: "udmabuf", pages of ours;
 * or those of another node.
 */
int cam_import(struct cam *cam, unsigned int count, const char *from);

void cam_free(struct cam *cam);			/* unmaps them and gives them back */
int cam_queue(struct cam *cam, unsigned int index);
int cam_dequeue(struct cam *cam, struct v4l2_buffer *buf);
int cam_stream(struct cam *cam, bool on);
int cam_wait(struct cam *cam, int ms);		/* revents, 0 after so long, or negative errno */
int cam_rate(struct cam *cam, unsigned int per_second);
void cam_close(struct cam *cam);

int64_t now(void);				/* CLOCK_MONOTONIC in us */
void sleep_until(int64_t us);
void become(long uid);				/* no groups, no capabilities; 0 changes nothing */

/* The kernel's nth allocation for us from here on fails, where it can do that; 0: none. */
void unlucky(long nth);

/* The value of key=value among the words, or what stands for none. */
const char *word(char **words, const char *key, const char *none);
long number(char **words, const char *key, long none);
enum io io_word(char **words);
void size_words(char **words, struct v4l2_pix_format *pix);	/* size=WxH, format=FOURCC */

_Noreturn void stop(int ret, const char *what);	/* says why and exits with 2 */

#endif
