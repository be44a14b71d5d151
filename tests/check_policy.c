// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <stdio.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/videodev2.h>

#include "policy/keys.h"
#include "policy/policy.h"
#include "policy/sealed.h"

static struct policy policy;
static struct scrim_error err;

static int fd_with(const void *bytes, size_t size)
{
	int fd = memfd_create("policy", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), size);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int read_bytes(const void *bytes, size_t size, const char *camera)
{
	int fd = fd_with(bytes, size), ret;

	memset(&policy, 0x55, sizeof(policy));
	ret = policy_read(&policy, fd, "scrim.conf", camera, &err);
	close(fd);
	return ret;
}

static int read_text(const char *text, const char *camera)
{
	return read_bytes(text, strlen(text), camera);
}

/* What hides everything: faces are METHOD_UNSET, nothing is revealed. */
static void assert_hides_everything(void)
{
	static const struct policy empty;

	ck_assert_mem_eq(&policy, &empty, sizeof(policy));
	ck_assert_int_eq(policy.faces, METHOD_UNSET);
}

#define PORCH	"[camera porch]\npurpose = see who rings\n"

static const char full[] =
	"\xef\xbb\xbf# The front of the house.\r\n"
	"[camera porch]\r\n"
	"device  = /dev/v4l/by-id/usb-046d_0825-video-index0     ; the left one\r\n"
	"purpose = see who rings\r\n"
	"\tclass   = doorbell\r\n"
	"faces   = mosaic\r\n"
	"moving  : blur\r\n"
	"detector = replay\r\n"
	"replay = boxes;not a comment.txt\r\n"
	"model = /usr/share/scrim/yunet.onnx\r\n"
	"detect-size = 960x544\r\n"
	"on-demand = no\r\n"
	"notice = yes\r\n"
	"controls = brightness  focus_absolute\r\n"
	"size = 1920x1080\r\n"
	"rate = 30000/1001\r\n"
	"format = MJPG\r\n"
	"\r\n"
	"[region porch/street]\r\n"
	"polygon = 0,0.62  1,0.55  1,1  0,1   ; fractions of the picture\r\n"
	"method  = mosaic\r\n"
	"locked  = yes\r\n"
	"; and the other way round\r\n"
	"[region porch/Haust\xc3\xbcr]\r\n"
	"polygon = 0,0 1,0 1,1\r\n"
	"reveal = yes\r\n"
	"locked = no\r\n"
	"[region porch/night]\r\n"
	"polygon = 0,0 1,0 1,1\r\n"
	"between = 22:00-06:05";

START_TEST(every_key_is_read)
{
	ck_assert_msg(read_text(full, NULL) == 0, "%s", err.text);
	ck_assert_str_eq(policy.camera, "porch");
	ck_assert_str_eq(policy.device, "/dev/v4l/by-id/usb-046d_0825-video-index0");
	ck_assert_str_eq(policy.purpose, "see who rings");
	ck_assert_str_eq(policy.class, "doorbell");
	ck_assert_int_eq(policy.faces, METHOD_MOSAIC);
	ck_assert_int_eq(policy.moving, METHOD_BLUR);
	ck_assert_int_eq(policy.detector, DETECTOR_REPLAY);
	ck_assert_str_eq(policy.replay, "boxes;not a comment.txt");
	ck_assert_str_eq(policy.model, "/usr/share/scrim/yunet.onnx");
	ck_assert_uint_eq(policy.detect_w, 960);
	ck_assert_uint_eq(policy.detect_h, 544);
	ck_assert(policy.always_on && policy.notice);
	ck_assert_str_eq(policy.controls, "brightness focus_absolute");
	ck_assert_uint_eq(policy.wish.width, 1920);
	ck_assert_uint_eq(policy.wish.height, 1080);
	ck_assert_uint_eq(policy.wish.frames, 30000);
	ck_assert_uint_eq(policy.wish.seconds, 1001);
	ck_assert_uint_eq(policy.wish.fourcc, V4L2_PIX_FMT_MJPEG);
	ck_assert_uint_eq(policy.regions, 3);
	ck_assert_uint_eq(policy.region[2].between.from, 22 * 60);
	ck_assert_uint_eq(policy.region[2].between.to, 6 * 60 + 5);
	ck_assert_str_eq(policy.region[0].name, "street");
	ck_assert_int_eq(policy.region[0].method, METHOD_MOSAIC);
	ck_assert(policy.region[0].locked);
	ck_assert(!policy.region[0].reveal);
	ck_assert_uint_eq(policy.region[0].polygon.points, 4);
	ck_assert_float_eq(policy.region[0].polygon.at[1].y, .55f);
	ck_assert_str_eq(policy.region[1].name, "Haust\xc3\xbcr");
	ck_assert_int_eq(policy.region[1].method, METHOD_FILL);
	ck_assert(!policy.region[1].locked);
	ck_assert(policy.region[1].reveal);
}
END_TEST

START_TEST(what_is_not_said_covers_faces_and_nothing_else)
{
	struct policy plain;

	policy_default(&plain);
	ck_assert_int_eq(plain.faces, METHOD_FILL);
	ck_assert_int_eq(plain.detector, DETECTOR_FACE);
	ck_assert_uint_eq(plain.regions, 0);
	ck_assert_int_eq(read_text(PORCH, "porch"), 0);
	strcpy(plain.camera, "porch");
	strcpy(plain.purpose, "see who rings");
	ck_assert_mem_eq(&policy, &plain, sizeof(plain));
}
END_TEST

