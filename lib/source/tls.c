// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PRIORITY	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define HANDSHAKE_MAX	(64 << 10)	/* bytes of one message, certificates among them */

struct tls {
	struct link *link;
	gnutls_session_t session;
	gnutls_certificate_credentials_t trusted;
	struct scrim_error why;		/* what went wrong on the link; code 0: nothing */
};

/* Not time(): the cage has a line for this, where the kernel lends no page. */
static time_t now(time_t *at)
{
	struct timespec is = { 0 };

	clock_gettime(CLOCK_REALTIME, &is);
	if (at)
		*at = is.tv_sec;
	return is.tv_sec;
}

static ssize_t pull(gnutls_transport_ptr_t at, void *bytes, size_t size)
{
	struct tls *tls = at;
	ssize_t got = link_raw(tls->link, bytes, size, &tls->why);

	if (got >= 0)
		return got;
	gnutls_transport_set_errno(tls->session, got == -EAGAIN ? EAGAIN : EIO);
	return -1;
}

static ssize_t push(gnutls_transport_ptr_t at, const void *bytes, size_t size)
{
	struct tls *tls = at;
	ssize_t put = write(tls->link->fd, bytes, size);

	if (put < 0)
		gnutls_transport_set_errno(tls->session, errno);
	return put;
}

