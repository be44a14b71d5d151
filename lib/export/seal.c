// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/seal.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "digest.h"

/* The form of a file for one recipient, age-encryption.org/v1. */
#define HEAD		"age-encryption.org/v1\n-> X25519 "
#define HEAD_MAX	1024
#define NONCE		16
#define CHUNK		65536u
#define TAG		16
#define MARK		64		/* bytes that are looked for */

/* The program that encrypts: it reads one pipe and writes one file. */

/*
 * It starts threads, which no table of ours has.  So it is said what it may not: talk to anybody,
 * look at others, or go around this.
 */
static const int forbidden[] = {
	SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(sendto),
	SCMP_SYS(sendmsg), SCMP_SYS(io_uring_setup), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(pidfd_getfd), SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open), SCMP_SYS(mount), SCMP_SYS(unshare),
	SCMP_SYS(setns), SCMP_SYS(keyctl), SCMP_SYS(add_key),
};

static int forbid_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int ret = filter ? 0 : -ENOMEM;

	if (ret >= 0)
		ret = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (unsigned i = 0; ret >= 0 && i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		ret = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, forbidden[i], 0);
	if (ret >= 0)
		ret = seccomp_load(filter);
	seccomp_release(filter);
	return ret;
}

/* Programs and their libraries may be read, and nothing else be opened. */
static int allow_programs(int ruleset)
{
	static const char *const at[] = { "/usr", "/lib", "/lib64", "/etc/ld.so.cache" };

	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct landlock_path_beneath_attr rule = {
			.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE,
			.parent_fd = open(at[i], O_PATH | O_CLOEXEC),
		};
		int ret;

		if (rule.parent_fd < 0)
			continue;	/* not every Debian has all of them */
		ret = syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule,
			      0);
		close(rule.parent_fd);
		if (ret < 0)
			return -errno;
	}
	return 0;
}