START_TEST(a_camera_is_chosen_by_name)
{
	static const char two[] =
		"[camera porch]\npurpose = a\nfaces = show\n"
		"[camera desk]\npurpose = b\n"
		"[region porch/street]\npolygon = 0,0 1,0 1,1\n"
		"[region desk/door]\npolygon = 0,0 1,0 1,1\nmethod = blur\n";

	ck_assert_msg(read_text(two, "desk") == 0, "%s", err.text);
	ck_assert_str_eq(policy.camera, "desk");
	ck_assert_str_eq(policy.purpose, "b");
	ck_assert_int_eq(policy.faces, METHOD_FILL);
	ck_assert_uint_eq(policy.regions, 1);
	ck_assert_str_eq(policy.region[0].name, "door");

	ck_assert_int_eq(read_text(two, "garage"), -ENOENT);
	ck_assert_str_eq(err.text, "scrim.conf: there is no [camera garage]");
	assert_hides_everything();
	ck_assert_int_eq(read_text(two, NULL), -EINVAL);
	ck_assert_str_eq(err.text, "scrim.conf:4: a second camera, 'desk'; say which one is meant");
	assert_hides_everything();
}
END_TEST

static const struct {
	const char *text, *error;
} mistakes[] = {
	{ PORCH "facse = fill\n", "3: unknown key 'facse' in [camera porch]" },
	{ PORCH "faces = fil\n", "3: faces: unknown method 'fil'" },
	{ PORCH "moving = all\n", "3: moving: unknown method 'all'" },
	{ PORCH "class = porch\n", "3: class: unknown class 'porch'" },
	{ PORCH "detector = facse\n", "3: detector: unknown detector 'facse'" },
	{ PORCH "detector = replay\n", "1: [camera porch] has detector = replay, but no replay" },
	{ PORCH "detect-size = 640\n", "3: detect-size: '640' is not a size" },
	{ PORCH "detect-size = 640x\n", "3: detect-size: '640x' is not a size" },
	{ PORCH "detect-size = 640x360x\n", "3: detect-size: '640x360x' is not a size" },
	{ PORCH "detect-size = -1x360\n", "3: detect-size: '-1x360' is not a size" },
	{ PORCH "detect-size = 0x360\n", "3: detect-size: size '0x360' is not between" },
	{ PORCH "detect-size = 640x99999\n", "3: detect-size: size '640x99999' is not between" },
	{ PORCH "detect-size = 640x999990\n", "3: detect-size: '640x999990' is not a size" },
	{ PORCH "device =\n", "3: device: there is no value" },
	{ PORCH "device = ; none\n", "3: device: there is no value" },
	{ PORCH "faces = fill # really\n", "3: faces: unknown method 'fill # really'" },
	{ PORCH "region = 0,0 1,0 1,1\n", "3: unknown key 'region' in [camera porch]" },
	{ PORCH "purpose = another\n", "3: 'purpose' is set twice in [camera porch]" },
	{ PORCH "faces\n", "3: this is neither a [section] nor key = value" },
	{ PORCH "faces", "3: this is neither a [section] nor key = value" },
	{ PORCH "= fill\n", "3: unknown key '' in [camera porch]" },
	{ PORCH "faces = fill\x01\n", "3: control character 0x01" },
	{ PORCH "device = rtsp:/me:word@porch\n", "3: device: not the address of a camera, which begins with rtsp://, "
	  "rtsps://, http:// or https://" },
	{ PORCH "device = rtsp://porch/\ntls-ca = /a.pem\n", "1: [camera porch] has tls-ca, but its device is" },
	{ PORCH "tls-ca = a.pem\n", "3: tls-ca: not the path of a file" },
	{ PORCH "device = caf\xe9\n", "3: byte 0xe9 is not UTF-8" },
	{ PORCH "device = \xc2\x9b\n", "3: control character 0x9b" },
	{ PORCH PORCH, "3: [camera porch] is there already, in line 1" },
	{ "faces = fill\n", "1: 'faces' stands before any section" },
	{ "[camera porch]\n", "1: [camera porch] has no purpose" },
	{ "[camera porch]\n[camera desk]\n", "1: [camera porch] has no purpose" },
	{ "[camera porch\n", "1: '[camera porch' is not a [section]" },
	{ "[camera porch] faces = show\n", "1: '[camera porch] faces = show' is not a [section]" },
	{ "[camera ;porch]\n", "1: '[camera' is not a [section]" },
	{ "[camera]\n", "1: unknown section [camera]" },
	{ "[cam porch]\n", "1: unknown section [cam porch]" },
	{ "[camera a/b]\n", "1: 'a/b' cannot be the name of a camera" },
	{ "[camera a b]\npurpose = p\ndevice = /dev/video0\n", "1: [camera a b] has a device, so its name is to be "
	  "at most 31 letters, digits, _, - and ., and no . first" },
	{ "[camera ..]\npurpose = p\ndevice = /dev/video0\n", "1: [camera ..] has a device, so its name is to be "
	  "at most 31 letters, digits, _, - and ., and no . first" },
	{ "[camera ]\n", "1: '' cannot be the name of a camera" },
	{ "[camera 12345678901234567890123456789012345678901234567890]\n",
	  "1: the name of a section is longer than 49 bytes" },
	{ PORCH "[region street]\n", "3: 'street' is not CAMERA/REGION" },
	{ PORCH "[region porch/]\n", "3: 'porch/' is not CAMERA/REGION" },
	{ PORCH "[region porhc/street]\n", "3: a region before or without its [camera porhc]" },
	{ PORCH "[region por/street]\n", "3: a region before or without its [camera por]" },
	{ PORCH "[region porch/street]\n", "3: [region porch/street] has no polygon" },
	{ PORCH "[region porch/street]\npolygon = 0,0 1,0 1,2\n", "4: polygon: '1,2' is not a point" },
	{ PORCH "[region porch/street]\npolygon = 0,0 1,0\n", "4: polygon: '0,0 1,0' is not three points" },
	{ PORCH "[region porch/street]\nmethod = gone\n", "4: method: unknown method 'gone'" },
	{ PORCH "[region porch/street]\nlocked = true\n", "4: locked: 'true' is neither yes nor no" },
	{ PORCH "[region porch/street]\nreveal = ja\n", "4: reveal: 'ja' is neither yes nor no" },
	{ PORCH "[region porch/street]\npurpose = x\n", "4: unknown key 'purpose' in [region porch/street]" },
	{ PORCH "[region porch/a]\npolygon = 0,0 1,0 1,1\nlocked=yes\nreveal=yes\n",
	  "3: [region porch/a] cannot be locked and reveal" },
	{ PORCH "[region porch/a]\npolygon = 0,0 1,0 1,1\nlocked=yes\nmethod=show\n",
	  "3: [region porch/a] cannot be locked and show" },
	{ PORCH "[region porch/a]\npolygon = 0,0 1,0 1,1\nreveal=yes\nmethod=show\n",
	  "3: [region porch/a] cannot be reveal and show" },
	{ PORCH "on-demand = maybe\n", "3: on-demand: 'maybe' is neither yes nor no" },
	{ PORCH "notice = perhaps\n", "3: notice: 'perhaps' is neither yes nor no" },
	{ PORCH "notice = yes\n[region porch/a]\npolygon = 0,0.5 0.5,0.2 1,0.5\nlocked = yes\n",
	  "4: [region porch/a] is locked, and the kernel would cover the badge" },
	{ PORCH "controls = brightness,focus\n", "3: controls: 'brightness,focus' is not the name of" },
	{ PORCH "controls = all brightness\n", "3: controls: 'all' and 'none' stand alone" },
	{ PORCH "readers = anna,bert\n", "3: readers: 'anna,bert' is not the name or the number of a user" },
	{ PORCH "readers = unit:nvr\n", "3: readers: 'unit:nvr' is not the name or the number of a "
	  "user, nor unit:NAME.service" },
	{ PORCH "readers = unit:cam@.service\n", "3: readers: 'unit:cam@.service' is not" },
	{ PORCH "readers = none anna\n", "3: readers: 'all' and 'none' stand alone" },
	{ PORCH "size = 641x480\n", "3: size: size '641x480' is odd" },
	{ PORCH "size = 640x8194\n", "3: size: size '640x8194' is not between" },
	{ PORCH "rate = 0\n", "3: rate: '0' is not a number of frames" },
	{ PORCH "rate = 30/\n", "3: rate: '30/' is not a number of frames" },
	{ PORCH "rate = 30/0\n", "3: rate: '30/0' is not a number of frames" },
	{ PORCH "rate = 1/2\n", "3: rate: '1/2' is not a number of frames" },
	{ PORCH "rate = 241\n", "3: rate: '241' is not a number of frames" },
	{ PORCH "rate = 30.0\n", "3: rate: '30.0' is not a number of frames" },
	{ PORCH "format = H264\n", "3: format: unknown format 'H264'" },
	{ PORCH "between = 22:00-06:00\n", "3: unknown key 'between' in [camera porch]" },
	{ PORCH "[region porch/a]\nbetween = 22-6\n", "4: between: '22-6' is not two times of day" },
	{ PORCH "[region porch/a]\nbetween = 24:00-06:00\n", "4: between: '24:00-06:00' is not two" },
	{ PORCH "[region porch/a]\nbetween = 22:00-06:60\n", "4: between: '22:00-06:60' is not two" },
	{ PORCH "[region porch/a]\nbetween = 22:00-22:00\n", "4: between: '22:00-22:00' is all day or never" },
	{ PORCH "[region porch/a]\npolygon = 0,0 1,0 1,1\nlocked=yes\nbetween=22:00-06:00\n",
	  "3: [region porch/a] cannot be between hours and locked" },
	{ PORCH "[region porch/a]\npolygon = 0,0 1,0 1,1\nreveal=yes\nbetween=22:00-06:00\n",
	  "3: [region porch/a] cannot be between hours and reveal" },
	{ PORCH "[region porch/a]\npolygon = 0,0 1,0 1,1\nmethod=show\nbetween=22:00-06:00\n",
	  "3: [region porch/a] cannot be between hours and show" },
	{ PORCH "[defaults]\nfaces = blur\n", "3: [defaults] holds for all cameras and stands before them" },
	{ "[defaults]\npurpose = p\n" PORCH, "2: unknown key 'purpose' in [defaults]" },
	{ "[defaults]\ndevice = /dev/video0\n" PORCH, "2: unknown key 'device' in [defaults]" },
	{ "[defaults]\nlocked = yes\n" PORCH, "2: unknown key 'locked' in [defaults]" },
	{ "[defaults]\nfaces = fill\n" PORCH "detector = none\n",
	  "3: [camera porch] covers faces, but has detector = none" },
	{ "[defaults]\ndetector = replay\n" PORCH, "3: [camera porch] has detector = replay, but no" },
	{ "[defaults x]\n" PORCH, "1: unknown section [defaults x]" },
};

