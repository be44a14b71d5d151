/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scrim doctor: what each check found, and what to type where it is wrong.  All is
 * measured below a root folder, so that an image can be looked at as well as a machine.
 */
#ifndef TOOLS_DOCTOR_H
#define TOOLS_DOCTOR_H

#include <sys/types.h>

#include "nodes.h"
#include "peek.h"
#include "policy/policy.h"

enum finding {
	FINDING_OK,
	FINDING_PROBLEM,
	FINDING_UNKNOWN,		/* it could not be measured here, and why */
};

#define FINDINGS_MAX	256

struct doctor {
	const char *root;		/* "": this machine */
	const char *policy;		/* file or folder, below root */

	bool loaded;			/* the driver is */
	uid_t scrim;			/* the user; NO_USER: there is none */
	gid_t group;			/* scrim; NO_GROUP: there is none */
	struct nodes nodes;

	unsigned count, problems;
	struct {
		enum finding finding;
		const char *check;	/* "module" */
		char text[SCRIM_TEXT_MAX];
		char todo[SCRIM_TEXT_MAX];	/* what to type; empty: nothing */
	} at[FINDINGS_MAX];
};

#define NO_USER		((uid_t)-1)
#define NO_GROUP	((gid_t)-1)

void doctor_ok(struct doctor *doctor, const char *check, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void doctor_unknown(struct doctor *doctor, const char *check, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The next doctor_todo() says what to do about it. */
void doctor_problem(struct doctor *doctor, const char *check, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void doctor_todo(struct doctor *doctor, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Something of that name is there. */
bool doctor_there(const struct doctor *doctor, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool doctor_is_this_machine(const struct doctor *doctor);

/* In this order: later ones use what earlier ones found. */
void doctor_kernel(struct doctor *doctor);
void doctor_nodes(struct doctor *doctor);
void doctor_holders(struct doctor *doctor);
void doctor_session(struct doctor *doctor);
void doctor_policy(struct doctor *doctor);

/* The process of a name whose arguments end with that word; 0: there is none. */
pid_t doctor_runs(const struct doctor *doctor, const char *program, const char *word);

#endif
