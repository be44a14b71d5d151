/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What scrim.ko promises to programs and to the administrator.
 *
 * A scrim camera is a pair of V4L2 nodes under one device:
 *
 *   the feed      a video output node; one program writes redacted pictures into it
 *   the capture   a video capture node; any number of applications read from it
 *
 * Both are plain V4L2, nothing below is needed to use them:
 *
 *   feed      MMAP, DMABUF import, write();  S_FMT and S_PARM say what the camera is;
 *             timestamps are copied; STREAMOFF is a cut
 *   capture   MMAP, EXPBUF, read();  the format is the feed's
 *
 * The promises
 *
 *   - Only the feeder feeds.  open() of the feed is EACCES for everybody but the user
 *     that `feeder` names and those who have CAP_SYS_ADMIN, whatever the mode of the node is,
 *     and for them as well unless they open it for writing.
 *     One of their opens owns the buffers; no other can map or queue them.
 *   - Readers are strangers.  Each open of the capture node has buffers of its own,
 *     that only this open can map.  A process may own one set (a second open of it gets
 *     EBUSY), and `readers` processes may do so at once.
 *   - Silence is black.  A picture is delivered when it is queued to the feed or never.
 *     Two frame times after the last one at the latest readers get black ones,
 *     at the nominal rate, with running sequence numbers and timestamps, until there
 *     are pictures again.  The same holds when there is no feeder at all.
 *   - A cut is a cut.  When STREAMOFF of the feed (or the close() and munmap() of the last of
 *     it, which the death of the feeder does), a write to `spans`, or the closing of a
 *     shutter has returned, DQBUF and read() deliver nothing that was queued to the feed
 *     before; what a reader had not yet taken turns black.
 *   - Locked regions hold.  What they cover is never read from the feeder's buffer.  The feeder
 *     cannot lift them; a picture whose format cannot be masked (MJPEG) is black.
 *   - A closed shutter (V4L2_CID_PRIVACY of the feed, the same control of the capture node, the
 *     attribute `privacy`) blackens every picture.  They are three; all must be open.
 *
 * When the feed changes its format, a reader that holds buffers gets V4L2_EVENT_SOURCE_CHANGE
 * (V4L2_EVENT_SRC_CH_RESOLUTION) and black pictures in the format it knows, until it has
 * freed its buffers and asked for new ones.  When the camera is taken away, DQBUF fails with
 * EIO, poll() says POLLERR, and everything else fails with ENODEV.
 *
 * The control plane, /sys/kernel/config/scrim/
 *
 *   mkdir NAME           a camera, not yet live
 *     live       rw 0    1 registers the nodes, 0 takes them away, streaming or not
 *     feeder     rw 0    user id that may open the feed
 *     label      rw NAME what applications show, at most 31 bytes
 *     format     rw YUYV fourcc that the feed starts with
 *     size       rw 1280x720       size that the feed starts with: even, 16x16 to 8192x8192
 *     rate       rw 30/1 frames a second that the feed starts with: 1 to 240
 *     readers    rw 8    processes that may stream at once: 1 to 64
 *     bytes      rw 268435456      bytes of buffers that one reader may hold, and the feeder
 *     controls   rw      controls of the real camera; see below
 *     privacy    rw 0    1 closes the administrator's shutter
 *     feed       ro      "video0", or empty while not live
 *     capture    ro      "video1", or empty while not live
 *     stats      ro      lines "word number": frames taken from the feed; delivered, black and
 *                        dropped, counted once a reader; readers that stream now
 *     regions/
 *       mkdir NAME       a locked region, empty
 *         size   rw      "1920x1080": the picture that spans are measured in; at first that of
 *                        the camera; EBUSY once there are spans
 *         spans  rw      see below; reading gives their number
 *
 * `feeder` to `controls` cannot be changed while the camera is live (EBUSY).  Regions can, and act
 * before the write returns.  rmdir of a region lifts it; rmdir of a camera takes it away.
 *
 * A line of `spans` is "TOP BOTTOM LEFT RIGHT": rows TOP to BOTTOM-1 are black from column LEFT to
 * column RIGHT-1.  A write appends whole lines or, when one of them is wrong, nothing (EINVAL;
 * ENOSPC above SCRIM_SPANS_MAX), as far as the last line break, so that cat(1) of a long file
 * works.  Spans are scaled to the size of the feed and grown outward to whole blocks of 2x2 pixels,
 * so no chroma sample of a covered pixel remains, in no format.
 *
 * A line of `controls` is "ID MIN MAX STEP DEFAULT": a control (V4L2_CID_...) of the classes user
 * and camera that V4L2 knows as an integer, a boolean or a menu.  Names are V4L2's own.  STEP of a
 * menu has a bit for each item, from 0 to MAX, that the camera does not have; its MIN is 0.  A write
 * replaces them all or, when a line is wrong, none (EINVAL; ENOSPC above SCRIM_CONTROLS_MAX).  Both
 * nodes then have them, with one value for all: what a reader sets is told to others, and to the
 * feeder, by V4L2_EVENT_CTRL.  The driver does nothing else with it.
 *
 * To replace a region without a gap: mkdir the new one, write it, rmdir the old one.
 */
#ifndef _UAPI_LINUX_SCRIM_H
#define _UAPI_LINUX_SCRIM_H

#include <linux/types.h>
#include <linux/videodev2.h>

#define SCRIM_SIZE_MIN		16
#define SCRIM_SIZE_MAX		8192
#define SCRIM_RATE_MAX		240
#define SCRIM_READERS_MAX	64
#define SCRIM_SPANS_MAX		32768	/* in all regions of a camera */
#define SCRIM_CONTROLS_MAX	64

/*
 * Readers came or went: an event on the feed, so that a camera (and its light) needs to be on
 * only while somebody watches.  Subscribe with id 0 and V4L2_EVENT_SUB_FL_SEND_INITIAL
 * to learn how many there are already; pid and uid are 0 in that one.
 */
#define SCRIM_EVENT_READERS	(V4L2_EVENT_PRIVATE_START + 0x5c0)

/* In v4l2_event.u.data. */
struct scrim_event_readers {
	__u32 readers;		/* that stream now */
	__u32 pid;		/* who came or went, as the first pid namespace counts */
	__u32 uid;		/* its user when it came, as the first user namespace counts */
	__u32 reserved[13];	/* zero */
};

#ifndef __cplusplus
_Static_assert(sizeof(struct scrim_event_readers) == 64, "fills v4l2_event.u");
#endif

#endif