#define MISTAKES	((int)(sizeof(mistakes) / sizeof(mistakes[0])))

START_TEST(a_mistake_is_named_with_file_line_and_word)
{
	char start[300];

	ck_assert_int_lt(read_text(mistakes[_i].text, NULL), 0);
	snprintf(start, sizeof(start), "scrim.conf:%s", mistakes[_i].error);
	ck_assert_msg(!strncmp(err.text, start, strlen(start)), "%s", err.text);
	assert_hides_everything();
}
END_TEST

START_TEST(a_mistake_in_another_camera_counts_as_well)
{
	ck_assert_int_eq(read_text(PORCH "[camera desk]\npurpose = x\nfaces = shwo\n", "porch"),
			 -EINVAL);
	ck_assert(strstr(err.text, "scrim.conf:5: faces: unknown method 'shwo'"));
	assert_hides_everything();
}
END_TEST

START_TEST(an_empty_policy_hides_everything)
{
	static const char *const empty[] = { "", "\n\n", "# nothing\n; at all", "\xef\xbb\xbf" };

	for (unsigned i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		ck_assert_int_eq(read_text(empty[i], NULL), -ENOENT);
		ck_assert_str_eq(err.text, "scrim.conf: there is no [camera NAME]");
		assert_hides_everything();
	}
}
END_TEST

