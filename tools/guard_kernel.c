// SPDX-License-Identifier: GPL-2.0
#include "guard.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peek.h"

#ifndef GUARD_MISSING

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "guard.skel.h"

#define NODES_PIN	GUARD_PINS "/nodes"
#define FEEDER_PIN	GUARD_PINS "/feeder"
#define OPEN_PIN	GUARD_PINS "/open"

/* A link that is pinned outlives us; without a pin its program is detached when we end. */
static const char *const links[] = {
	OPEN_PIN, GUARD_PINS "/receive", GUARD_PINS "/mmap", GUARD_PINS "/ioctl",
	GUARD_PINS "/ioctl_compat", GUARD_PINS "/permission",
};

int guard_can(struct scrim_error *err)
{
	char lsm[256], padded[260];

	if (peek_text(lsm, sizeof(lsm), "", "/sys/kernel/security/lsm") <= 0)
		return fail(err, -ENOTSUP, "/sys/kernel/security/lsm cannot be read: "
			    "mount -t securityfs none /sys/kernel/security");
	snprintf(padded, sizeof(padded), ",%s,", lsm);
	if (!strstr(padded, ",bpf,"))
		return fail(err, -ENOTSUP, "the kernel does not ask BPF programs: boot it with "
			    "lsm=%s,bpf", lsm);
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0)
		return fail(err, -ENOTSUP, "the kernel does not describe its types (BTF)");
	return 0;
}

bool guard_is_on(void)
{
	return access(OPEN_PIN, F_OK) == 0;
}

/* Hooks differ by kernel; whether this one has another for 32-bit programs its types say. */
static void choose_hooks(struct guard *guard)
{
	struct btf *types = btf__load_vmlinux_btf();
	bool compat = types && btf__find_by_name_kind(types, "bpf_lsm_file_ioctl_compat",
						      BTF_KIND_FUNC) > 0;

	bpf_program__set_autoload(guard->progs.guard_ioctl_compat, compat);
	btf__free(types);
}

static int fill(int nodes, int feeder, const struct guarded *guarded, struct scrim_error *err)
{
	__u32 first = 0;
	__u8 yes = 1;
	int ret = bpf_map_update_elem(feeder, &first, &guarded->feeder, BPF_ANY);

	for (unsigned i = 0; !ret && i < guarded->count; i++)
		ret = bpf_map_update_elem(nodes, &guarded->device[i], &yes, BPF_ANY);
	return ret ? fail(err, -errno, "the kernel does not take what to guard: %s",
			  strerror(errno)) : 0;
}

static int pin_link(struct bpf_link *link, const char *path)
{
	return link ? bpf_link__pin(link, path) : 0;
}

static int pin_all(struct guard *guard, struct scrim_error *err)
{
	struct bpf_link *const made[] = {
		guard->links.guard_open, guard->links.guard_receive, guard->links.guard_mmap,
		guard->links.guard_ioctl, guard->links.guard_ioctl_compat,
		guard->links.guard_permission,
	};
	int ret = mkdir(GUARD_PINS, 0700) < 0 && errno != EEXIST ? -errno : 0;

	if (!ret)
		ret = bpf_map__pin(guard->maps.nodes, NODES_PIN);
	if (!ret)
		ret = bpf_map__pin(guard->maps.feeder, FEEDER_PIN);
	for (unsigned i = 0; !ret && i < sizeof(links) / sizeof(links[0]); i++)
		ret = pin_link(made[i], links[i]);
	return ret ? fail(err, ret, "cannot keep the guard in " GUARD_PINS ": %s; is a bpf file "
			  "system mounted at /sys/fs/bpf?", strerror(-ret)) : 0;
}

static int load(struct guard *guard, const struct guarded *guarded, struct scrim_error *err)
{
	int ret;

	choose_hooks(guard);
	ret = guard__load(guard);
	if (ret)
		return fail(err, ret, "the kernel does not take the guard: %s", strerror(-ret));
	ret = fill(bpf_map__fd(guard->maps.nodes), bpf_map__fd(guard->maps.feeder), guarded, err);
	if (ret < 0)
		return ret;
	ret = guard__attach(guard);
	return ret ? fail(err, ret, "the kernel does not ask the guard: %s", strerror(-ret)) : 0;
}

