// SPDX-License-Identifier: GPL-2.0
/*
 * Whoever is not scrimd gets nothing from a raw camera, root included: it cannot be opened, a
 * descriptor of it cannot be received from somebody else, and one that was opened before can
 * neither be mapped nor asked for anything.
 *
 * scrimd is known by the inode of its program: that holds whoever starts it, with or without a
 * service manager.  A process moves into a cgroup by one write, while to be this program it has to
 * be executed.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "guard.h"

/* What we need of the kernel's own, at whatever offsets the running kernel has it. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct super_block {
	unsigned int s_dev;
};
struct inode {
	unsigned short i_mode;
	unsigned int i_rdev;
	unsigned long i_ino;
	struct super_block *i_sb;
};
struct file {
	struct inode *f_inode;
};
struct mm_struct {
	struct file *exe_file;
};
struct task_struct {
	struct mm_struct *mm;
};
#pragma clang attribute pop

#define FILE_TYPE	0170000
#define CHARACTER	0020000

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, GUARD_NODES_MAX);
	__type(key, __u32);		/* device number, as the kernel has it */
	__type(value, __u8);
} nodes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct guard_program);
} feeder SEC(".maps");

static bool is_raw(const struct file *file)
{
	__u32 device;

	if (!file || (file->f_inode->i_mode & FILE_TYPE) != CHARACTER)
		return false;
	device = file->f_inode->i_rdev;
	return bpf_map_lookup_elem(&nodes, &device);
}

/* A thread of the kernel's has no program. */
static bool is_feeder(void)
{
	const struct task_struct *task = (const void *)bpf_get_current_task();
	const struct guard_program *program;
	const struct inode *inode;
	__u32 first = 0;

	program = bpf_map_lookup_elem(&feeder, &first);
	inode = BPF_CORE_READ(task, mm, exe_file, f_inode);
	return program && inode && BPF_CORE_READ(inode, i_ino) == program->inode &&
	       BPF_CORE_READ(inode, i_sb, s_dev) == program->device;
}

static int judge(const struct file *file, int ret)
{
	/* Another module's refusal stands. */
	if (ret)
		return ret;
	return is_raw(file) && !is_feeder() ? -EACCES : 0;
}

SEC("lsm/file_open")
int BPF_PROG(guard_open, struct file *file, int ret)
{
	return judge(file, ret);
}

/* By SCM_RIGHTS, and by pidfd_getfd(). */
SEC("lsm/file_receive")
int BPF_PROG(guard_receive, struct file *file, int ret)
{
	return judge(file, ret);
}

SEC("lsm/mmap_file")
int BPF_PROG(guard_mmap, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags, int ret)
{
	return judge(file, ret);
}

SEC("lsm/file_ioctl")
int BPF_PROG(guard_ioctl, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	return judge(file, ret);
}

/* Kernels before 6.8 ask the same question of both. */
SEC("?lsm/file_ioctl_compat")
int BPF_PROG(guard_ioctl_compat, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	return judge(file, ret);
}

/* read() and write(). */
SEC("lsm/file_permission")
int BPF_PROG(guard_permission, struct file *file, int mask, int ret)
{
	return judge(file, ret);
}

char LICENSE[] SEC("license") = "GPL";