START_TEST(a_text_with_nul_bytes_hides_everything)
{
	static const char text[] = PORCH "device = a\0b\n";

	ck_assert_int_eq(read_bytes(text, sizeof(text) - 1, NULL), -EBADMSG);
	ck_assert_str_eq(err.text, "scrim.conf:3: control character 0x00");
	assert_hides_everything();
}
END_TEST

START_TEST(a_huge_file_is_refused)
{
	size_t size = (1 << 20) + 1;
	char *text = malloc(size);

	memset(text, '#', size);
	ck_assert_int_eq(read_bytes(text, size, NULL), -EFBIG);
	assert_hides_everything();
	memset(text, '\n', size);
	memcpy(text + size - 1 - strlen(PORCH), PORCH, strlen(PORCH));
	ck_assert_int_eq(read_bytes(text, size - 1, NULL), 0);
	free(text);
}
END_TEST

START_TEST(a_descriptor_that_cannot_be_read_hides_everything)
{
	memset(&policy, 0x55, sizeof(policy));
	ck_assert_int_eq(policy_read(&policy, -1, "scrim.conf", NULL, &err), -EIO);
	assert_hides_everything();
}
END_TEST

START_TEST(a_polygon_of_all_points_fits_a_line)
{
	char text[4096] = PORCH "[region porch/street]\npolygon =";

	for (int i = 0; i < POLYGON_POINTS_MAX; i++)
		sprintf(text + strlen(text), " 0.%06d,0.%06d", 100 * i, 999999 - i * i);
	ck_assert_msg(read_text(text, NULL) == 0, "%s", err.text);
	ck_assert_uint_eq(policy.region[0].polygon.points, POLYGON_POINTS_MAX);
	ck_assert_float_eq(policy.region[0].polygon.at[63].x, .0063f);
	ck_assert_float_eq(policy.region[0].polygon.at[63].y, .99603f);
}
END_TEST

START_TEST(long_words_are_refused_or_whole)
{
	char text[8192] = PORCH "device = ";
	size_t at = strlen(text);

	memset(text + at, 'd', 150);
	ck_assert_int_eq(read_text(text, NULL), 0);
	ck_assert_uint_eq(strlen(policy.device), 150);
	memset(text + at, 'd', 4050);
	ck_assert_int_eq(read_text(text, NULL), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "scrim.conf:3: the line is too long"));
	memset(text + at, 'd', 5000);
	ck_assert_int_eq(read_text(text, NULL), -EINVAL);
	ck_assert_str_eq(err.text, "scrim.conf:3: the line is longer than 4096 bytes");
	assert_hides_everything();
}
END_TEST

START_TEST(a_long_value_is_read_whole)
{
	/* Wherever it is cut for libinih, no piece of it becomes a comment. */
	for (int shift = 0; shift < 9; shift++) {
		char value[POLICY_TEXT_MAX], text[512];

		memset(value, 'x', shift + 1);
		value[shift + 1] = '\0';
		for (int i = 0; i < 30; i++)
			strcat(value, " word #");
		snprintf(text, sizeof(text), PORCH "device = %s\n", value);
		ck_assert_msg(read_text(text, NULL) == 0, "%s", err.text);
		ck_assert_str_eq(policy.device, value);
	}
}
END_TEST

