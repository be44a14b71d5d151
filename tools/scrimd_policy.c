// SPDX-License-Identifier: GPL-2.0
/*
 * The policy in force is what was read when scrimd began, or what somebody who may has let it take
 * since.  What loosens has to be accepted, and what cannot be read or held changes nothing.
 */
#include "scrimd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/configfs.h"
#include "policy/load.h"

static int find_policy(const struct scrimd *d, const struct policies *all,
		       struct policy *policy, struct scrim_error *err)
{
	const struct policy *found = policies_find(all, d->camera);

	if (all->errors)
		return fail(err, -EINVAL, "%s", all->error[0]);
	if (!found)
		return fail(err, -ENOENT, "%s: there is no [camera %s]", d->policy_path, d->camera);
	if (!*found->device && !d->device)
		return fail(err, -EINVAL, "%s: [camera %s] has no device", d->policy_path, d->camera);
	*policy = *found;
	/* A password is for the camera that it stands beside, and so is a certificate. */
	if (d->device && *found->device && strcmp(found->device, d->device))
		*policy->credentials = *policy->tls_ca = '\0';
	return d->device ? policy_set(policy, "device", d->device, err) : 0;
}

/* With an error anywhere in the folder there is no policy: cameras share [defaults]. */
static int load_policy(const struct scrimd *d, struct policy *policy, struct scrim_error *err)
{
	struct policies *all = NULL;
	int ret = policies_load(&all, d->policy_path, err);

	if (ret >= 0)
		ret = find_policy(d, all, policy, err);
	free(all);
	return ret;
}

/*
 * Locked regions are an administrator's: others can only see that they are there.
 * Where nobody is shown anything, the kernel has nothing to hold.
 */
static int hold(const struct scrimd *d, const struct policy *policy, struct scrim_error *err)
{
	if (d->shares && policy_names_units(policy)) {
		struct scrim_error why;

		if (unit_can_look(&why) < 0)
			return fail(err, why.code, "[camera %s] has units as its readers, and %s",
				    policy->camera, why.text);
	}
	if (!has_kernel(d))
		return 0;
	if (*policy->readers)
		return fail(err, -ENOTSUP, "[camera %s] has readers, and who opens a camera of the "
			    "driver cannot be told apart: leave them out, or run --feed share",
			    policy->camera);
	return geteuid() ? configfs_check(policy, err) : live_hold(policy, err);
}

static void lift(const struct scrimd *d, const struct policy *policy)
{
	if (geteuid() == 0 && has_kernel(d))
		configfs_lift(policy);
}

int policy_set_up(struct scrimd *d, struct scrim_error *err)
{
	int ret = load_policy(d, &d->policy, err);

	if (ret >= 0)
		ret = hold(d, &d->policy, err);
	if (ret < 0)
		return ret;
	lift(d, &d->policy);
	/* Without it the camera is black, and whoever wants to see it is told why. */
	sealed_take(&d->sealed, &d->policy, NULL);
	return 0;
}

int policy_seal(struct scrimd *d, struct scrim_error *err)
{
	static struct comparison changes;
	const struct event event = { EVENT_APPLY, NOBODY, false, &changes };
	int ret;

	if (d->sealed.taken)
		return 0;
	ret = sealed_take(&d->sealed, &d->policy, err);
	if (ret < 0)
		return ret;
	comparison_clear(&changes);
	policy_compare_sealed(&changes, &d->policy, &d->policy, "", d->sealed.sha256);
	journal(d, &event);
	return 0;
}

/* Under a scrimd that runs, what its policy locks stays: that one decides. */
int policy_prepare(const struct scrimd *d, struct scrim_error *err)
{
	const struct control_request request = { CONTROL_VERSION, CONTROL_STATUS, 0, { 0 } };
	static struct control_reply reply;
	struct policy policy;
	char path[128];
	int ret = load_policy(d, &policy, err);

	if (ret >= 0)
		ret = hold(d, &policy, err);
	if (ret >= 0)
		ret = control_place(d, path, sizeof(path), err);
	if (ret < 0)
		return ret;
	ret = control_ask(path, &request, &reply, 1000, NULL);
	if (ret == -ENOENT || ret == -ECONNREFUSED)
		lift(d, &policy);
	return 0;
}

int policy_look(const struct scrimd *d, struct policy *policy, struct sealed *sealed,
		struct comparison *changes, struct scrim_error *err)
{
	int ret;

	comparison_clear(changes);
	ret = load_policy(d, policy, err);
	if (ret >= 0)
		ret = sealed_take(sealed, policy, err);
	if (ret < 0)
		return ret;
	policy_compare(changes, &d->policy, policy);
	if (d->sealed.taken)
		policy_compare_sealed(changes, &d->policy, policy, d->sealed.sha256,
				      sealed->sha256);
	return 0;
}

/* Whether programs that this daemon gives pictures to are this user's, and may be who asks. */
static bool is_of(const struct scrimd *d, uid_t by)
{
	return d->session || (d->share && by && by == geteuid());
}

static int loosens(struct scrimd *d, uid_t by, const struct comparison *changes,
		   struct scrim_error *err)
{
	const struct event event = { EVENT_REFUSED, by, false, changes };

	journal(d, &event);
	if (is_of(d, by))
		return fail(err, -EPERM, "the new policy loosens, and the program that runs under the "
			    "old one could have asked for that: start it again");
	return fail(err, -EPERM, "the new policy loosens; if that is meant: "
		    "scrim policy apply --accept %s", d->camera);
}

int policy_apply(struct scrimd *d, uid_t by, bool accept, struct comparison *changes,
		 struct scrim_error *err)
{
	const struct event event = { EVENT_APPLY, by, false, changes };
	struct sealed sealed = SEALED_NONE;
	struct policy policy;
	int ret = policy_look(d, &policy, &sealed, changes, err);

	if (ret >= 0 && changes->verdict == VERDICT_LOOSENS && (!accept || is_of(d, by)))
		ret = loosens(d, by, changes, err);
	if (ret >= 0)
		ret = hold(d, &policy, err);
	if (ret < 0)
		goto out;
	if (!changes->count && !memcmp(&policy, &d->policy, sizeof(policy))) {
		say(d, "the policy is as it was");
		lift(d, &policy);
		goto out;
	}
	worker_stop(d, "another policy");
	d->policy = policy;
	sealed_free(&d->sealed);
	d->sealed = sealed;
	sealed = (struct sealed)SEALED_NONE;
	session_policy(d);
	d->again = d->wait = 0;
	/* Without a worker there may have been nothing to cut; then this does nothing. */
	ret = feed_cut(&d->feed, err);
	lift(d, &policy);
	journal(d, &event);
out:
	sealed_free(&sealed);
	return ret;
}
