/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scrimd, by subject: what it knows (here), the worker (scrimd_worker.c), the policy
 * (scrimd_policy.c), those who ask (scrimd_control.c), who is seen (scrimd_notice.c), what is
 * written down (scrimd_journal.c).
 */
#ifndef TOOLS_SCRIMD_H
#define TOOLS_SCRIMD_H

#include "control_server.h"
#include "live.h"
#include "policy/compare.h"
#include "scrimd_log.h"
#include "session/serve.h"
#include "session/share.h"

struct scrimd {
	const char *camera, *policy_path, *run_folder;
	const char *device;		/* in place of the policy's; NULL: that */
	bool prepare;
	bool to_nobody;			/* --feed null */
	int runner;			/* --feed session: who gets the session; -1: nobody */
	struct session *session;
	bool shares;			/* --feed share */
	struct share *share;
	bool denied;			/* the policy no longer names the session's user */
	bool notice;			/* who is seen is told, and the log says so */

	struct policy policy, now;	/* what was read, and its part for this hour */
	uint64_t regions;		/* that part, a bit for each */
	int64_t minute_of;		/* minutes since 1970 for which ->minute is; 0: none */
	int minute;			/* of the day, in local time; -1: not known */
	struct feed feed;
	unsigned readers;
	struct live live;
	struct finder finder;		/* while it is looked for, and what is known of it */
	bool probes;			/* it is looked for, whether somebody watches or not */
	int watch;			/* readable when the worker has ended; -1: none runs */
	int signals;
	struct control_server control;
	struct camera_log log;

	struct live_counts total;	/* of workers that have ended */
	unsigned restarts;
	int64_t up;			/* ms: when this program began */
	int64_t began, again;		/* ms: when the worker began, and when to try again */
	unsigned wait;			/* ms, before that */
	int64_t moved;			/* ms: when `shown` last grew */
	uint64_t shown;
	int64_t doubted;		/* ms: when `whole` last grew */
	uint64_t whole;
	char why[SCRIM_TEXT_MAX];	/* the last reason for black; empty: it shows */
};

/* There is a scrim camera, for which the kernel holds locked regions. */
static inline bool has_kernel(const struct scrimd *d)
{
	return !d->to_nobody && d->runner < 0 && !d->shares;
}

/* Milliseconds of a clock that only grows. */
int64_t now_ms(void);
/* "scrimd: porch: TEXT" on standard error. */
void say(const struct scrimd *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The worker */

bool wanted(const struct scrimd *d);
/* Gives the feed the format that the camera would send: now, or when it is found. */
void worker_probe(struct scrimd *d);
void worker_start(struct scrimd *d);
/* Readers get black from here on; why is NULL when the worker ended by itself. */
void worker_stop(struct scrimd *d, const char *why);
/* The same when nobody watches; a look that was begun before somebody did goes on. */
void worker_rest(struct scrimd *d);
/* What programs set at the scrim camera is set at the real one, where the policy allows it. */
void worker_pass_controls(struct scrimd *d);
/* One that stands still would stand still for ever, and one of another hour shows too much. */
void worker_look_after(struct scrimd *d);
/* What there is to wait for: its end, or that it was found; -1: nothing. */
int worker_watch(const struct scrimd *d);
/* Something of that has happened. */
void worker_turn(struct scrimd *d);
/* Milliseconds until there is something to do without being told; -1: never. */
int worker_patience(const struct scrimd *d);
/* "2 watching", or that there is nobody. */
const char *watching(const struct scrimd *d, char text[32]);
void count_all(const struct scrimd *d, struct live_counts *all);
/* How it fares, for the service manager. */
void tell(const struct scrimd *d);

/* The notice */

/* Whoever is seen from here on is told.  Negative: that cannot be written down; show nothing. */
int notice_begin(struct scrimd *d, struct scrim_error *err);
/* The same for a worker that is about to start; ctx is the struct scrimd. */
int notice_before_pictures(void *ctx, struct scrim_error *err);
/* Nobody is seen any more, for now. */
void notice_end(struct scrimd *d);

/* The policy */

#define NOBODY	((uid_t)-1)		/* a signal says not whose it is */

int policy_set_up(struct scrimd *d, struct scrim_error *err);
/* Makes the camera in the kernel with the regions that the policy locks, and ends. */
int policy_prepare(const struct scrimd *d, struct scrim_error *err);
/*
 * Reads the policy again and says what it changes.  -EPERM: it loosens, and that was not
 * accepted.  When this returns 0, nothing of the old policy is delivered any more; on an error
 * the old policy stays.
 */
int policy_apply(struct scrimd *d, uid_t by, bool accept, struct comparison *changes,
		 struct scrim_error *err);
/* The same, and nothing is done. */
int policy_look(const struct scrimd *d, struct policy *policy, struct comparison *changes,
		struct scrim_error *err);

/* The session of an application, and those of several */

#define SESSION_POLLS	(SHARE_POLLS > SESSION_FDS + 1 ? SHARE_POLLS : SESSION_FDS + 1)
int session_set_up(struct scrimd *d, struct scrim_error *err);
/* How many there are; patience is shortened. */
unsigned session_polls(const struct scrimd *d, struct pollfd polls[SESSION_POLLS], int *patience);
/* 1: the application has ended. */
int session_turn(struct scrimd *d, const struct pollfd polls[SESSION_POLLS],
		 struct scrim_error *err);
/* One more application, of this peer: what it gets with the reply.  -EACCES: the policy says no. */
int session_give(struct scrimd *d, const struct control_peer *to, struct control_session *session,
		 struct control_gift *gift, struct scrim_error *err);
/* There is another policy: whom it does not name gets nothing further. */
void session_policy(struct scrimd *d);

/* Those who ask */

/* The socket's path; as root, its folder is made first, for the user who feeds. */
int control_place(const struct scrimd *d, char *path, size_t size, struct scrim_error *err);
int control_set_up(struct scrimd *d, struct scrim_error *err);
control_answer scrimd_answer;		/* ctx is the struct scrimd */

/* What is written down */

enum event_kind {
	EVENT_START,
	EVENT_STOP,
	EVENT_APPLY,			/* another policy is in force */
	EVENT_REFUSED,			/* one is not: it loosens */
	EVENT_SHUTTER,
};

struct event {
	enum event_kind kind;
	uid_t by;			/* who asked, or NOBODY */
	bool shut;			/* EVENT_SHUTTER: how it is now */
	const struct comparison *changes;	/* EVENT_APPLY and EVENT_REFUSED; else NULL */
};

/* The one place where it is said who changed what. */
void journal(struct scrimd *d, const struct event *event);

#endif