START_TEST(more_regions_than_fit_are_an_error)
{
	static char text[65536] = PORCH;

	for (int i = 0; i <= POLICY_REGIONS_MAX; i++) {
		ck_assert_int_eq(read_text(text, NULL), 0);
		ck_assert_uint_eq(policy.regions, i);
		sprintf(text + strlen(text), "[region porch/%d]\npolygon = 0,0 1,0 1,1\n", i);
	}
	ck_assert_int_eq(read_text(text, NULL), -EINVAL);
	ck_assert_str_eq(err.text, "scrim.conf:131: more than 64 regions");
	assert_hides_everything();
}
END_TEST

START_TEST(keys_are_set_from_the_command_line)
{
	policy_default(&policy);
	ck_assert_int_eq(policy_set(&policy, "faces", "blur", &err), 0);
	ck_assert_int_eq(policy_set(&policy, "detect-size", "320x240", &err), 0);
	ck_assert_int_eq(policy_set(&policy, "region", "0,0 1,0 1,1", &err), 0);
	ck_assert_int_eq(policy_set(&policy, "reveal", "0,0 1,0 1,1", &err), 0);
	ck_assert_int_eq(policy.faces, METHOD_BLUR);
	ck_assert_uint_eq(policy.detect_w, 320);
	ck_assert_uint_eq(policy.regions, 2);
	ck_assert(!policy.region[0].reveal);
	ck_assert_int_eq(policy.region[0].method, METHOD_FILL);
	ck_assert(policy.region[1].reveal);
	ck_assert_str_eq(policy.region[1].name, "2");

	ck_assert_int_eq(policy_set(&policy, "facse", "blur", &err), -EINVAL);
	ck_assert_str_eq(err.text, "unknown key 'facse'");
	ck_assert_int_eq(policy_set(&policy, "polygon", "0,0 1,0 1,1", &err), -EINVAL);
	ck_assert_int_eq(policy_set(&policy, "faces", "", &err), -EINVAL);
	ck_assert_str_eq(err.text, "faces: there is no value");
	ck_assert_int_eq(policy_set(&policy, "faces", "gone", &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "faces: unknown method 'gone'"));
	ck_assert_int_eq(policy_set(&policy, "region", "0,0 1,0 1,z", &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "region: '1,z'"));
	ck_assert_int_eq(policy.faces, METHOD_BLUR);
	ck_assert_uint_eq(policy.regions, 2);
	while (policy.regions < POLICY_REGIONS_MAX)
		ck_assert_int_eq(policy_set(&policy, "region", "0,0 1,0 1,1", &err), 0);
	ck_assert_int_eq(policy_set(&policy, "region", "0,0 1,0 1,1", &err), -EINVAL);
	ck_assert_str_eq(err.text, "region: more than 64 regions");
}
END_TEST

START_TEST(each_key_has_one_setter)
{
	ck_assert_uint_le(policy_keys_count, POLICY_KEYS_MAX);
	for (unsigned i = 0; i < policy_keys_count; i++) {
		const struct policy_key *key = &policy_keys[i];

		ck_assert_int_eq(!key->camera, key->where == IN_REGION);
		ck_assert_int_eq(!key->region, key->where != IN_REGION);
		ck_assert_ptr_eq(policy_key_find(key->name, key->where), key);
	}
}
END_TEST

START_TEST(without_memory_the_policy_hides_everything)
{
	int ret = -ENOMEM;

	for (unsigned n = 1; ret < 0; n++) {
		int fd = fd_with(full, sizeof(full) - 1);

		memset(&policy, 0x55, sizeof(policy));
		test_alloc_fail_at(n);
		ret = policy_read(&policy, fd, "scrim.conf", NULL, &err);
		test_alloc_fail_at(0);
		close(fd);
		ck_assert(ret == 0 || ret == -ENOMEM);
		if (ret < 0)
			assert_hides_everything();
	}
}
END_TEST

/* Each of these would have somebody write or read beyond an array. */
START_TEST(a_policy_of_a_bad_worker_is_told_from_a_sound_one)
{
	static struct policy sound, bad[14];

	policy_default(&sound);
	ck_assert_int_eq(policy_set(&sound, "region", "0,0 1,0 1,1", NULL), 0);
	ck_assert(policy_is_sound(&sound));
	for (unsigned i = 0; i < 14; i++)
		bad[i] = sound;
	bad[0].regions = POLICY_REGIONS_MAX + 1;
	bad[1].region[0].polygon.points = POLYGON_POINTS_MAX + 1;
	bad[2].region[0].polygon.points = 2;
	bad[3].region[0].polygon.at[1].x = NAN;
	bad[4].faces = METHOD_SHOW + 1;
	bad[5].detector = DETECTOR_NONE + 1;
	memset(bad[6].model, 'x', sizeof(bad[6].model));
	memset(bad[7].region[0].name, 'x', sizeof(bad[7].region[0].name));
	bad[8].region[0].method = METHOD_SHOW + 1;
	bad[9].region[0].between.to = MINUTES_A_DAY;
	memset(bad[10].controls, 'x', sizeof(bad[10].controls));
	bad[11].wish.width = 640;
	bad[12].wish.frames = 30;
	memset(bad[13].readers, 'x', sizeof(bad[13].readers));
	for (unsigned i = 0; i < 14; i++)
		ck_assert_msg(!policy_is_sound(&bad[i]), "%u", i);
}
END_TEST