/* A kernel without Landlock leaves it what it may open as this user; it has no way out with it. */
static int forbid_files(void)
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,	/* version 1 */
	};
	int ruleset, ret;

	if (syscall(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
		return 0;
	ruleset = syscall(__NR_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return -errno;
	ret = allow_programs(ruleset);
	if (ret >= 0 && syscall(__NR_landlock_restrict_self, ruleset, 0) < 0)
		ret = -errno;
	close(ruleset);
	return ret;
}

/* In the child, which has one way out. */
static void become_age(int in, int out, int said, int parent, const char *recipient)
{
	char *const words[] = { "age", "--encrypt", "--recipient", (char *)recipient, NULL };
	char *const none[] = { NULL };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent ||
	    dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(said, 2) < 0 ||
	    syscall(__NR_close_range, 3, ~0u, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(126);
	signal(SIGINT, SIG_IGN);	/* the parent decides, and kills */
	signal(SIGPIPE, SIG_DFL);
	if (forbid_files() < 0 || forbid_calls() < 0)
		_exit(126);
	execve(AGE_PROGRAM, words, none);
	_exit(127);
}

struct age {
	int pid;			/* 0: none */
	int in;				/* to write to; -1: closed */
	int said;			/* what it complains of */
};

static int age_start(struct age *age, const char *recipient, int out, struct scrim_error *err)
{
	int ends[2], parent = getpid();

	*age = (struct age){ .in = -1, .said = memfd_create("said", MFD_CLOEXEC) };
	if (age->said < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return fail(err, -errno, "cannot start age: %s", strerror(errno));
	age->pid = fork();
	if (!age->pid)
		become_age(ends[0], out, age->said, parent, recipient);
	close(ends[0]);
	age->in = ends[1];
	if (age->pid >= 0)
		return 0;
	age->pid = 0;
	return fail(err, -EAGAIN, "cannot start age: %s", strerror(errno));
}

static void close_in(struct age *age)
{
	if (age->in >= 0)
		close(age->in);
	age->in = -1;
}

static int complain_of(const struct age *age, int status, struct scrim_error *err)
{
	char said[160] = "";
	ssize_t got = pread(age->said, said, sizeof(said) - 1, 0);

	said[got > 0 ? got : 0] = '\0';
	said[strcspn(said, "\n")] = '\0';
	if (WIFSIGNALED(status))
		return fail(err, -EIO, "cannot encrypt: age was killed by signal %d",
			    WTERMSIG(status));
	if (WEXITSTATUS(status) == 127)
		return fail(err, -ENOENT,
			    "cannot encrypt: there is no " AGE_PROGRAM "; apt install age");
	return fail(err, -EIO, "cannot encrypt: %s", *said ? said : "age failed");
}

/* Waits for it. */
static int age_finish(struct age *age, struct scrim_error *err)
{
	int status = 0, pid;

	close_in(age);
	do
		pid = waitpid(age->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	age->pid = 0;
	return status ? complain_of(age, status, err) : 0;
}

static void age_stop(struct age *age)
{
	close_in(age);
	if (age->pid > 0) {
		kill(age->pid, SIGKILL);
		while (waitpid(age->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (age->said >= 0)
		close(age->said);
	*age = (struct age){ .in = -1, .said = -1 };
}

/* What came out */

static uint64_t body_of(uint64_t plain)
{
	uint64_t chunks = plain ? (plain + CHUNK - 1) / CHUNK : 1;

	return NONCE + plain + chunks * TAG;
}

/* With nothing but calls that a cage has. */
static ssize_t read_at(int fd, uint64_t at, void *data, size_t size)
{
	size_t done = 0;
	ssize_t got = 1;

	if (lseek(fd, at, SEEK_SET) < 0)
		return -1;
	while (done < size && got > 0) {
		got = read(fd, (char *)data + done, size - done);
		done += got > 0 ? got : 0;
	}
	return got < 0 ? -1 : (ssize_t)done;
}

struct form {
	uint64_t head, bytes;		/* of the head, and of the whole file */
};

static int read_form(struct form *form, int fd, const char *name, struct scrim_error *err)
{
	char head[HEAD_MAX + 1];
	ssize_t got = read_at(fd, 0, head, HEAD_MAX);
	const char *end;
	struct stat st;

	if (got < 0 || fstat(fd, &st) < 0)
		return fail(err, -errno, "cannot read %s: %s", name, strerror(errno));
	head[got] = '\0';
	if (strncmp(head, HEAD, strlen(HEAD)))
		return fail(err, -EIO, "%s is not encrypted as age does", name);
	end = strstr(head, "\n--- ");
	if (!end || strstr(head + strlen(HEAD), "\n-> ") || !strchr(end + 1, '\n'))
		return fail(err, -EIO, "%s is not for one recipient", name);
	form->head = strchr(end + 1, '\n') + 1 - head;
	form->bytes = st.st_size;
	return 0;
}

/*
 * One recipient, and after the head exactly as many bytes as encryption makes of those that went
 * in: a program that only copies, or adds another recipient, does not get by.
 */
static int check_form(int out, uint64_t plain, uint64_t *bytes, struct scrim_error *err)
{
	struct form form;
	int ret = read_form(&form, out, "what came out of age", err);

	if (ret < 0)
		return ret;
	*bytes = form.bytes;
	if (form.bytes != form.head + body_of(plain))
		return fail(err, -EIO, "what came out of age is not as long as what is encrypted");
	return 0;
}

int seal_folder(struct sealed *sealed, const struct packing *packing, const char *recipient,
		int out, const volatile int *stop, struct scrim_error *err)
{
	struct age age;
	struct scrim_error why;
	int ret = age_start(&age, recipient, out, err), done;

	memset(sealed, 0, sizeof(*sealed));
	if (ret >= 0)
		ret = tar_write(&sealed->plain, age.in, packing, stop, err);
	if (ret >= 0 || ret == -EPIPE) {
		done = age_finish(&age, &why);	/* who hung up says why */
		if (done < 0)
			ret = fail(err, done, "%s", why.text);
	}
	age_stop(&age);
	if (ret >= 0)
		ret = check_form(out, sealed->plain, &sealed->bytes, err);
	if (ret >= 0)
		ret = digest_fd(sealed->sha256, NULL, out, "the bundle", err);
	if (ret >= 0 && fsync(out) < 0)
		ret = fail(err, -errno, "cannot write the bundle: %s", strerror(errno));
	return ret;
}

/* Measuring */

static int put_mark(struct age *age, const uint8_t mark[MARK], struct scrim_error *err)
{
	return write(age->in, mark, MARK) == MARK ? 0 :
	       fail(err, -EIO, "cannot encrypt: age does not read");
}

int seal_measure(const char *recipient, struct scrim_error *err)
{
	uint8_t mark[MARK], text[HEAD_MAX + NONCE + MARK + TAG];
	int out = memfd_create("measured", MFD_CLOEXEC), ret;
	struct age age;
	uint64_t bytes;
	ssize_t got;

	if (out < 0)
		return fail(err, -errno, "cannot measure encryption: %s", strerror(errno));
	randombytes_buf(mark, sizeof(mark));
	ret = age_start(&age, recipient, out, err);
	if (ret >= 0) {
		int put = put_mark(&age, mark, err);

		ret = age_finish(&age, err);
		ret = ret < 0 ? ret : put;
	}
	age_stop(&age);
	if (ret >= 0)
		ret = check_form(out, MARK, &bytes, err);
	got = pread(out, text, sizeof(text), 0);
	close(out);
	if (ret >= 0 && (got < 0 || memmem(text, got, mark, MARK)))
		ret = fail(err, -EIO, "what comes out of age is what went in");
	return ret;
}

/* Looking */

#define TAR_BLOCK	512
#define SAMPLE		65536u
#define SAMPLE_MIN	4096u		/* fewer bytes say nothing of how often each comes */

/* Whether a tar file can have become a body of this length. */
static bool length_is_sealed(uint64_t body)
{
	uint64_t chunks, plain;

	if (body <= NONCE + TAG)
		return false;
	chunks = (body - NONCE + CHUNK + TAG - 1) / (CHUNK + TAG);
	plain = body - NONCE - chunks * TAG;
	return plain % TAR_BLOCK == 0 && body_of(plain) == body;
}

/*
 * Pearson's chi-squared of how often each byte comes: of what is encrypted it is 255 with a
 * standard deviation of 23, of text, tables and zeros thousands.
 */
static bool looks_random(const uint8_t *data, size_t size)
{
	uint64_t times[256] = { 0 }, squares = 0;

	for (size_t i = 0; i < size; i++)
		times[data[i]]++;
	for (unsigned i = 0; i < 256; i++)
		squares += times[i] * times[i];
	return size < SAMPLE_MIN || squares * 256 / size - size < 512;
}

static int sample(int fd, uint64_t at, const char *name, struct scrim_error *err)
{
	uint8_t *data = malloc(SAMPLE);
	ssize_t got = data ? read_at(fd, at, data, SAMPLE) : -1;
	int ret = 0;

	if (got < 0)
		ret = fail(err, data ? -errno : -ENOMEM, "cannot read %s", name);
	else if (!looks_random(data, got))
		ret = fail(err, -EIO, "%s has bytes in it that are not encrypted", name);
	free(data);
	return ret;
}

int seal_look(int fd, const char *name, uint64_t *bytes, struct scrim_error *err)
{
	struct form form;
	uint64_t body;
	int ret = read_form(&form, fd, name, err);

	if (ret < 0)
		return ret;
	*bytes = form.bytes;
	body = form.bytes - form.head;
	if (!length_is_sealed(body))
		return fail(err, -EIO, "%s is not as long as what is encrypted", name);
	ret = sample(fd, form.head, name, err);
	if (ret >= 0 && body > SAMPLE)
		ret = sample(fd, form.bytes - SAMPLE, name, err);
	if (ret >= 0 && body > 2 * SAMPLE)
		ret = sample(fd, form.head + (body - SAMPLE) / 2, name, err);
	return ret;
}
