// SPDX-License-Identifier: GPL-2.0
/*
 * Cameras in the network, as far as their words go: addresses, answers, descriptions and
 * passwords, and a server of a few lines at the other end of a pair of sockets.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/late.h"
#include "source/rtsp.h"

#define SECOND	INT64_C(1000000000)

static const struct {
	const char *text;
	int ret;
	const char *host, *port, *path, *shown;
} addresses[] = {
	{ "rtsp://porch/live", 0, "porch", "554", "/live", "rtsp://porch/live" },
	{ "rtsp://10.0.0.7:8554/a/b?c=1&d=2", 0, "10.0.0.7", "8554", "/a/b?c=1&d=2",
	  "rtsp://10.0.0.7:8554/a/b?..." },
	{ "http://[fe80::1]:81", 0, "fe80::1", "81", "/", "http://[fe80::1]:81" },
	{ "http://porch?x", 0, "porch", "80", "/?x", "http://porch?..." },
	{ "rtsp://me:secret@porch/live", -EINVAL, NULL, NULL, NULL, "rtsp://...@porch/live" },
	{ "rtsp://me:se/c?ret@porch/live?x", -EINVAL, NULL, NULL, NULL, "rtsp://...@porch/live?..." },
	{ "rtsps://porch/live", 0, "porch", "322", "/live", "rtsps://porch/live" },
	{ "https://porch:8443/live", 0, "porch", "8443", "/live", "https://porch:8443/live" },
	{ "https://me:secret@porch/", -EINVAL, NULL, NULL, NULL, "https://...@porch/" },
	{ "rtspt://porch/live", -ENOTSUP, NULL, NULL, NULL, "rtspt://porch/live" },
	{ "rtsp:///live", -EINVAL, NULL, NULL, NULL, "rtsp:///live" },
	{ "rtsp://porch:70000/", -EINVAL, NULL, NULL, NULL, "rtsp://porch:70000/" },
	{ "rtsp://[::1/", -EINVAL, NULL, NULL, NULL, "rtsp://[::1/" },
	{ "rtsp://porch/a b", -EINVAL, NULL, NULL, NULL, "rtsp://porch/a b" },
	{ "rtsp://porch/a\r\nX: y", -EINVAL, NULL, NULL, NULL, "rtsp://porch/a\r\nX: y" },
	{ "http://porch/user=me&password=se", 0, "porch", "80", "/user=me&password=se",
	  "http://porch/user=..." },
	{ "rtsp://porch/a;b", 0, "porch", "554", "/a;b", "rtsp://porch/a;..." },
	{ "rtsp:/me:secret@porch", -ENOTSUP, NULL, NULL, NULL, "rtsp:..." },
	{ "HTTP:me:secret@porch", -ENOTSUP, NULL, NULL, NULL, "HTTP:..." },
	{ "/dev/video0", -ENOTSUP, NULL, NULL, NULL, "/dev/video0" },
};

#define ADDRESSES	((int)(sizeof(addresses) / sizeof(addresses[0])))

START_TEST(an_address_is_taken_apart_and_has_no_user)
{
	struct scrim_error err;
	char shown[URL_TEXT_MAX];
	struct url url;

	ck_assert_int_eq(url_parse(&url, addresses[_i].text, &err), addresses[_i].ret);
	url_show(shown, sizeof(shown), addresses[_i].text);
	ck_assert_str_eq(shown, addresses[_i].shown);
	if (addresses[_i].ret) {
		ck_assert_ptr_null(strstr(err.text, "secret"));
		ck_assert_int_eq(!strchr(shown, '@'), !strstr(err.text, "0600"));
		return;
	}
	ck_assert_str_eq(url.host, addresses[_i].host);
	ck_assert_str_eq(url.port, addresses[_i].port);
	ck_assert_str_eq(url.path, addresses[_i].path);
}
END_TEST

START_TEST(an_address_that_is_too_long_is_refused)
{
	char text[2 * URL_TEXT_MAX] = "rtsp://porch/";
	struct url url;

	memset(text + strlen(text), 'x', URL_TEXT_MAX - 2);
	ck_assert_int_eq(url_parse(&url, text, NULL), 0);
	strcat(text, "x");
	ck_assert_int_eq(url_parse(&url, text, NULL), -EINVAL);
}
END_TEST

/* What a server says. */