START_TEST(more_regions_than_there_is_room_for_are_refused)
{
	policy_default(&policy);
	policy.regions = 1000;
	ck_assert_int_eq(policy_set(&policy, "region", "0,0 1,0 1,1", NULL), -EINVAL);
}
END_TEST

START_TEST(defaults_hold_for_every_camera_that_says_nothing_else)
{
	static const char text[] =
		"[defaults]\nfaces = blur\nmoving = fill\ncontrols = all\n"
		"[camera porch]\npurpose = p\n[camera desk]\npurpose = d\nfaces = fill\ncontrols = none\n";

	ck_assert_msg(read_text(text, "porch") == 0, "%s", err.text);
	ck_assert_int_eq(policy.faces, METHOD_BLUR);
	ck_assert_int_eq(policy.moving, METHOD_FILL);
	ck_assert_str_eq(policy.controls, "all");
	ck_assert_msg(read_text(text, "desk") == 0, "%s", err.text);
	ck_assert_int_eq(policy.faces, METHOD_FILL);
	ck_assert_int_eq(policy.moving, METHOD_FILL);
	ck_assert_str_eq(policy.controls, "");
}
END_TEST

START_TEST(a_region_holds_in_its_hours_and_when_nobody_knows_the_time)
{
	struct policy_region night = { .between = { 22 * 60, 6 * 60 } };
	struct policy_region day = { .between = { 6 * 60, 22 * 60 } };
	struct policy_region always = { 0 };

	for (int minute = 0; minute < MINUTES_A_DAY; minute++) {
		bool dark = minute >= 22 * 60 || minute < 6 * 60;

		ck_assert_int_eq(policy_region_holds(&night, minute), dark);
		ck_assert_int_eq(policy_region_holds(&day, minute), !dark);
		ck_assert(policy_region_holds(&always, minute));
	}
	for (int i = 0; i < 2; i++) {
		ck_assert(policy_region_holds(&night, i ? MINUTES_A_DAY : -1));
		ck_assert(policy_region_holds(&day, i ? MINUTES_A_DAY : -1));
	}
}
END_TEST

START_TEST(only_controls_that_are_named_are_allowed)
{
	policy_default(&policy);
	ck_assert(!policy_allows_control(&policy, "brightness"));
	ck_assert(!policy_allows_control(&policy, ""));
	ck_assert_int_eq(policy_set(&policy, "controls", "focus_absolute \t brightness", &err), 0);
	ck_assert(policy_allows_control(&policy, "Brightness"));
	ck_assert(policy_allows_control(&policy, "focus_absolute"));
	ck_assert(policy_allows_control(&policy, "Focus, Absolute"));
	ck_assert(!policy_allows_control(&policy, "focus"));
	ck_assert(!policy_allows_control(&policy, "bright"));
	ck_assert(!policy_allows_control(&policy, "brightness "  "x"));
	ck_assert(!policy_allows_control(&policy, "all"));
	ck_assert_int_eq(policy_set(&policy, "controls", "all", &err), 0);
	ck_assert(policy_allows_control(&policy, "Pan, Absolute"));
	ck_assert_int_eq(policy_set(&policy, "controls", "none", &err), 0);
	ck_assert(!policy_allows_control(&policy, "none"));
}
END_TEST

static bool allows(uid_t uid, const char *name, const char *unit)
{
	struct reader reader = { .uid = uid };

	strcpy(reader.unit, unit);
	return policy_allows_reader(&policy, &reader, name);
}

START_TEST(only_readers_that_are_named_are_allowed)
{
	policy_default(&policy);
	ck_assert(allows(1000, "anna", ""));
	ck_assert_int_eq(policy_set(&policy, "readers", "1000 \t motion", &err), 0);
	ck_assert(!policy_names_units(&policy));
	ck_assert(allows(1000, "anna", ""));
	ck_assert(allows(112, "motion", "cron.service"));
	ck_assert(!allows(100, "anna", ""));
	ck_assert(!allows(0, "root", ""));
	ck_assert(!allows(5, "", ""));
	ck_assert(!allows(5, "motio", ""));
	ck_assert_int_eq(policy_set(&policy, "readers", "none", &err), 0);
	ck_assert(!allows(5, "none", ""));
	ck_assert_int_eq(policy_set(&policy, "readers", "all", &err), 0);
	ck_assert(allows(5, "", ""));
}
END_TEST

START_TEST(only_units_that_are_named_are_allowed)
{
	policy_default(&policy);
	ck_assert_int_eq(policy_set(&policy, "readers", "anna unit:nvr.service  "
				    "unit:cam@front\\x2ddoor.service", &err), 0);
	ck_assert(policy_names_units(&policy));
	ck_assert(allows(5, "", "nvr.service"));
	ck_assert(allows(0, "root", "nvr.service"));
	ck_assert(allows(5, "", "cam@front\\x2ddoor.service"));
	ck_assert(allows(1000, "anna", ""));
	ck_assert(!allows(0, "root", ""));
	ck_assert(!allows(5, "", "cam@.service"));
	ck_assert(!allows(5, "", "cam@front-door.service"));
	ck_assert(!allows(5, "", "vr.service"));
	ck_assert(!allows(5, "", "anna"));
	/* What a user is called makes nobody a service, nor the other way round. */
	ck_assert(!allows(5, "nvr.service", ""));
	ck_assert(!allows(5, "unit:nvr.service", ""));
	ck_assert_int_eq(policy_set(&policy, "readers", "nvr.service", &err), 0);
	ck_assert(!allows(5, "", "nvr.service"));
	ck_assert_int_eq(policy_set(&policy, "readers", "none", &err), 0);
	ck_assert(!allows(5, "", "nvr.service"));
}
END_TEST

