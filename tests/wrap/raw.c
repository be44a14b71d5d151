// SPDX-License-Identifier: GPL-2.0
/*
 * A capture program that has no C library and asks the kernel itself: what is preloaded into
 * programs, or takes the place of a library's function, is nothing to it.  It waits in DQBUF.
 *
 *	raw NODE COUNT FILE
 */
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/videodev2.h>

#define BUFFERS	3

static long ask(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
		      x2 __asm__("x2") = c, x3 __asm__("x3") = d, x4 __asm__("x4") = e,
		      x5 __asm__("x5") = f;

	__asm__ volatile("svc 0" : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
#else
#error "no system call is known here"
#endif
}

/* The exit status says which step it was. */
static void must(int step, long ret)
{
	if (ret < 0)
		ask(__NR_exit_group, step, 0, 0, 0, 0, 0);
}

static long control(long fd, unsigned long request, void *argument)
{
	return ask(__NR_ioctl, fd, request, (long)argument, 0, 0, 0);
}

static long number(const char *text)
{
	long value = 0;

	while (*text)
		value = value * 10 + *text++ - '0';
	return value;
}

__attribute__((used)) static void run(long *stack)
{
	char **argv = (char **)(stack + 1);
	struct v4l2_requestbuffers request = {
		.count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_format format = {
		.type = request.type, .fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV,
	};
	struct v4l2_buffer buf = { .type = request.type, .memory = request.memory };
	long at[BUFFERS], fd, out;
	int type = request.type;

	must(2, stack[0] == 4 ? 0 : -1);
	fd = ask(__NR_openat, AT_FDCWD, (long)argv[1], O_RDWR, 0, 0, 0);
	out = ask(__NR_openat, AT_FDCWD, (long)argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0644, 0, 0);
	must(3, fd);
	must(4, out);
	must(14, control(fd, VIDIOC_S_FMT, &format));
	must(5, control(fd, VIDIOC_REQBUFS, &request));
	must(6, request.count <= BUFFERS ? 0 : -1);
	for (buf.index = 0; buf.index < request.count; buf.index++) {
		must(7, control(fd, VIDIOC_QUERYBUF, &buf));
		at[buf.index] = ask(__NR_mmap, 0, buf.length, PROT_READ, MAP_SHARED, fd, buf.m.offset);
		must(8, at[buf.index] > -4096 && at[buf.index] < 0 ? -1 : 0);
		must(9, control(fd, VIDIOC_QBUF, &buf));
	}
	must(10, control(fd, VIDIOC_STREAMON, &type));
	for (long left = number(argv[2]); left; left--) {
		must(11, control(fd, VIDIOC_DQBUF, &buf));
		must(12, ask(__NR_write, out, at[buf.index], buf.bytesused, 0, 0, 0));
		must(13, control(fd, VIDIOC_QBUF, &buf));
	}
	must(0, -1);
}

/* What the kernel puts on the stack is the count of arguments, and then they. */
#if defined(__x86_64__)
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call run\n");
#else
__asm__(".globl _start\n_start: mov x0, sp\n bl run\n");
#endif