static const struct {
	const char *line;
	int ret;
} lines[] = {
	{ "Content-Length: 12", 0 },
	{ "Content-Length: -1", -EBADMSG },
	{ "Content-Length: 99999999999999999999", -EBADMSG },
	{ "CSeq: x", -EBADMSG },
	{ "no header", -EBADMSG },
	{ "X-Unknown: -1", 0 },
	{ "Session: a;timeout=99999999999", -EBADMSG },
	{ "Transport: RTP/AVP/TCP;interleaved=256-257", -EBADMSG },
	{ "Transport: RTP/AVP/TCP;interleaved=-1", -EBADMSG },
	{ "Transport: RTP/AVP/UDP;client_port=1-2", 0 },
	{ "Content-Base: rtsp://h/a b", -EBADMSG },
};

START_TEST(a_line_of_an_answer_is_sound_or_refused)
{
	struct reply reply;
	char line[128];

	ck_assert_int_eq(reply_first(&reply, "RTSP/1.0 200 OK", NULL), 0);
	strcpy(line, lines[_i].line);
	ck_assert_int_eq(reply_line(&reply, line, NULL), lines[_i].ret);
}
END_TEST

START_TEST(an_answer_begins_with_its_status)
{
	static const char *const none[] = {
		"", "RTSP/1.0", "RTSP/1.0 OK", "RTSP/1.0 20", "RTSP/1.0 2000", "RTSP/1.0 099 x",
		"RTSP/1.0 -20 OK", "RTSP/2.0 200 OK", "SSH-2.0-x", "HTTP/2 200", "GET / HTTP/1.0",
	};
	struct reply reply;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(reply_first(&reply, none[i], NULL) == -EBADMSG, "%s", none[i]);
	ck_assert_int_eq(reply_first(&reply, "RTSP/1.0 404 Not Found", NULL), 0);
	ck_assert_uint_eq(reply.status, 404);
	ck_assert_int_eq(reply_first(&reply, "HTTP/1.1 200", NULL), 0);
	ck_assert_uint_eq(reply.status, 200);
	ck_assert_int_eq(reply_first(&reply, "ANNOUNCE rtsp://x RTSP/1.0", NULL), 0);
	ck_assert(reply.request);
}
END_TEST

static void hear(struct reply *reply, const char *const *said)
{
	char line[512];

	ck_assert_int_eq(reply_first(reply, "RTSP/1.0 401 Unauthorized", NULL), 0);
	for (; *said; said++) {
		strcpy(line, *said);
		ck_assert_int_eq(reply_line(reply, line, NULL), 0);
	}
}

START_TEST(what_an_answer_says_is_known)
{
	static const char *const said[] = {
		"Session: 12345678;timeout=45", "Content-Type: Multipart/X; boundary=b",
		"Public: OPTIONS, GET_PARAMETER,PLAY", "Content-Base: rtsp://h/x/",
		"Transport: RTP/AVP/TCP;unicast;interleaved=6-7;ssrc=12", NULL,
	};
	struct reply reply;

	hear(&reply, said);
	ck_assert_str_eq(reply.session, "12345678");
	ck_assert_uint_eq(reply.timeout, 45);
	ck_assert_str_eq(reply.type, "multipart/x");
	ck_assert_str_eq(reply.base, "rtsp://h/x/");
	ck_assert_int_eq(reply.channel, 6);
	ck_assert(reply.get_parameter);
}
END_TEST