/* Reads these texts as the files a.conf, b.conf ... of a folder. */
static struct policies *read_all(const char *const *texts, unsigned count)
{
	static const char *const names[] = { "a.conf", "b.conf", "c.conf" };
	struct policies *all = calloc(1, sizeof(*all));
	struct policy_file files[3];

	ck_assert_ptr_nonnull(all);
	for (unsigned i = 0; i < count; i++)
		files[i] = (struct policy_file){ fd_with(texts[i], strlen(texts[i])), names[i] };
	policies_read(all, files, count);
	for (unsigned i = 0; i < count; i++)
		close(files[i].fd);
	return all;
}

START_TEST(all_cameras_of_all_files_are_read)
{
	static const char *const texts[] = {
		"[defaults]\nfaces = blur\n",
		(PORCH "[region porch/a]\npolygon = 0,0 1,0 1,1\n[camera desk]\npurpose = d\nfaces = fill\n"
		"[region porch/b]\npolygon = 0,0 1,0 1,1\n"),
		"[camera yard]\npurpose = y\n[region yard/a]\npolygon = 0,0 1,0 1,1\nlocked = yes\n",
	};
	struct policies *all = read_all(texts, 3);

	ck_assert_msg(!all->errors, "%s", all->error[0]);
	ck_assert_uint_eq(all->count, 3);
	ck_assert_str_eq(all->at[0].camera, "porch");
	ck_assert_uint_eq(all->at[0].regions, 2);
	ck_assert_int_eq(all->at[0].faces, METHOD_BLUR);
	ck_assert_int_eq(all->at[1].faces, METHOD_FILL);
	ck_assert_uint_eq(all->at[1].regions, 0);
	ck_assert_str_eq(all->at[2].camera, "yard");
	ck_assert_int_eq(all->at[2].faces, METHOD_BLUR);
	ck_assert(all->at[2].region[0].locked);
	free(all);
}
END_TEST

START_TEST(every_mistake_in_every_file_is_told_and_none_hides_another)
{
	static const char *const texts[] = {
		("facse = fill\n[camera porch]\nfaces = fil\nmovnig = show\nnothing\n[camera /]\nfaces = x\n"
		"[region porch/a]\nmethod = gone\n[region porch/a]\n[camera porch]\npurpose = x\n"
		"[region nobody/x]\npolygon = 1,1\n[broken\nfaces = fil\n[region porch/c]\npolygon = 0,0 1,1\n"),
		("[camera desk]\npurpose = d\n[camera porch]\npurpose = p\nfaces = hide\n"
		"[region porch/a]\nlocked = perhaps\n[defaults]\n"),
		"\x01",
	};
	static const char *const expected[] = {
		"a.conf:1: 'facse' stands before any section",
		"a.conf:3: faces: unknown method 'fil'",
		"a.conf:4: unknown key 'movnig' in [camera porch]",
		"a.conf:5: this is neither a [section] nor key = value",
		"a.conf:2: [camera porch] has no purpose",
		"a.conf:6: '/' cannot be the name of a camera",
		"a.conf:9: method: unknown method 'gone'",
		"a.conf:8: [region porch/a] has no polygon",
		"a.conf:10: [region porch/a] is there already, in line 8",
		"a.conf:11: [camera porch] is there already, in line 2",
		"a.conf:13: a region before or without its [camera nobody]",
		"a.conf:15: '[broken' is not a [section]",
		"a.conf:18: polygon: '0,0 1,1' is not three points",
		"b.conf:3: [camera porch] is there already, in another file",
		"b.conf:7: locked: 'perhaps' is neither yes nor no",
		"b.conf:6: [region porch/a] has no polygon",
		"b.conf:8: [defaults] holds for all cameras",
		"c.conf:1: control character 0x01",
	};
	struct policies *all = read_all(texts, 3);

	for (unsigned i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		ck_assert_msg(!strncmp(all->error[i], expected[i], strlen(expected[i])),
			      "%u: %s, not %s", i, all->error[i], expected[i]);
	ck_assert_uint_eq(all->errors, sizeof(expected) / sizeof(expected[0]));
	ck_assert_uint_eq(all->count, 0);
	free(all);
}
END_TEST

/* Whatever one camera's reader refuses, the reader of all refuses as well, in the same words. */
START_TEST(both_readers_find_the_same_first_mistake)
{
	struct policies *all = read_all(&mistakes[_i].text, 1);
	bool found = false;

	ck_assert_int_lt(read_text(mistakes[_i].text, NULL), 0);
	if (strstr(err.text, "say which one is meant"))
		return;
	ck_assert_uint_ge(all->errors, 1);
	for (unsigned i = 0; i < all->errors; i++)
		found |= !strncmp(strchr(all->error[i], ':'), strchr(err.text, ':'), 200);
	ck_assert_msg(found, "%s is not told, but %s", err.text, all->error[0]);
	free(all);
}
END_TEST

START_TEST(more_mistakes_than_there_is_room_for_are_counted)
{
	char text[4096] = PORCH;
	const char *texts = text;
	struct policies *all;

	for (int i = 0; i < POLICY_ERRORS_MAX + 10; i++)
		sprintf(text + strlen(text), "x%d = y\n", i);
	all = read_all(&texts, 1);
	ck_assert_uint_eq(all->errors, POLICY_ERRORS_MAX + 10);
	ck_assert_uint_eq(all->count, 0);
	free(all);
}
END_TEST

START_TEST(more_cameras_than_there_is_room_for_are_an_error)
{
	static char text[16384];
	const char *texts = text;
	struct policies *all;

	for (int i = 0; i <= POLICIES_MAX; i++)
		sprintf(text + strlen(text), "[camera %d]\npurpose = p\n[region %d/a]\npolygon = 0,0 1,0 1,1\n",
			i, i);
	all = read_all(&texts, 1);
	ck_assert_uint_eq(all->errors, 1);
	ck_assert_str_eq(all->error[0], "a.conf:257: more than 64 cameras");
	ck_assert_uint_eq(all->count, 0);
	free(all);
}
END_TEST

/* The file is written to and the copy is not; who has its descriptor cannot do so either. */
START_TEST(what_the_detector_reads_stays_as_it_was_taken)
{
	static const char before[] = "0 1 1 2 2\n", after[] = "0 9 9 9 9\n";
	char path[] = "/tmp/boxes-XXXXXX", now[sizeof(before)] = "";
	int file = mkstemp(path);
	struct sealed sealed;

	ck_assert_int_eq(write(file, before, strlen(before)), (ssize_t)strlen(before));
	policy = (struct policy){ .detector = DETECTOR_REPLAY };
	snprintf(policy.replay, sizeof(policy.replay), "%s", path);
	ck_assert_int_eq(sealed_take(&sealed, &policy, &err), 0);
	ck_assert_int_eq(pwrite(file, after, strlen(after), 0), (ssize_t)strlen(after));
	unlink(path);
	close(file);

	ck_assert_int_eq(pread(sealed.boxes, now, sizeof(now), 0), (ssize_t)strlen(before));
	ck_assert_str_eq(now, before);
	ck_assert_int_lt(pwrite(sealed.boxes, after, 1, 0), 0);
	ck_assert_int_lt(ftruncate(sealed.boxes, 0), 0);
	ck_assert_int_lt(ftruncate(sealed.boxes, 4096), 0);
	ck_assert(mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, sealed.boxes, 0) == MAP_FAILED);
	ck_assert_int_lt(fcntl(sealed.boxes, F_ADD_SEALS, 0), 0);
	sealed_free(&sealed);
}
END_TEST