int guard_start(const struct guarded *guarded, struct scrim_error *err)
{
	struct guard *guard;
	int ret;

	libbpf_set_print(NULL);
	guard = guard__open();
	if (!guard)
		return fail(err, -ENOMEM, "cannot read the guard: %s", strerror(errno));
	ret = load(guard, guarded, err);
	if (ret >= 0)
		ret = pin_all(guard, err);
	guard__destroy(guard);
	if (ret < 0)
		guard_stop(NULL);
	return ret;
}

static int get_map(const char *path, struct scrim_error *err)
{
	int fd = bpf_obj_get(path);

	return fd < 0 ? fail(err, -errno, "cannot open %s: %s", path, strerror(errno)) : fd;
}

static void list(struct guarded *guarded, int nodes)
{
	const __u32 *before = NULL;

	guarded->count = 0;
	while (guarded->count < GUARD_NODES_MAX &&
	       !bpf_map_get_next_key(nodes, before, &guarded->device[guarded->count]))
		before = &guarded->device[guarded->count++];
}

int guard_get(struct guarded *guarded, struct scrim_error *err)
{
	int nodes = get_map(NODES_PIN, err), feeder = -1, ret = nodes;
	__u32 first = 0;

	if (ret >= 0)
		ret = feeder = get_map(FEEDER_PIN, err);
	if (ret >= 0 && bpf_map_lookup_elem(feeder, &first, &guarded->feeder) < 0)
		ret = fail(err, -errno, "cannot read " FEEDER_PIN ": %s", strerror(errno));
	if (ret >= 0)
		list(guarded, nodes);
	if (nodes >= 0)
		close(nodes);
	if (feeder >= 0)
		close(feeder);
	return ret;
}

static bool has(const struct guarded *guarded, __u32 device)
{
	for (unsigned i = 0; i < guarded->count; i++)
		if (guarded->device[i] == device)
			return true;
	return false;
}

/* New ones first: what is guarded in both stays guarded all the time. */
int guard_set(const struct guarded *guarded, struct scrim_error *err)
{
	struct guarded old;
	int nodes = -1, feeder = -1, ret = guard_get(&old, err);

	if (ret >= 0)
		ret = nodes = get_map(NODES_PIN, err);
	if (ret >= 0)
		ret = feeder = get_map(FEEDER_PIN, err);
	if (ret >= 0)
		ret = fill(nodes, feeder, guarded, err);
	for (unsigned i = 0; ret >= 0 && i < old.count; i++)
		if (!has(guarded, old.device[i]))
			bpf_map_delete_elem(nodes, &old.device[i]);
	if (nodes >= 0)
		close(nodes);
	if (feeder >= 0)
		close(feeder);
	return ret;
}

int guard_stop(struct scrim_error *err)
{
	int ret = 0;

	for (unsigned i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (unlink(links[i]) < 0 && errno != ENOENT)
			ret = fail(err, -errno, "cannot remove %s: %s", links[i], strerror(errno));
	if (ret < 0)
		return ret;
	unlink(NODES_PIN);
	unlink(FEEDER_PIN);
	rmdir(GUARD_PINS);
	return 0;
}

#else

int guard_can(struct scrim_error *err)
{
	return fail(err, -ENOTSUP, "scrim was built without the guard: " GUARD_MISSING);
}

bool guard_is_on(void)
{
	return access(GUARD_PINS, F_OK) == 0;
}

int guard_start(const struct guarded *guarded, struct scrim_error *err)
{
	return guard_can(err);
}

int guard_set(const struct guarded *guarded, struct scrim_error *err)
{
	return guard_can(err);
}

int guard_get(struct guarded *guarded, struct scrim_error *err)
{
	return guard_can(err);
}

int guard_stop(struct scrim_error *err)
{
	return guard_can(err);
}

#endif