static int broken(const struct tls *tls, int ret, struct scrim_error *err)
{
	if (tls->why.code)
		return fail(err, tls->why.code, "%s", tls->why.text);
	if (ret == GNUTLS_E_PREMATURE_TERMINATION)
		return fail(err, -EPIPE, "the camera closed the connection");
	if (ret == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return fail(err, -EBADMSG, "the camera refuses TLS: %s",
			    gnutls_alert_get_name(gnutls_alert_get(tls->session)));
	return fail(err, -EBADMSG, "no TLS with the camera: %s", gnutls_strerror(ret));
}

/* What is no reason to end. */
static bool goes_on(struct tls *tls, int ret)
{
	/* TLS 1.2 may ask for new keys; we stay with those that we have. */
	if (ret == GNUTLS_E_REHANDSHAKE)
		ret = gnutls_alert_send(tls->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
	return ret == GNUTLS_E_SUCCESS || ret == GNUTLS_E_WARNING_ALERT_RECEIVED ||
	       ret == GNUTLS_E_INTERRUPTED;
}

ssize_t tls_read(struct tls *tls, void *bytes, size_t size, struct scrim_error *err)
{
	ssize_t got;

	do
		got = gnutls_record_recv(tls->session, bytes, size);
	while (got < 0 && got != GNUTLS_E_AGAIN && goes_on(tls, got));
	if (got == GNUTLS_E_AGAIN)
		return -EAGAIN;
	return got < 0 ? broken(tls, got, err) : got;
}

ssize_t tls_write(struct tls *tls, const void *bytes, size_t size)
{
	ssize_t put = gnutls_record_send(tls->session, bytes, size);

	if (put >= 0)
		return put;
	errno = put == GNUTLS_E_AGAIN ? EAGAIN : put == GNUTLS_E_INTERRUPTED ? EINTR : EIO;
	return -1;
}

static int shake_hands(struct tls *tls, struct scrim_error *err)
{
	int ret, waited = 0;

	do {
		ret = gnutls_handshake(tls->session);
		if (ret == GNUTLS_E_AGAIN)
			waited = link_wait(tls->link, err);
	} while (waited >= 0 && (ret == GNUTLS_E_AGAIN || (ret < 0 && goes_on(tls, ret))));
	return waited < 0 ? waited : ret < 0 ? broken(tls, ret, err) : 0;
}

static int distrust(unsigned status, struct scrim_error *err)
{
	static const struct {
		unsigned flag;
		const char *why;
	} reasons[] = {
		{ GNUTLS_CERT_EXPIRED,	"has expired" },
		{ GNUTLS_CERT_NOT_ACTIVATED, "is not valid yet" },
		{ GNUTLS_CERT_INSECURE_ALGORITHM, "is signed in a way that can be forged" },
		{ GNUTLS_CERT_SIGNER_NOT_FOUND, "is from nobody who is trusted; name the file with "
		  "its own, or its issuer's, as tls-ca" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (status & reasons[i].flag)
			return fail(err, -EACCES, "the camera's certificate %s", reasons[i].why);
	return fail(err, -EACCES, "the camera's certificate is not to be trusted (%#x)", status);
}

/* It is one of those in the policy's file. */
static bool is_own(gnutls_x509_crt_t it, const struct trust *trust)
{
	gnutls_datum_t pem = { (unsigned char *)trust->pem, trust->size };
	gnutls_x509_crt_t *all = NULL;
	unsigned count = 0;
	bool found = false;

	if (!trust->own || gnutls_x509_crt_list_import2(&all, &count, &pem, GNUTLS_X509_FMT_PEM, 0) < 0)
		return false;
	for (unsigned i = 0; i < count; i++) {
		found |= gnutls_x509_crt_equals(it, all[i]) != 0;
		gnutls_x509_crt_deinit(all[i]);
	}
	gnutls_free(all);
	return found;
}

static int check_name(const gnutls_datum_t *der, const char *host, const struct trust *trust,
		      struct scrim_error *err)
{
	gnutls_x509_crt_t it;
	int ret = gnutls_x509_crt_init(&it);

	if (ret < 0)
		return fail(err, -ENOMEM, "no memory for a certificate");
	if (gnutls_x509_crt_import(it, der, GNUTLS_X509_FMT_DER) < 0)
		ret = fail(err, -EBADMSG, "the camera's certificate is none");
	else if (!gnutls_x509_crt_check_hostname(it, host) && !is_own(it, trust))
		ret = fail(err, -EACCES, "the camera's certificate is not for %s; name the file with "
			   "it as tls-ca", host);
	gnutls_x509_crt_deinit(it);
	return ret;
}

static int check_camera(struct tls *tls, const char *host, const struct trust *trust,
			struct scrim_error *err)
{
	unsigned status = 0, count = 0;
	const gnutls_datum_t *shown = gnutls_certificate_get_peers(tls->session, &count);

	if (!shown || !count || gnutls_certificate_verify_peers2(tls->session, &status) < 0)
		return fail(err, -EACCES, "the camera has no certificate that can be checked");
	return status ? distrust(status, err) : check_name(&shown[0], host, trust, err);
}

/* Addresses are no names, RFC 6066, 3. */
static bool is_name(const char *host)
{
	return host[strspn(host, "0123456789.")] && !strchr(host, ':');
}

/* Negative: GnuTLS's number. */
static int set_up(struct tls *tls, const char *host, const struct trust *trust)
{
	const gnutls_datum_t pem = { (unsigned char *)trust->pem, trust->size };
	int ret = gnutls_init(&tls->session, GNUTLS_CLIENT);

	if (ret >= 0)
		ret = gnutls_certificate_allocate_credentials(&tls->trusted);
	if (ret >= 0)
		ret = gnutls_certificate_set_x509_trust_mem(tls->trusted, &pem, GNUTLS_X509_FMT_PEM);
	if (!ret)
		ret = GNUTLS_E_NO_CERTIFICATE_FOUND;
	if (ret >= 0)
		ret = gnutls_priority_set_direct(tls->session, PRIORITY, NULL);
	if (ret >= 0)
		ret = gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, tls->trusted);
	if (ret >= 0 && is_name(host))
		ret = gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, host, strlen(host));
	return ret;
}

int tls_begin(struct tls **tls, struct link *link, const char *host, const struct trust *trust,
	      struct scrim_error *err)
{
	struct tls *t = *tls = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return fail(err, -ENOMEM, "no memory for TLS");
	t->link = link;
	gnutls_global_set_time_function(now);
	ret = set_up(t, host, trust);
	if (ret < 0)
		ret = fail(err, -EINVAL, ret == GNUTLS_E_NO_CERTIFICATE_FOUND ?
			   "there is no certificate in the file of tls-ca" :
			   "no TLS to begin with: %s", gnutls_strerror(ret));
	if (ret < 0)
		goto out;
	gnutls_handshake_set_max_packet_length(t->session, HANDSHAKE_MAX);
	gnutls_transport_set_ptr(t->session, t);
	gnutls_transport_set_pull_function(t->session, pull);
	gnutls_transport_set_push_function(t->session, push);
	ret = shake_hands(t, err);
	if (ret >= 0)
		ret = check_camera(t, host, trust, err);
out:
	if (ret < 0)
		tls_free(tls);
	else
		link->tls = t;
	return ret;
}

void tls_free(struct tls **tls)
{
	struct tls *t = *tls;

	*tls = NULL;
	if (!t)
		return;
	gnutls_deinit(t->session);
	gnutls_certificate_free_credentials(t->trusted);
	free(t);
}