Suite *policy_suite(void)
{
	Suite *suite = suite_create("policy");
	TCase *tcase = tcase_create("policy");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, every_key_is_read);
	tcase_add_test(tcase, what_is_not_said_covers_faces_and_nothing_else);
	tcase_add_test(tcase, a_camera_is_chosen_by_name);
	tcase_add_loop_test(tcase, a_mistake_is_named_with_file_line_and_word, 0, MISTAKES);
	tcase_add_test(tcase, a_mistake_in_another_camera_counts_as_well);
	tcase_add_test(tcase, an_empty_policy_hides_everything);
	tcase_add_test(tcase, a_text_with_nul_bytes_hides_everything);
	tcase_add_test(tcase, a_huge_file_is_refused);
	tcase_add_test(tcase, a_descriptor_that_cannot_be_read_hides_everything);
	tcase_add_test(tcase, a_polygon_of_all_points_fits_a_line);
	tcase_add_test(tcase, long_words_are_refused_or_whole);
	tcase_add_test(tcase, a_long_value_is_read_whole);
	tcase_add_test(tcase, more_regions_than_fit_are_an_error);
	tcase_add_test(tcase, keys_are_set_from_the_command_line);
	tcase_add_test(tcase, each_key_has_one_setter);
	tcase_add_test(tcase, a_policy_of_a_bad_worker_is_told_from_a_sound_one);
	tcase_add_test(tcase, more_regions_than_there_is_room_for_are_refused);
	tcase_add_test(tcase, without_memory_the_policy_hides_everything);
	tcase_add_test(tcase, defaults_hold_for_every_camera_that_says_nothing_else);
	tcase_add_test(tcase, a_region_holds_in_its_hours_and_when_nobody_knows_the_time);
	tcase_add_test(tcase, only_controls_that_are_named_are_allowed);
	tcase_add_test(tcase, only_readers_that_are_named_are_allowed);
	tcase_add_test(tcase, only_units_that_are_named_are_allowed);
	tcase_add_test(tcase, all_cameras_of_all_files_are_read);
	tcase_add_test(tcase, every_mistake_in_every_file_is_told_and_none_hides_another);
	tcase_add_loop_test(tcase, both_readers_find_the_same_first_mistake, 0, MISTAKES);
	tcase_add_test(tcase, more_mistakes_than_there_is_room_for_are_counted);
	tcase_add_test(tcase, more_cameras_than_there_is_room_for_are_an_error);
	tcase_add_test(tcase, what_the_detector_reads_stays_as_it_was_taken);
	suite_add_tcase(suite, tcase);
	return suite;
}