/* RFC 2617, 3.5 and RFC 7617, 2: their own examples. */
START_TEST(a_password_is_shown_as_the_server_wants)
{
	static const struct secret secret = { "Mufasa", "Circle Of Life" };
	static const struct secret other = { "Aladdin", "open sesame" };
	static const char *const digest[] = {
		"WWW-Authenticate: Basic realm=\"x\"",
		"WWW-Authenticate: Digest realm=\"y\", nonce=\"1\", algorithm=SHA-256",
		"WWW-Authenticate: Digest realm=\"testrealm@host.com\", "
		"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
		NULL,
	};
	char line[AUTH_LINE_MAX];
	struct reply reply;

	hear(&reply, digest);
	ck_assert_int_eq(auth_write(line, &reply.challenge, &secret, "GET", "/dir/index.html", 1, NULL), 0);
	ck_assert_ptr_nonnull(strstr(line, "username=\"Mufasa\", realm=\"testrealm@host.com\""));
	ck_assert_ptr_nonnull(strstr(line, "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"\r\n"));
	/* Of RFC 2069, which has no qop, for the same question. */
	ck_assert_ptr_nonnull(strstr(line, "response=\"670fd8c2df070c60b045671b8b24ff02\""));
	ck_assert_ptr_null(strstr(line, "Circle"));
	hear(&reply, (const char *const[]){ digest[0], NULL });
	ck_assert_int_eq(auth_write(line, &reply.challenge, &other, "GET", "/", 1, NULL), 0);
	ck_assert_str_eq(line, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
}
END_TEST

START_TEST(without_a_password_or_a_way_to_show_it_there_is_no_access)
{
	const struct secret none = { "", "" }, secret = { "a", "b" };
	const struct challenge basic = { .basic = true }, unknown = { 0 };
	char line[AUTH_LINE_MAX];

	ck_assert_int_eq(auth_write(line, &basic, &none, "GET", "/", 1, NULL), -EACCES);
	ck_assert_int_eq(auth_write(line, &unknown, &secret, "GET", "/", 1, NULL), -EACCES);
}
END_TEST

static const struct {
	const char *said;
	bool basic, digest, stale;
} questions[] = {
	{ "Digest realm=\"r\", nonce=\"n\", stale=TRUE", false, true, true },
	{ "Digest realm=\"r\", nonce=\"n\", stale=\"false\"", false, true, false },
	{ "Basic realm=\"x, Digest y\"", true, false, false },
	{ "Basic realm=\"x\", Digest realm=\"r\", nonce=\"n\"", true, true, false },
	{ "Digest realm=\"r\", nonce=\"n\", Basic realm=\"x\"", true, true, false },
	{ "Digest realm=\"x\", nonce=\"m\", algorithm=SHA-256, Digest realm=\"r\", nonce=\"n\"",
	  false, true, false },
	{ "Digest realm=\"r\\\"\", nonce=\"n\"", false, false, false },
	{ "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"", false, false, false },
	{ "Digest realm=\"r\", nonce=\"n", false, false, false },
	{ "Negotiate abc==, Basic realm=\"a \\\"b\"", true, false, false },
};

START_TEST(of_several_questions_those_that_we_know_are_taken)
{
	struct reply reply;
	char line[128];

	snprintf(line, sizeof(line), "WWW-Authenticate: %s", questions[_i].said);
	hear(&reply, (const char *const[]){ line, NULL });
	ck_assert_int_eq(reply.challenge.basic, questions[_i].basic);
	ck_assert_int_eq(reply.challenge.digest, questions[_i].digest);
	ck_assert_int_eq(reply.challenge.stale, questions[_i].stale);
	ck_assert_str_eq(reply.challenge.realm, questions[_i].digest ? "r" : "");
	ck_assert_str_eq(reply.challenge.nonce, questions[_i].digest ? "n" : "");
}
END_TEST

START_TEST(a_value_that_does_not_fit_is_not_cut)
{
	char line[512];
	struct reply reply;

	snprintf(line, sizeof(line), "WWW-Authenticate: Digest realm=\"r\", nonce=\"%0*d\"", REPLY_TEXT_MAX, 0);
	hear(&reply, (const char *const[]){ line, NULL });
	ck_assert(!reply.challenge.digest);
}
END_TEST

START_TEST(an_answer_that_does_not_fit_is_none)
{
	const struct secret secret = { "a", "b" };
	struct challenge challenge = { .digest = true, .auth = true, .realm = "r" };
	char line[AUTH_LINE_MAX], uri[2 * AUTH_LINE_MAX] = "";
	unsigned fits = 0;
	int ret = 0;

	memset(challenge.nonce, 'n', sizeof(challenge.nonce) - 1);
	memset(challenge.opaque, 'o', sizeof(challenge.opaque) - 1);
	for (size_t length = 1; length < sizeof(uri); length++) {
		uri[length - 1] = 'u';
		ret = auth_write(line, &challenge, &secret, "GET", uri, 1, NULL);
		ck_assert(ret == -EBADMSG || (!ret && !strcmp(line + strlen(line) - 4, "o\"\r\n")));
		fits += !ret;
	}
	ck_assert_uint_gt(fits, 1000);
	ck_assert_int_eq(ret, -EBADMSG);
}
END_TEST

static const struct {
	const char *text;
	mode_t mode;
	int ret;
} secrets[] = {
	{ "me:pass:word\n", 0600, 0 },
	{ "me:pass:word", 0400, 0 },
	{ "me:pass:word\n", 0640, -EPERM },
	{ "me:pass:word\n\nmore\n", 0600, -EINVAL },
	{ "password\n", 0600, -EINVAL },
	{ ":password\n", 0600, -EINVAL },
	{ "me:\xff\n", 0600, -EBADMSG },
};

START_TEST(a_file_with_a_password_is_ours_alone)
{
	char path[] = "/tmp/scrim-secret-XXXXXX";
	int fd = mkstemp(path), length = strlen(secrets[_i].text);
	struct scrim_error err = { 0 };
	struct secret secret;

	ck_assert_int_eq(write(fd, secrets[_i].text, length), length);
	ck_assert_int_eq(fchmod(fd, secrets[_i].mode), 0);
	ck_assert_int_eq(secret_read(&secret, path, &err), secrets[_i].ret);
	ck_assert_ptr_null(strstr(err.text, "pass:"));
	ck_assert_str_eq(secret.user, secrets[_i].ret ? "" : "me");
	ck_assert_str_eq(secret.password, secrets[_i].ret ? "" : "pass:word");
	close(fd);
	unlink(path);
}
END_TEST

START_TEST(of_a_description_the_first_video_is_taken)
{
	char text[] = "v=0\r\no=x\r\nc=IN IP4 evil.example.com\r\na=control:*\r\n"
		"m=audio 0 RTP/AVP 0\r\na=control:sound\r\na=rtpmap:96 EVIL/1\r\n"
		"m=video 0 RTP/AVP 96 97\r\nc=IN IP4 1.2.3.4\r\na=rtpmap:97 H265/90000\r\n"
		"a=rtpmap:96 H264/90000\r\na=fmtp:96 x=y\r\na=control:picture\r\na=crypto:1 x\r\n"
		"m=video 0 RTP/AVP 98\r\na=rtpmap:98 JPEG/90000\r\na=control:other\r\n";
	struct sdp sdp;

	ck_assert_int_eq(sdp_parse(&sdp, text, strlen(text), NULL), 0);
	ck_assert_str_eq(sdp.base, "*");
	ck_assert_str_eq(sdp.control, "picture");
	ck_assert_str_eq(sdp.text, "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 x=y\r\n");
}
END_TEST

START_TEST(a_description_without_video_or_without_end_is_refused)
{
	char audio[] = "v=0\r\nm=audio 0 RTP/AVP 0\r\n", type[] = "m=video 0 RTP/AVP 128\r\n";
	size_t size = 400000;
	char *lines_of = malloc(size + 64);
	struct sdp sdp;

	ck_assert_int_eq(sdp_parse(&sdp, audio, strlen(audio), NULL), -ENOTSUP);
	ck_assert_int_eq(sdp_parse(&sdp, type, strlen(type), NULL), -ENOTSUP);
	strcpy(lines_of, "m=video 0 RTP/AVP 96\n");
	for (size_t at = strlen(lines_of); at < size; at += 12)
		strcpy(lines_of + at, "a=fmtp:96 x\n");
	ck_assert_int_eq(sdp_parse(&sdp, lines_of, strlen(lines_of), NULL), -EFBIG);
	free(lines_of);
}
END_TEST

/* A server at the other end, which has said all before it is asked. */

static int ends[2];

static void connect_pair(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	ck_assert_int_eq(setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &(int){ 1 << 20 }, sizeof(int)), 0);
}

static void disconnect_pair(void)
{
	close(ends[0]);
	close(ends[1]);
}

static void says(const void *bytes, size_t size)
{
	ck_assert_int_eq(write(ends[1], bytes, size), (ssize_t)size);
}

static void says_text(const char *text)
{
	says(text, strlen(text));
}

#define DESCRIPTION	"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n"

static void describes(unsigned cseq)
{
	char text[256];

	snprintf(text, sizeof(text), "RTSP/1.0 200 OK\r\nCSeq: %u\r\nContent-Length: %zu\r\n\r\n%s",
		 cseq, strlen(DESCRIPTION), DESCRIPTION);
	says_text(text);
}

static struct rtsp *call(void)
{
	static const struct url url = { .host = "porch", .port = "554", .path = "/live" };
	static const struct secret secret = { "me", "word" };
	struct rtsp *rtsp = calloc(1, sizeof(*rtsp));

	caller_begin(&rtsp->caller, ends[0], &url, &secret);
	return rtsp;
}

static void plays(struct rtsp *rtsp)
{
	says_text("RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, GET_PARAMETER\r\n\r\n");
	describes(2);
	says_text("RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 77;timeout=2\r\n"
		  "Transport: RTP/AVP/TCP;interleaved=2-3\r\n\r\n");
	ck_assert_int_eq(rtsp_begin(rtsp, NULL), 0);
}

/* What we have said to it so far. */
static const char *heard(void)
{
	static char text[65536];
	ssize_t got = recv(ends[1], text, sizeof(text) - 1, MSG_DONTWAIT);

	text[got < 0 ? 0 : got] = '\0';
	return text;
}

START_TEST(packets_of_the_video_come_out_between_what_else_is_said)
{
	struct rtsp *rtsp = call();
	const char *asked;
	uint8_t bytes[16];

	plays(rtsp);
	asked = heard();
	ck_assert_ptr_nonnull(strstr(asked, "SETUP rtsp://porch:554/live/v RTSP/1.0\r\n"));
	ck_assert_ptr_nonnull(strstr(asked, "PLAY rtsp://porch:554/live RTSP/1.0\r\n"));
	ck_assert_ptr_nonnull(strstr(asked, "Session: 77\r\n"));
	ck_assert_ptr_null(strstr(asked, "Authorization"));
	says("$\x03\0\x02no$\x02\0\x05video", 15);
	ck_assert_int_eq(rtsp_packet(rtsp, bytes, sizeof(bytes), NULL), 5);
	ck_assert_mem_eq(bytes, "video", 5);
	says_text("RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n"
		  "SET_PARAMETER rtsp://x RTSP/1.0\r\nCSeq: 9\r\nContent-Length: 3\r\n\r\nabc");
	says("$\x02\0\x04more", 8);
	ck_assert_int_eq(rtsp_packet(rtsp, bytes, 3, NULL), 3);
	ck_assert_mem_eq(bytes, "mor", 3);
	ck_assert_str_eq(heard(), "RTSP/1.0 501 Not Implemented\r\nCSeq: 9\r\n\r\n");
	/* It would end the session after two seconds. */
	sleep(1);
	says("$\x02\0\x01x", 5);
	ck_assert_int_eq(rtsp_packet(rtsp, bytes, 3, NULL), 1);
	ck_assert_ptr_nonnull(strstr(heard(), "GET_PARAMETER rtsp://porch:554/live RTSP/1.0\r\n"));
	free(rtsp);
}
END_TEST

START_TEST(a_gap_between_packets_is_seen)
{
	static const struct {
		const char *packet;
		bool lost;
	} packets[] = {
		{ "\x80\x60\xff\xfe", false }, { "\x80\xe0\xff\xff", false },
		{ "\x80\xc8\0\x06", false },	/* a report */
		{ "\x80\x61\0\x09", false },	/* something else */
		{ "\x80\x60\0\0", false }, { "\x80\x60\0\x02", true },
		{ "\x80\x60\0\x03", false }, { "\x80\x60\0\x03", true },
	};
	struct rtsp *rtsp = call();
	uint8_t bytes[16];

	plays(rtsp);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		says("$\x02\0\x04", 4);
		says(packets[i].packet, 4);
		ck_assert_int_eq(rtsp_packet(rtsp, bytes, sizeof(bytes), NULL), 4);
		ck_assert_msg(rtsp->lost == packets[i].lost, "packet %zu", i);
		rtsp->lost = false;
	}
	free(rtsp);
}
END_TEST

START_TEST(a_server_is_told_who_we_are_when_it_asks)
{
	struct rtsp *rtsp = call();
	const char *asked;

	says_text("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"
		  "RTSP/1.0 401 No\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"
		  "Content-Length: 2\r\n\r\nno");
	describes(3);
	says_text("RTSP/1.0 200 OK\r\nCSeq: 4\r\nTransport: a;interleaved=0-1\r\n\r\n");
	ck_assert_int_eq(rtsp_begin(rtsp, NULL), 0);
	asked = heard();
	ck_assert_ptr_nonnull(strstr(asked, "CSeq: 3\r\nUser-Agent: scrim\r\nAuthorization: Digest username=\"me\""));
	ck_assert_ptr_nonnull(strstr(asked, "uri=\"rtsp://porch:554/live/v\""));
	ck_assert_ptr_null(strstr(asked, "word"));
	free(rtsp);
}
END_TEST

/* _i: the answers to PLAY (4) and to what keeps the session. */
START_TEST(a_question_in_the_middle_is_answered_once)
{
	static const char stale[] = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", stale=true\r\n\r\n";
	struct rtsp *rtsp = call();
	uint8_t bytes[16];
	char text[256];
	int times = 0;

	plays(rtsp);
	heard();
	if (_i) {
		rtsp->alive_ns = 0;
		says("$\x02\0\x01x", 5);
		ck_assert_int_eq(rtsp_packet(rtsp, bytes, 3, NULL), 1);
		heard();
	}
	for (unsigned i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "RTSP/1.0 401 No\r\nCSeq: %u\r\n%s", 4 + i + _i, stale);
		says_text(text);
	}
	says("$\x02\0\x01x", 5);
	ck_assert_int_eq(rtsp_packet(rtsp, bytes, 3, NULL), _i ? 1 : -EKEYREJECTED);
	for (const char *at = heard(); (at = strstr(at, "Authorization: Digest")); at++)
		times++;
	ck_assert_int_eq(times, 1);
	free(rtsp);
}
END_TEST

static const struct {
	const char *said;
	int ret;
} hostile[] = {
	{ "", -EPIPE },
	{ "SSH-2.0-OpenSSH\r\n", -EBADMSG },
	{ "\x01\x02\x03\n", -EBADMSG },
	{ "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 65537\r\n\r\n", -EFBIG },
	{ "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: -5\r\n\r\n", -EBADMSG },
	{ "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nabc", -EPIPE },
	{ "RTSP/1.0 301 Moved\r\nCSeq: 1\r\nLocation: rtsp://evil/\r\n\r\n", -ENOTSUP },
	{ "RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Negotiate\r\n\r\n", -EACCES },
	{ "RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n"
	  "RTSP/1.0 401 No\r\nCSeq: 2\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n", -EKEYREJECTED },
	/* Another nonce does not make the password right. */
	{ "RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"1\"\r\n\r\n"
	  "RTSP/1.0 401 No\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"2\"\r\n\r\n", -EKEYREJECTED },
	{ "RTSP/1.0 200 OK\r\nCSeq: 1\r\nA\rB: c\r\n\r\n", -EBADMSG },
	{ "$\x01\xff\xff short", -EPIPE },
};

START_TEST(a_hostile_server_is_refused)
{
	struct rtsp *rtsp = call();

	says_text(hostile[_i].said);
	shutdown(ends[1], SHUT_WR);
	ck_assert_int_eq(rtsp_begin(rtsp, NULL), hostile[_i].ret);
	free(rtsp);
}
END_TEST

START_TEST(lines_end)
{
	char text[2 * REPLY_LINE_MAX];
	struct rtsp *rtsp = call();

	memset(text, 'x', sizeof(text));
	says(text, sizeof(text));
	ck_assert_int_eq(rtsp_begin(rtsp, NULL), -EBADMSG);
	free(rtsp);
}
END_TEST

START_TEST(there_are_so_many_lines_and_no_more)
{
	struct rtsp *rtsp = call();

	says_text("RTSP/1.0 200 OK\r\n");
	for (unsigned i = 0; i <= REPLY_LINES_MAX; i++)
		says_text("X: y\r\n");
	ck_assert_int_eq(rtsp_begin(rtsp, NULL), -EBADMSG);
	free(rtsp);
}
END_TEST

/* _i: how the length lies: what follows is no packet; and what is no answer. */
START_TEST(a_length_that_lies_ends_it)
{
	struct rtsp *rtsp = call();
	uint8_t bytes[64];

	plays(rtsp);
	says(_i ? "$\x02\0\x02video" : "$\x02\0\x09video", 9);
	shutdown(ends[1], SHUT_WR);
	ck_assert_int_eq(rtsp_packet(rtsp, bytes, sizeof(bytes), NULL), _i ? 2 : -EPIPE);
	if (_i)
		ck_assert_int_lt(rtsp_packet(rtsp, bytes, sizeof(bytes), NULL), 0);
	free(rtsp);
}
END_TEST

START_TEST(nothing_is_waited_for_longer_than_was_said)
{
	struct rtsp *rtsp = call();
	struct link *link = &rtsp->caller.link;
	int64_t began = link_now_ns();
	uint8_t byte;

	/* A drop now and then does not make it longer. */
	link_expect(link, 300);
	for (int ret = 1; ret > 0; usleep(20000)) {
		says("x", 1);
		ret = link_bytes(link, &byte, 1, NULL) < 0 ? -1 : 1;
	}
	ck_assert_int_gt(link_now_ns() - began, SECOND / 4);
	ck_assert_int_lt(link_now_ns() - began, 5 * SECOND);
	link_expect(link, 100);
	link->at = link->end;
	recv(ends[0], (char[4096]){ 0 }, 4096, MSG_DONTWAIT);
	ck_assert_int_eq(link_bytes(link, &byte, 1, NULL), -ETIMEDOUT);
	free(rtsp);
}
END_TEST

START_TEST(nothing_is_said_when_it_is_too_late)
{
	struct rtsp *rtsp = call();

	link_expect(&rtsp->caller.link, 0);
	ck_assert_int_eq(link_write(&rtsp->caller.link, "x", NULL), -ETIMEDOUT);
	ck_assert_str_eq(heard(), "");
	free(rtsp);
}
END_TEST

START_TEST(more_than_a_picture_can_have_is_not_read)
{
	struct rtsp *rtsp = call();
	struct link *link = &rtsp->caller.link;

	link->taken = LINK_TAKEN_MAX;
	says("x", 1);
	ck_assert_int_eq(link_bytes(link, NULL, 1, NULL), -EFBIG);
	link_expect(link, 1000);
	says("x", 1);
	ck_assert_int_eq(link_bytes(link, NULL, 1, NULL), 0);
	free(rtsp);
}
END_TEST

START_TEST(by_http_there_is_one_request)
{
	struct rtsp *rtsp = call();
	struct reply reply;
	char body[5] = "";

	says_text("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\nbody");
	ck_assert_int_eq(http_begin(&rtsp->caller, &reply, NULL), 0);
	ck_assert_str_eq(reply.type, "multipart/x-mixed-replace");
	ck_assert_int_eq(link_bytes(&rtsp->caller.link, body, 4, NULL), 0);
	ck_assert_str_eq(body, "body");
	ck_assert_int_eq(strncmp(heard(), "GET /live HTTP/1.0\r\nHost: porch:554\r\n", 35), 0);
	free(rtsp);
}
END_TEST

static const struct {
	const char *said;
	int ret;
} replies[] = {
	{ "HTTP/1.1 302 Found\r\nLocation: http://evil/\r\n\r\n", -ENOTSUP },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", -ENOTSUP },
	{ "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n", -ENOKEY },
	{ "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"1\"\r\n\r\n"
	  "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"1\"\r\n\r\n", -EKEYREJECTED },
};

START_TEST(by_http_what_is_no_video_is_an_error)
{
	struct rtsp *rtsp = call();
	struct reply reply;

	says_text(replies[_i].said);
	shutdown(ends[1], SHUT_WR);
	ck_assert_int_eq(http_begin(&rtsp->caller, &reply, NULL), replies[_i].ret);
	free(rtsp);
}
END_TEST

/* What is late is left out. */

START_TEST(on_time_everything_is_decoded_and_shown)
{
	struct late late = { 0 };

	for (int64_t now = SECOND; now < 3 * SECOND; now += SECOND / 30) {
		ck_assert_int_eq(late_packet(&late, _i, false, now - LATE_NS / 2, now), LATE_DECODE);
		ck_assert(late_picture(&late, now - LATE_NS / 2, now));
	}
}
END_TEST

START_TEST(who_is_late_sees_one_now_and_then_and_then_recent_ones)
{
	struct late late = { 0 };
	unsigned shown = 0;
	int64_t now;

	for (now = SECOND; now <= SECOND + LATE_JUMP_NS; now += SECOND / 30) {
		enum late_packet what = late_packet(&late, _i, false, SECOND, now);

		ck_assert_int_eq(what == LATE_DECODE_LESS, !_i && now - SECOND > LATE_NS);
		if (what != LATE_LEAVE)
			shown += late_picture(&late, SECOND, now);
	}
	/* Those that were not late yet, and one for each half second. */
	ck_assert_uint_ge(shown, 13);
	ck_assert_uint_le(shown, 17);
	ck_assert(late_picture(&late, now, now));
}
END_TEST

START_TEST(who_is_far_behind_begins_anew_with_a_picture_that_needs_no_other)
{
	struct late late = { 0 };
	int64_t now = SECOND + LATE_JUMP_NS + 1;

	ck_assert_int_eq(late_packet(&late, false, true, SECOND, now), LATE_LEAVE);
	ck_assert_int_eq(late_packet(&late, false, false, now, now), LATE_LEAVE);
	ck_assert_int_eq(late_packet(&late, false, true, now, now), LATE_DECODE);
	ck_assert_int_eq(late_packet(&late, false, false, now, now), LATE_DECODE);
}
END_TEST

#define COUNT(of)	((int)(sizeof(of) / sizeof((of)[0])))

Suite *network_suite(void)
{
	Suite *suite = suite_create("network");
	TCase *tcase = tcase_create("words");

	tcase_add_loop_test(tcase, an_address_is_taken_apart_and_has_no_user, 0, ADDRESSES);
	tcase_add_test(tcase, an_address_that_is_too_long_is_refused);
	tcase_add_loop_test(tcase, a_line_of_an_answer_is_sound_or_refused, 0, COUNT(lines));
	tcase_add_test(tcase, an_answer_begins_with_its_status);
	tcase_add_test(tcase, what_an_answer_says_is_known);
	tcase_add_test(tcase, a_password_is_shown_as_the_server_wants);
	tcase_add_test(tcase, without_a_password_or_a_way_to_show_it_there_is_no_access);
	tcase_add_loop_test(tcase, of_several_questions_those_that_we_know_are_taken, 0, COUNT(questions));
	tcase_add_test(tcase, a_value_that_does_not_fit_is_not_cut);
	tcase_add_test(tcase, an_answer_that_does_not_fit_is_none);
	tcase_add_loop_test(tcase, a_file_with_a_password_is_ours_alone, 0, COUNT(secrets));
	tcase_add_test(tcase, of_a_description_the_first_video_is_taken);
	tcase_add_test(tcase, a_description_without_video_or_without_end_is_refused);
	tcase_add_loop_test(tcase, on_time_everything_is_decoded_and_shown, 0, 2);
	tcase_add_loop_test(tcase, who_is_late_sees_one_now_and_then_and_then_recent_ones, 0, 2);
	tcase_add_test(tcase, who_is_far_behind_begins_anew_with_a_picture_that_needs_no_other);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("server");
	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, connect_pair, disconnect_pair);
	tcase_add_test(tcase, packets_of_the_video_come_out_between_what_else_is_said);
	tcase_add_test(tcase, a_gap_between_packets_is_seen);
	tcase_add_test(tcase, a_server_is_told_who_we_are_when_it_asks);
	tcase_add_loop_test(tcase, a_question_in_the_middle_is_answered_once, 0, 2);
	tcase_add_loop_test(tcase, a_hostile_server_is_refused, 0, COUNT(hostile));
	tcase_add_test(tcase, lines_end);
	tcase_add_test(tcase, there_are_so_many_lines_and_no_more);
	tcase_add_loop_test(tcase, a_length_that_lies_ends_it, 0, 2);
	tcase_add_test(tcase, nothing_is_waited_for_longer_than_was_said);
	tcase_add_test(tcase, nothing_is_said_when_it_is_too_late);
	tcase_add_test(tcase, more_than_a_picture_can_have_is_not_read);
	tcase_add_test(tcase, by_http_there_is_one_request);
	tcase_add_loop_test(tcase, by_http_what_is_no_video_is_an_error, 0, COUNT(replies));
	suite_add_tcase(suite, tcase);
	return suite;
}
